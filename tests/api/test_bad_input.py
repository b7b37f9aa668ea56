# SPDX-License-Identifier: Apache-2.0
"""Input that is wrong in form: refused with a message that names the place; nothing stored changes.

The figures are those of the overload section of the reliability design: bodies are refused while they stream in, and
memory rises by less than 64 MiB.
"""

import gzip
import json
import zlib

import pytest

from support.hostile_client import read_answer, send_until_refused

MIB = 1 << 20
LIMIT = 32 * MIB


@pytest.fixture
def witness(request, new_collection, server):
    """Points that must be untouched when the test ends, on a server that must be alive and hardly bigger than before.

    The mark `resident_mib` gives a test that stores much room for it.
    """
    room = request.node.get_closest_marker("resident_mib")
    collection = new_collection()
    collection.upsert([{"id": i, "vector": [i, 1, 2, 3], "payload": {"n": i}} for i in range(20)]).result
    before = collection.scroll_all(with_vector=True)
    resident = server.resident_bytes()
    yield collection
    server.assert_running()
    assert collection.scroll_all(with_vector=True) == before
    assert server.resident_bytes() - resident < (room.args[0] if room else 64) * MIB


def post(collection, tail, raw, method="POST"):
    return collection.client.request(method, f"{collection.path}{tail}", raw=raw)


@pytest.mark.parametrize("raw", [
    b"", b"{", b"}", b'{"limit":', b'{"limit":1', b'{"limit":1,}', b'{limit:1}', b"{'limit':1}", b'{"limit":1}}', b'{"limit" 1}',
    b'{"limit":01}', b'[', b'"', b'"\\x"', b'nul', b'{"a":\x00}', b'\xff\xfe', b'{"a":"\xff"}', b'{"a":"\xc3"}', b'{"a":"\xed\xa0\x80"}',
    b'{"a":"\\ud800"}', b'{"a":"\\udc00\\ud800"}', b'{"a":"\\u12"}', b'{"a":"line\nbreak"}', b'// x\n{}', b'{"limit":1} x', b'\xef\xbb\xbf[',
])
@pytest.mark.parametrize("method, tail", [("POST", "/points/scroll"), ("POST", "/points/query"), ("PUT", "/points"), ("POST", "/points/payload"),
                                          ("PUT", "/index"), ("POST", "/points/batch"), ("PATCH", "")])
def test_malformed_json(witness, method, tail, raw):
    answer = post(witness, tail, raw, method)
    if raw.startswith((b'{"a":"\\ud', b'{"a":"\xff', b'{"a":"\xc3', b'{"a":"\xed')) and answer.status == 422:
        return
    answer.expect_error(400, "Format error in JSON body: ")
    assert len(answer.error) > len("Format error in JSON body: ") + 3


@pytest.mark.smoke
@pytest.mark.parametrize("raw", [b'"\\ud800"', b'"\\udc00"', b'"a\\ud83dz"', b'"\xff"', b'"\xc0\xaf"', b'"\xf4\x90\x80\x80"'])
@pytest.mark.parametrize("place", ['{"points":[{"id":99,"vector":[1,2,3,4],"payload":{"s":%s}}]}',
                                   '{"points":[{"id":99,"vector":[1,2,3,4],"payload":{%s:1}}]}',
                                   '{"points":[{"id":99,"vector":{%s:[1,2,3,4]}}]}'])
def test_text_that_is_no_unicode_is_never_stored(witness, place, raw):
    body = place.encode().replace(b"%s", raw)
    answer = post(witness, "/points?wait=true", body, "PUT")
    assert answer.status == 400 and answer.error, str(answer)


@pytest.mark.smoke
def test_the_message_names_the_place(witness):
    answer = post(witness, "/points", b'{"points":[{"id":1,"vector":[1,2,3,4]},\n{"id":2,"vector":[1,"x",3,4]}]}', "PUT")
    message = answer.expect_error(400, "Format error in JSON body: ")
    assert any(word in message for word in ("line 2", "points[1]", "vector", "column")), message
    message = witness.query(query=[1, 2, 3, 4], limit=0).expect_error(422, "internal.limit")
    message = witness.scroll(filter={"must": [{"key": "a"}]}).expect_error(422, "filter")


@pytest.mark.smoke
@pytest.mark.parametrize("raw", ['{"points":[{"id":99,"id":98,"vector":[1,2,3,4]}]}', '{"points":[],"points":[{"id":99,"vector":[1,2,3,4]}]}',
                                 '{"points":[{"id":99,"vector":[1,2,3,4],"vectors":[4,3,2,1]}]}'])
def test_a_known_field_twice(witness, raw):
    post(witness, "/points?wait=true", raw, "PUT").expect_error(400, "Format error in JSON body: ")


