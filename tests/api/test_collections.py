# SPDX-License-Identifier: Apache-2.0
"""Creating, showing, changing and dropping collections (data.md 2)."""

import pytest

pytestmark = pytest.mark.smoke

DEFAULT_HNSW = {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000, "max_indexing_threads": 0,
                "on_disk": False}
DEFAULT_OPTIMIZER = {"deleted_threshold": 0.2, "vacuum_min_vector_number": 1000, "default_segment_number": 0,
                     "max_segment_size": None, "memmap_threshold": None, "indexing_threshold": 10000,
                     "flush_interval_sec": 5, "max_optimization_threads": None, "prevent_unoptimized": None}


def test_minimal_collection_shows_all_defaults(new_collection):
    collection = new_collection({"vectors": {"size": 4, "distance": "Dot"}})
    info = collection.info().result
    config = info["config"]
    assert config["params"] == {"vectors": {"size": 4, "distance": "Dot"}, "shard_number": 1,
                                "replication_factor": 1, "write_consistency_factor": 1, "on_disk_payload": True}
    assert config["hnsw_config"] == DEFAULT_HNSW
    assert config["optimizer_config"] == DEFAULT_OPTIMIZER
    assert config["wal_config"] == {"wal_capacity_mb": 32, "wal_segments_ahead": 0, "wal_retain_closed": 1}
    assert config["quantization_config"] is None
    assert "strict_mode_config" not in config and "metadata" not in config
    assert info["payload_schema"] == {}
    assert info["status"] == "green"
    assert info["optimizer_status"] == "ok"
    assert info["points_count"] == 0
    assert info["indexed_vectors_count"] == 0
    assert info["segments_count"] >= 1
    assert "warnings" not in info and "vectors_count" not in info
    assert info["update_queue"]["length"] == 0


def test_empty_body_makes_a_collection_without_vectors(new_collection):
    collection = new_collection({})
    assert collection.info().result["config"]["params"]["vectors"] == {}
    assert collection.upsert([{"id": 1, "vector": {}, "payload": {"a": 1}}]).result["status"] == "completed"
    assert collection.point(1).result == {"id": 1, "payload": {"a": 1}, "vector": {}}


def test_named_vectors_are_shown_as_a_map(new_collection):
    vectors = {"a": {"size": 4, "distance": "Cosine"}, "b": {"size": 2, "distance": "Manhattan", "on_disk": True}}
    collection = new_collection({"vectors": vectors})
    assert collection.info().result["config"]["params"]["vectors"] == vectors


def test_given_settings_are_shown(new_collection):
    collection = new_collection({
        "vectors": {"size": 3, "distance": "Euclid", "hnsw_config": {"m": 24}},
        "hnsw_config": {"m": 8, "ef_construct": 50, "payload_m": 4},
        "optimizers_config": {"indexing_threshold": 5, "max_optimization_threads": 2},
        "wal_config": {"wal_capacity_mb": 4}, "shard_number": 2, "on_disk_payload": False,
        "metadata": {"owner": "tests", "n": 1}})
    config = collection.info().result["config"]
    assert config["params"]["vectors"] == {"size": 3, "distance": "Euclid", "hnsw_config": {"m": 24}}
    assert config["params"]["shard_number"] == 2
    assert config["params"]["on_disk_payload"] is False
    assert config["hnsw_config"] == {**DEFAULT_HNSW, "m": 8, "ef_construct": 50, "payload_m": 4}
    assert config["optimizer_config"] == {**DEFAULT_OPTIMIZER, "indexing_threshold": 5, "max_optimization_threads": 2}
    assert config["wal_config"]["wal_capacity_mb"] == 4
    assert config["metadata"] == {"owner": "tests", "n": 1}


def test_field_aliases_and_unknown_fields_on_create(new_collection):
    collection = new_collection({"vectors": {"size": 4, "distance": "Dot", "unknown": 1},
                                 "optimizer_config": {"indexing_threshold_kb": 7}, "init_from": {"collection": "x"},
                                 "hnsw_config": {"full_scan_threshold_kb": 99}})
    config = collection.info().result["config"]
    assert config["optimizer_config"]["indexing_threshold"] == 7
    assert config["hnsw_config"]["full_scan_threshold"] == 99


def test_same_name_twice_is_a_conflict(points):
    answer = points.create({"vectors": {"size": 4, "distance": "Dot"}})
    answer.expect_error(409, f"Wrong input: Collection `{points.name}` already exists!")


