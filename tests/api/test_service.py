# SPDX-License-Identifier: Apache-2.0
"""Root, probes, routes and the envelope (data.md 1.1-1.4)."""

import re
import gzip
import json

import pytest

pytestmark = pytest.mark.smoke


def test_root_names_the_api_version(rest):
    answer = rest.get("/")
    assert answer.status == 200
    document = answer.json
    assert document["title"] == "qdrant - vector search engine"
    assert document["version"] == "1.19.0"
    assert "commit" not in document or re.fullmatch("[0-9a-f]{40}", document["commit"])
    assert "status" not in document


@pytest.mark.parametrize("path, text", [("/healthz", "healthz check passed"), ("/livez", "healthz check passed"),
                                        ("/readyz", "all shards are ready")])
def test_probes(rest, path, text):
    answer = rest.get(path)
    assert (answer.status, answer.text) == (200, text)


@pytest.mark.parametrize("method, path", [
    ("GET", "/nothing/here"), ("POST", "/"), ("PUT", "/collections"), ("DELETE", "/collections"),
    ("POST", "/collections/x"), ("PUT", "/collections/x/points/scroll"), ("GET", "/collections/x/points/scroll/y"),
    ("PATCH", "/collections/x/points"), ("PUT", "/collections/x/points/count"), ("GET", "/collections/x/nothing"),
    ("HEAD", "/collections"), ("BREW", "/collections"),
])
def test_unknown_path_or_method_is_404_without_a_body(rest, method, path):
    answer = rest.request(method, path)
    assert (answer.status, answer.body) == (404, b""), str(answer)


def test_trailing_slash_is_removed(rest, points):
    assert rest.get("/collections/").result == rest.get("/collections").result
    assert rest.get(points.path + "/").result["status"] == "green"


def test_envelope_order_and_kinds(rest):
    answer = rest.get("/collections")
    assert list(answer.json) == ["result", "status", "time"]
    assert answer.headers["content-type"].startswith("application/json")
    missing = rest.get("/collections/absent")
    assert list(missing.json) == ["status", "time"]
    assert isinstance(missing.json["time"], float)


def test_errors_of_decoding_report_no_time(rest, points):
    answer = rest.post(points.path + "/points/scroll", raw="{")
    assert answer.json["time"] == 0.0


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_content_type_is_not_checked(points, content_type):
    raw = json.dumps({"points": [{"id": 1, "vector": [1, 2, 3, 4]}]})
    headers = {"Content-Type": content_type} if content_type else {"content-type": ""}
    answer = points.client.put(points.path + "/points?wait=true", raw=raw, headers=headers)
    assert answer.result["status"] == "completed"


def test_cors_is_on(rest):
    answer = rest.get("/collections", headers={"Origin": "http://example.org"})
    assert answer.headers["access-control-allow-origin"] in ("*", "http://example.org")
    preflight = rest.request("OPTIONS", "/collections/x/points", headers={
        "Origin": "http://example.org", "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type,api-key"})
    assert preflight.status in (200, 204)
    assert preflight.headers["access-control-allow-origin"] in ("*", "http://example.org")


def test_compressed_bodies_are_read_or_refused(points):
    """What is not understood is never read as if it were plain."""
    raw = gzip.compress(json.dumps({"points": [{"id": 1, "vector": [1, 2, 3, 4]}]}).encode())
    answer = points.client.put(points.path + "/points?wait=true", raw=raw, headers={"Content-Encoding": "gzip"})
    if answer.status == 200:
        assert points.ids() == [1]
    else:
        assert answer.status in (400, 415) and answer.error
        assert points.ids() == []


def test_several_requests_on_one_connection(points):
    with points.client.raw_socket() as connection:
        request = f"GET {points.path}/exists HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        connection.sendall(request * 5)
        received = b""
        while received.count(b'"exists":true') < 5:
            part = connection.recv(65536)
            assert part, received
            received += part
        assert received.count(b"HTTP/1.1 200") == 5


def test_http_1_0_client_is_answered_and_closed(rest):
    with rest.raw_socket() as connection:
        connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        received = b""
        while part := connection.recv(4096):
            received += part
    assert received.startswith(b"HTTP/1.") and b" 200 " in received.split(b"\r\n")[0]
    assert received.endswith(b"healthz check passed")