def test_a_payload_key_twice_keeps_one(witness):
    raw = '{"points":[{"id":99,"vector":[1,2,3,4],"payload":{"a":1,"b":2,"a":3}}]}'
    answer = post(witness, "/points?wait=true", raw, "PUT")
    if answer.status == 200:
        # The last one counts, for readers and for filters alike.
        assert witness.point(99).text.count('"a"') == 1
        assert witness.point(99).result["payload"] == {"a": 3, "b": 2}
        assert witness.ids({"must": [{"key": "a", "match": {"value": 1}}]}) == []
        witness.delete(points=[99]).result
    else:
        answer.expect_error(400, "Format error in JSON body: ")


def nested(depth, inner="1"):
    return "[" * depth + inner + "]" * depth


@pytest.mark.parametrize("depth", [129, 200, 1000, 10_000, 100_000, 1_000_000, 8_000_000])
@pytest.mark.parametrize("place", ['{"points":[{"id":99,"vector":[1,2,3,4],"payload":{"a":%s}}]}', '{"points":[{"id":99,"vector":%s}]}', '%s',
                                   '{"unknown":%s,"points":[{"id":99,"vector":[1,2,3,4]}]}'])
def test_deep_arrays_are_refused(witness, place, depth):
    answer = post(witness, "/points?wait=true", place.replace("%s", nested(depth)), "PUT")
    answer.expect_error(400, "Format error in JSON body: ")


@pytest.mark.parametrize("depth", [200, 10_000, 1_000_000])
def test_deep_objects_are_refused(witness, depth):
    value = '{"a":' * depth + "1" + "}" * depth
    answer = post(witness, "/points?wait=true", '{"points":[{"id":99,"vector":[1,2,3,4],"payload":%s}]}' % value, "PUT")
    answer.expect_error(400, "Format error in JSON body: ")
    answer = post(witness, "/points/payload?wait=true", '{"points":[1],"payload":%s}' % value)
    answer.expect_error(400, "Format error in JSON body: ")


def test_a_payload_of_allowed_depth_is_kept(witness):
    value = nested(100)
    post(witness, "/points?wait=true", '{"points":[{"id":99,"vector":[1,2,3,4],"payload":{"a":%s}}]}' % value, "PUT").result
    assert json.dumps(witness.point(99).result["payload"]["a"]) == value
    witness.delete(points=[99]).result


@pytest.mark.parametrize("depth", [10, 30, 60, 200, 10_000, 300_000])
@pytest.mark.parametrize("opening, closing", [('{"must":[', "]}"), ('{"must_not":[', "]}"),
                                              ('{"must":[{"nested":{"key":"a","filter":', "}}]}"), ('{"min_should":{"min_count":1,"conditions":[', "]}}")])
def test_deep_filters_are_served_or_refused(witness, opening, closing, depth):
    raw = '{"filter":' + opening * depth + ('{}' if "nested" in opening else '{"has_id":[3]}') + closing * depth + "}"
    answer = post(witness, "/points/count", raw)
    if answer.status != 200:
        assert depth > 10, "such a filter is nothing unusual"
        assert answer.status in (400, 422) and answer.error
    elif "nested" in opening:
        assert answer.result["count"] == 0
    else:
        assert answer.result["count"] == (19 if "must_not" in opening and depth % 2 else 1)


def test_a_filter_of_very_many_conditions(witness):
    for conditions in (1000, 200_000):
        raw = '{"filter":{"should":[' + ",".join('{"key":"n","match":{"value":3}}' for _ in range(conditions)) + "]}}"
        answer = post(witness, "/points/count", raw)
        if answer.status == 200:
            assert answer.result["count"] == 1
        else:
            assert conditions > 1000 and answer.status in (400, 422, 429, 503) and answer.error


def test_lists_of_very_many_values(witness):
    values = list(range(5, 1_000_000))
    for condition, expected in (({"key": "n", "match": {"any": values}}, 15), ({"key": "n", "match": {"except": values}}, 5), ({"has_id": values}, 15)):
        answer = witness.count(filter={"must": [condition]})
        if answer.status == 200:
            assert answer.result["count"] == expected
        else:
            assert answer.status in (400, 422, 429, 503) and answer.error


def test_very_many_ids_to_retrieve(witness):
    answer = witness.retrieve(list(range(1_000_000)))
    if answer.status == 200:
        assert [r["id"] for r in answer.result] == list(range(20))
    else:
        assert answer.status in (400, 422, 429, 503) and answer.error


def test_very_many_searches(witness):
    answer = witness.query_batch([{"query": [1, 2, 3, 4], "limit": 2**63}] * 5000)
    if answer.status == 200:
        assert len(answer.result) == 5000 and len(answer.result[-1]["points"]) == 20
    else:
        assert answer.status in (400, 422, 429, 503) and answer.error


@pytest.mark.parametrize("size", [5, 70_000, 2_000_000])
def test_long_vectors(witness, size):
    raw = '{"points":[{"id":99,"vector":[%s]}]}' % ",".join(["1.5"] * size)
    post(witness, "/points?wait=true", raw, "PUT").expect_error(400, f"expected dim: 4, got {size}")


