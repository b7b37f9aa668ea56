# SPDX-License-Identifier: Apache-2.0
"""Aliases (data.md 2.1, 2.5)."""

import pytest

pytestmark = pytest.mark.smoke


def act(rest, *actions):
    return rest.post("/collections/aliases", {"actions": list(actions)})


def create(collection, alias):
    return {"create_alias": {"collection_name": collection, "alias_name": alias}}


def drop(alias):
    return {"delete_alias": {"alias_name": alias}}


def rename(old, new):
    return {"rename_alias": {"old_alias_name": old, "new_alias_name": new}}


def all_aliases(rest):
    return {one["alias_name"]: one["collection_name"] for one in rest.get("/aliases").result["aliases"]}


def test_an_alias_stands_for_its_collection(rest, points):
    alias = f"{points.name}-alias"
    assert act(rest, create(points.name, alias)).result is True
    named = rest.collection(alias)
    assert named.upsert([{"id": 1, "vector": [1, 2, 3, 4], "payload": {"a": 1}}]).result["status"] == "completed"
    assert points.ids() == named.ids() == [1]
    assert named.count().result == {"count": 1}
    assert named.query(query=[1, 0, 0, 0]).result["points"][0]["id"] == 1
    assert named.info().result["points_count"] == 1
    assert rest.get(f"{named.path}/exists").result == {"exists": True}
    assert named.patch({"metadata": {"x": 1}}).result is True
    assert points.info().result["config"]["metadata"] == {"x": 1}
    assert all_aliases(rest)[alias] == points.name
    assert rest.get(f"{points.path}/aliases").result == {
        "aliases": [{"alias_name": alias, "collection_name": points.name}]}
    # Dropping never follows an alias.
    assert named.drop().result is False
    assert points.ids() == [1]
    assert act(rest, drop(alias)).result is True
    assert named.info().status == 404


def test_switching_in_one_request(rest, new_collection):
    blue, green = new_collection(), new_collection()
    blue.upsert([{"id": 1, "vector": [1, 1, 1, 1]}]).result
    green.upsert([{"id": 2, "vector": [1, 1, 1, 1]}]).result
    live = rest.collection(f"live-{blue.name}")
    assert act(rest, create(blue.name, live.name)).result is True
    assert live.ids() == [1]
    assert act(rest, drop(live.name), create(green.name, live.name)).result is True
    assert live.ids() == [2]
    # An existing alias is moved silently.
    assert act(rest, create(blue.name, live.name)).result is True
    assert live.ids() == [1]


def test_names_that_collide(rest, new_collection):
    one, two = new_collection(), new_collection()
    answer = act(rest, create(one.name, two.name))
    assert answer.status == 409 and answer.error
    alias = f"taken-{one.name}"
    assert act(rest, create(one.name, alias)).result is True
    rest.collection(alias).create({}).expect_error(
        400, f"Can't create collection with name {alias}. Alias with the same name already exists")


def test_targets_that_are_missing(rest, points):
    act(rest, create("absent", "some")).expect_error(404, "Not found: Collection `absent` doesn't exist!")
    alias = f"a-{points.name}"
    assert act(rest, create(points.name, alias)).result is True
    assert act(rest, create(alias, "second")).status == 404
    assert act(rest, drop("never-there")).result is True
    act(rest, rename("never-there", "x")).expect_error(404, "Not found: Alias never-there does not exists!")


def test_rename_overwrites(rest, new_collection):
    one, two = new_collection(), new_collection()
    a, b = f"a-{one.name}", f"b-{one.name}"
    assert act(rest, create(one.name, a), create(two.name, b), rename(a, b)).result is True
    found = all_aliases(rest)
    assert a not in found and found[b] == one.name


def test_actions_before_a_failing_one_stay(rest, points):
    first, third = f"first-{points.name}", f"third-{points.name}"
    answer = act(rest, create(points.name, first), rename("never-there", "x"), create(points.name, third))
    assert answer.status == 404
    assert first in all_aliases(rest) and third not in all_aliases(rest)


def test_dropping_a_collection_drops_its_aliases(rest, new_collection):
    collection = new_collection()
    alias = f"gone-{collection.name}"
    assert act(rest, create(collection.name, alias)).result is True
    assert collection.drop().result is True
    assert alias not in all_aliases(rest)
    assert rest.collection(alias).info().status == 404


def test_get_of_the_literal_route_is_a_collection(rest):
    rest.get("/collections/aliases").expect_error(404, "Collection `aliases` doesn't exist!")


@pytest.mark.parametrize("body", [{}, {"actions": 1}, {"actions": [{}]}, {"actions": [{"other": {}}]},
                                  {"actions": [{"create_alias": {"alias_name": "x"}}]}])
def test_bad_bodies(rest, body):
    rest.post("/collections/aliases", body).expect_error(400, "Format error in JSON body: ")