@pytest.mark.parametrize("body, status, part", [
    ({"vectors": {"size": 65537, "distance": "Dot"}}, 422,
     "Validation error in JSON body: [vectors.size: value 65537 invalid, must be from 1 to 65536]"),
    ({"vectors": {"size": 0, "distance": "Dot"}}, 400, "Format error in JSON body: "),
    ({"vectors": {"size": -1, "distance": "Dot"}}, 400, "Format error in JSON body: "),
    ({"vectors": {"size": 1.5, "distance": "Dot"}}, 400, "Format error in JSON body: "),
    ({"vectors": {"size": 4, "distance": "cosine"}}, 400, "Format error in JSON body: "),
    ({"vectors": {"size": 4}}, 400, "Format error in JSON body: "),
    ({"vectors": {"distance": "Dot"}}, 400, "Format error in JSON body: "),
    ({"vectors": 4}, 400, "Format error in JSON body: "),
    ({"vectors": {"size": 4, "distance": "Dot"}, "hnsw_config": {"ef_construct": 3}}, 422,
     "hnsw_config.ef_construct: value 3 invalid, must be 4 or larger"),
    ({"vectors": {"size": 4, "distance": "Dot"}, "hnsw_config": {"full_scan_threshold": 9}}, 422,
     "hnsw_config.full_scan_threshold: value 9 invalid, must be 10 or larger"),
    ({"vectors": {"size": 4, "distance": "Dot"}, "optimizers_config": {"deleted_threshold": 1.5}}, 422,
     "optimizers_config.deleted_threshold: value 1.5 invalid, must be from 0"),
    ({"vectors": {"size": 4, "distance": "Dot"}, "optimizers_config": {"vacuum_min_vector_number": 99}}, 422,
     "optimizers_config.vacuum_min_vector_number: value 99 invalid, must be 100 or larger"),
    ({"vectors": {"a/b": {"size": 4, "distance": "Dot"}}}, 400, "nvalid"),
    ({"vectors": {"x" * 201: {"size": 4, "distance": "Dot"}}}, 400, "nvalid"),
])
def test_bad_create_bodies(rest, body, status, part):
    collection = rest.collection("bad-create")
    collection.create(body).expect_error(status, part)
    assert collection.info().status == 404


@pytest.mark.parametrize("field", ["shard_number", "replication_factor", "write_consistency_factor"])
def test_zero_never_makes_a_collection(rest, field):
    answer = rest.put("/collections/zero", {"vectors": {"size": 4, "distance": "Dot"}, field: 0})
    assert answer.status in (400, 422) and answer.error
    assert rest.get("/collections/zero/exists").result == {"exists": False}


@pytest.mark.parametrize("name", ["a<b", "a>b", "a:b", 'a"b', "a\\b", "a|b", "a?b", "a*b", "a\x1fb"])
def test_forbidden_characters_in_a_new_name(rest, name):
    answer = rest.collection(name).create({"vectors": {"size": 4, "distance": "Dot"}})
    assert answer.status == 422, str(answer)
    assert "collection name cannot contain" in answer.error


def test_length_of_a_new_name(rest):
    longest = rest.collection("ä" * 255)
    try:
        assert longest.create({"vectors": {"size": 4, "distance": "Dot"}}).result is True
        assert longest.info().status == 200
    finally:
        longest.drop()
    rest.collection("x" * 256).create({}).expect_error(422, "must be from 1 to 255 characters")


@pytest.mark.parametrize("name", ["with space", ".hidden", "..", ".", "a.b", "CON", "-dash", "naïve", "中文", "%41"])
def test_odd_but_legal_names(rest, name):
    if name in (".", ".."):
        # HTTP clients and servers may fold dot segments, so they are sent escaped.
        collection = rest.collection("x")
        collection.name, collection.path = name, "/collections/" + name.replace(".", "%2E")
    else:
        collection = rest.collection(name)
    try:
        assert collection.create({"vectors": {"size": 2, "distance": "Dot"}}).result is True
        assert collection.upsert([{"id": 1, "vector": [1, 2]}]).result["status"] == "completed"
        assert collection.ids() == [1]
        assert {"name": name} in rest.get("/collections").result["collections"]
    finally:
        assert collection.drop().result is True
    assert collection.info().status == 404