@pytest.mark.resident_mib(256)
def test_a_payload_of_very_many_keys(witness):
    raw = '{"points":[{"id":99,"vector":[1,2,3,4],"payload":{%s}}]}' % ",".join(f'"k{i}":{i}' for i in range(500_000))
    answer = post(witness, "/points?wait=true", raw, "PUT")
    if answer.status == 200:
        assert len(witness.point(99).result["payload"]) == 500_000
        witness.delete(points=[99]).result
    else:
        assert answer.status in (400, 422) and answer.error


# -- sizes of bodies ---------------------------------------------------------------------------


@pytest.mark.smoke
def test_a_body_over_the_limit_by_its_length(witness):
    """Refused from the header alone; the status is 400, not 413."""
    with witness.client.raw_socket() as connection:
        length = LIMIT + 1
        connection.sendall(f"PUT {witness.path}/points HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
        status, body = read_answer(connection)
    assert status == 400
    assert f"JSON payload ({length} bytes) is larger than allowed (limit: {LIMIT} bytes)." in json.loads(body)["status"]["error"]


@pytest.mark.parametrize("length", ["1099511627776", "18446744073709551615", "99999999999999999999999", "-1", "1e3", "0x10", "12, 13"])
def test_absurd_lengths(witness, length):
    with witness.client.raw_socket() as connection:
        connection.sendall(f"PUT {witness.path}/points HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
        status, _ = read_answer(connection)
    assert status in (400, None)


def test_endless_chunks(witness):
    with witness.client.raw_socket() as connection:
        connection.sendall(f"PUT {witness.path}/points HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        sent = send_until_refused(connection, iter(lambda: chunk, None), 3 * LIMIT)
        assert LIMIT - 1 <= sent < 2 * LIMIT, "refused once the limit is passed, and not before"
        status, body = read_answer(connection)
    if status is not None:
        assert status == 400
        assert f"JSON payload has exceeded limit ({LIMIT} bytes)." in json.loads(body)["status"]["error"]


def test_a_body_at_the_limit_is_read(witness):
    filler = LIMIT - 200
    raw = '{"points":[{"id":99,"vector":[1,2,3]}],"unknown":"%s"}' % ("x" * filler)
    assert LIMIT - 300 < len(raw) <= LIMIT
    post(witness, "/points", raw, "PUT").expect_error(400, "expected dim: 4, got 3")


@pytest.mark.parametrize("encoding, pack", [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed_bombs(witness, encoding, pack):
    bomb = pack(b'{"unknown":"' + b"x" * (256 * MIB) + b'"}')
    answer = witness.client.request("POST", f"{witness.path}/points/scroll", raw=bomb, headers={"Content-Encoding": encoding})
    assert answer.status in (400, 415) and answer.error, str(answer)[:300]


def test_bodies_cut_short_change_nothing(witness):
    for head in ("Content-Length: 1000", "Transfer-Encoding: chunked"):
        with witness.client.raw_socket() as connection:
            connection.sendall((f"PUT {witness.path}/points?wait=true HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n"
                                '{"points":[{"id":99,"vector":[1,2,3,4]}]}').encode())
    assert witness.count().result == {"count": 20}


def test_length_shorter_than_the_body(witness):
    raw = b'{"points":[{"id":99,"vector":[1,2,3,4]}]}'
    with witness.client.raw_socket() as connection:
        connection.sendall(f"PUT {witness.path}/points HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n".encode() + raw)
        status, _ = read_answer(connection)
    assert status == 400


# -- heads of requests -------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [
    b"\x00" * 1000, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x11" * 500, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 5000 + b"x\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"GET / HTTP/1.1\r\n: empty\r\n\r\n", b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * (1 << 20) + b"\r\n\r\n", b"GET /" + b"y" * (1 << 20) + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(20_000)) + b"\r\n",
    b"POST /collections/x/points/scroll HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
    b"POST /collections/x/points/scroll HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n",
    b"POST /collections/x/points/scroll HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, unknown\r\nContent-Length: 2\r\n\r\n{}",
])
def test_no_http(witness, raw):
    """An error or a closed connection, within moments; never a success."""
    with witness.client.raw_socket() as connection:
        send_until_refused(connection, (raw[i:i + 65536] for i in range(0, len(raw), 65536)), len(raw))
        status, _ = read_answer(connection)
    assert status is None or 400 <= status < 600


@pytest.mark.smoke
@pytest.mark.parametrize("path", ["/collections/%zz", "/collections/%", "/collections/a%00b", "/collections/a%2Fb", "/collections/" + "x" * 300,
                                  "/collections/%ff%fe", "/collections//points", "/collections/%20"])
def test_odd_paths(rest, path):
    answer = rest.get(path)
    assert answer.status in (400, 404, 422), str(answer)
    if answer.body:
        assert answer.error