def test_missing_collection(rest):
    absent = rest.collection("absent")
    text = "Not found: Collection `absent` doesn't exist!"
    for answer in (absent.info(), absent.patch({}), absent.upsert([{"id": 1, "vector": [1]}]), absent.retrieve([1]),
                   absent.point(1), absent.scroll(), absent.count(), absent.query(limit=1), absent.delete(points=[1]),
                   absent.set_payload({"a": 1}, points=[1]), absent.create_index("a", "keyword"),
                   absent.drop_index("a"), absent.batch([{"delete": {"points": [1]}}]),
                   absent.search(vector=[1.0], limit=1)):
        answer.expect_error(404, text)
    assert absent.drop().result is False
    assert rest.get("/collections/absent/exists").result == {"exists": False}
    assert rest.get("/collections/absent/aliases").result == {"aliases": []}


def test_list_is_sorted_and_drop_forgets(rest):
    names = ["list-b", "list-a", "list-C", "list-10"]
    for name in names:
        assert rest.collection(name).create({}).result is True
    listed = [one["name"] for one in rest.get("/collections").result["collections"]]
    assert listed == sorted(listed)
    assert set(names) <= set(listed)
    for name in names:
        assert rest.get(f"/collections/{name}/exists").result == {"exists": True}
        assert rest.collection(name).drop().result is True
        assert rest.collection(name).drop().result is False
    assert not set(names) & {one["name"] for one in rest.get("/collections").result["collections"]}


def test_a_name_can_be_used_again(rest):
    collection = rest.collection("again")
    for size in (4, 2):
        assert collection.create({"vectors": {"size": size, "distance": "Dot"}}).result is True
        assert collection.ids() == []
        assert collection.upsert([{"id": 1, "vector": [1.0] * size}]).result["status"] == "completed"
        assert collection.count().result == {"count": 1}
        assert collection.drop().result is True


@pytest.mark.parametrize("timeout, status, part", [
    (0, 422, "Validation error in query parameters: [timeout: value 0 invalid, must be 1 or larger]"),
    ("x", 400, "Deserialize error in query parameters: "),
    (-1, 400, "Deserialize error in query parameters: "),
])
def test_timeout_of_collection_calls(points, timeout, status, part):
    points.client.patch(f"{points.path}?timeout={timeout}", {}).expect_error(status, part)


def test_patch_merges_and_null_leaves_things_as_they_are(points):
    assert points.patch({"hnsw_config": {"m": 32}, "optimizers_config": {"indexing_threshold": 77},
                         "metadata": {"a": 1, "b": {"c": 2}}}).result is True
    assert points.patch({"hnsw_config": {"ef_construct": 120, "m": None}, "optimizers_config": None,
                         "metadata": {"a": None, "d": 3}}).result is True
    config = points.info().result["config"]
    assert config["hnsw_config"] == {**DEFAULT_HNSW, "m": 32, "ef_construct": 120}
    assert config["optimizer_config"] == {**DEFAULT_OPTIMIZER, "indexing_threshold": 77}
    assert config["metadata"] == {"b": {"c": 2}, "d": 3}


def test_patch_of_one_vector(new_collection):
    collection = new_collection({"vectors": {"a": {"size": 2, "distance": "Dot"}}})
    assert collection.patch({"vectors": {"a": {"hnsw_config": {"m": 20}, "on_disk": True}}}).result is True
    shown = collection.info().result["config"]["params"]["vectors"]["a"]
    assert shown == {"size": 2, "distance": "Dot", "hnsw_config": {"m": 20}, "on_disk": True}
    collection.patch({"vectors": {"x": {"on_disk": True}}}).expect_error(
        400, "Wrong input: Not existing vector name error: x")
    unnamed = new_collection()
    assert unnamed.patch({"vectors": {"": {"on_disk": True}}}).result is True
    assert unnamed.info().result["config"]["params"]["vectors"]["on_disk"] is True


def test_patch_keeps_the_points(points):
    points.upsert([{"id": i, "vector": [i, 0, 0, 1]} for i in range(20)]).result
    assert points.patch({"hnsw_config": {"m": 5}, "params": {"replication_factor": 1}}).result is True
    assert points.ids() == list(range(20))


def test_patch_refuses_what_is_out_of_range(points):
    points.patch({"hnsw_config": {"ef_construct": 1}}).expect_error(422, "must be 4 or larger")
    assert points.info().result["config"]["hnsw_config"] == DEFAULT_HNSW


def test_counts_of_the_info(points):
    points.upsert([{"id": i, "vector": [i, 0, 0, 1]} for i in range(15)]).result
    points.delete(points=[0, 1]).result
    assert points.info().result["points_count"] == 13
