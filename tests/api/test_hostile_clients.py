# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow, idle, many, or faster than the disk: others are served, memory stays bounded, nothing is lost."""

import threading
import time

import pytest

from support.hostile_client import dribble, is_cut, raise_descriptor_limit
from support.waiting import Deadline, wait_until

MIB = 1 << 20
IDLE = 5000
SLOW = 500


@pytest.fixture
def attacked(new_server):
    """Starts a server with given settings and some points to watch over."""
    def start(**settings):
        server = new_server(settings={f"QDRANT__SERVICE__{key.upper()}": str(value) for key, value in settings.items()}).start()
        collection = server.client.collection("witness")
        collection.create({"vectors": {"size": 4, "distance": "Dot"}}).result
        collection.upsert([{"id": i, "vector": [i, 0, 0, 0], "payload": {"n": i}} for i in range(50)]).result
        return server, collection
    return start


def slowest_request(collection, until, seconds=60):
    """Asks again and again until `until()` holds; returns the longest time of one request."""
    slowest = 0.0
    deadline = Deadline(seconds)
    while True:
        began = time.monotonic()
        assert collection.count().result == {"count": 50}
        slowest = max(slowest, time.monotonic() - began)
        if until():
            return slowest
        assert not deadline.passed(), "the condition did not come true in time"


def connect_many(server, number):
    raise_descriptor_limit(number)
    return [server.client.raw_socket() for _ in range(number)]


def assert_descriptors_return(server, before):
    wait_until(lambda: server.open_descriptors() <= before + 8, "the server closes its side", 20)


def test_thousands_of_idle_connections(attacked):
    server, collection = attacked(http_keep_alive_timeout_sec=120, http_client_request_timeout_sec=120)
    before, descriptors = server.resident_bytes(), server.open_descriptors()
    connections = connect_many(server, IDLE)
    try:
        request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        for connection in connections[: IDLE // 2]:
            connection.sendall(request)
        for connection in connections[: IDLE // 2]:
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        per_connection = (server.resident_bytes() - before) / IDLE
        print(f"{IDLE} idle connections: {per_connection / 1024:.1f} KiB resident each")
        assert per_connection <= 32 * 1024
        assert not any(is_cut(connection) for connection in connections)
        assert collection.count().result == {"count": 50}
    finally:
        for connection in connections:
            connection.close()
    assert_descriptors_return(server, descriptors)
    assert collection.count().result == {"count": 50}


def test_idle_connections_are_closed_after_their_time(attacked):
    server, collection = attacked(http_keep_alive_timeout_sec=1, http_client_request_timeout_sec=1)
    descriptors = server.open_descriptors()
    silent, served = connect_many(server, 20), connect_many(server, 20)
    for connection in served:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    wait_until(lambda: all(is_cut(c) for c in silent + served), "idle connections are closed", 20)
    for connection in silent + served:
        connection.close()
    assert_descriptors_return(server, descriptors)
    assert collection.count().result == {"count": 50}


@pytest.mark.parametrize("where", ["head", "body"])
def test_slow_senders_are_cut_and_others_are_served(attacked, where):
    server, collection = attacked(http_client_request_timeout_sec=1)
    before = server.resident_bytes()
    connections = connect_many(server, SLOW)
    opening = b"PUT /collections/witness/points?wait=true HTTP/1.1\r\nHost: x\r\n"
    if where == "body":
        opening += b"Content-Length: 100000\r\n\r\n"
    for connection in connections:
        connection.sendall(opening)
    alive = list(connections)

    def all_cut():
        alive[:] = [c for c in alive if not is_cut(c) and dribble(c)]
        return not alive
    try:
        slowest = slowest_request(collection, all_cut)
        print(f"{SLOW} slow senders of a {where}: slowest request of another client {slowest * 1000:.0f} ms")
        assert slowest < 2.0
        assert server.resident_bytes() - before < 64 * MIB
    finally:
        for connection in connections:
            connection.close()
    assert collection.ids() == list(range(50))


def test_slow_readers_of_large_answers(attacked):
    server, collection = attacked()
    big = server.client.collection("big")
    big.create({"vectors": {"size": 4, "distance": "Dot"}}).result
    big.upsert([{"id": i, "vector": [1, 2, 3, 4], "payload": {"text": "x" * 20_000}} for i in range(100)]).result
    descriptors, before = server.open_descriptors(), server.resident_bytes()
    connections = connect_many(server, 40)
    request = b'POST /collections/big/points/scroll HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n{"limit":100}'
    for connection in connections:
        connection.sendall(request)
    served = iter(range(200))
    slowest = slowest_request(collection, lambda: next(served, None) is None)
    assert slowest < 2.0
    assert server.resident_bytes() - before < 256 * MIB
    for connection in connections:
        connection.close()
    assert_descriptors_return(server, descriptors)
    assert len(big.scroll(limit=100).result["points"]) == 100


def test_connection_churn(attacked):
    server, collection = attacked()
    descriptors, before = server.open_descriptors(), server.resident_bytes()
    for round_number in range(3000):
        with server.client.raw_socket() as connection:
            if round_number % 3:
                connection.sendall(b"GET /collections HTTP/1.1\r\n" if round_number % 3 == 1 else b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert collection.count().result == {"count": 50}
    assert_descriptors_return(server, descriptors)
    assert server.resident_bytes() - before < 64 * MIB


def test_writers_faster_than_the_disk(attacked):
    """Without waiting, what is not accepted is refused in time; what is accepted is there, also after a restart."""
    server, collection = attacked()
    flood = server.client.collection("flood")
    flood.create({"vectors": {"size": 64, "distance": "Dot"}, "shard_number": 2}).result
    stop = Deadline(5)
    accepted, refused, peak = [], [], [0]

    def write(me):
        number = 0
        while not stop.passed():
            ids = [me * 1_000_000 + number * 8 + i for i in range(8)]
            answer = flood.upsert([{"id": i, "vector": [1.0] * 64, "payload": {"text": "y" * 8192}} for i in ids], wait=False)
            if answer.status == 200:
                accepted.extend(ids)
            else:
                assert answer.status in (429, 503), str(answer)
                assert answer.status != 429 or int(answer.headers["retry-after"]) >= 0
                refused.append(me)
            number += 1
            peak[0] = max(peak[0], server.resident_bytes())
    failures = []

    def guarded(me):
        try:
            write(me)
        except BaseException as failure:  # noqa: BLE001 - handed to the main thread
            failures.append(failure)
    threads = [threading.Thread(target=guarded, args=(me,)) for me in range(1, 17)]
    for thread in threads:
        thread.start()
    slowest = slowest_request(collection, stop.passed)
    for thread in threads:
        thread.join()
    assert not failures, failures[0]
    print(f"{len(accepted)} points accepted, {len(refused)} requests refused, peak {peak[0] / MIB:.0f} MiB, "
          f"slowest request of another client {slowest * 1000:.0f} ms")
    assert accepted and slowest < 5.0
    assert peak[0] < 1024 * MIB
    flood.upsert([{"id": 1, "vector": [1.0] * 64}]).result
    assert flood.count().result == {"count": len(accepted) + 1}
    server.stop()
    server.start()
    assert server.client.collection("flood").count().result == {"count": len(accepted) + 1}
    assert server.client.collection("witness").ids() == list(range(50))


def test_stopping_while_clients_work(attacked):
    """SIGTERM: running requests end well or with an error, new ones are refused; every accepted write is there after."""
    server, _ = attacked()
    accepted, failures = [], []

    def write(me):
        client = server.client
        number = 0
        while True:
            try:
                point = me * 1_000_000 + number
                answer = client.collection("witness").upsert([{"id": point, "vector": [1, 2, 3, 4]}])
            except Exception:  # noqa: BLE001 - the server is gone, as it should be
                return
            if answer.status != 200:
                if answer.status not in (503, 429, 500):
                    failures.append(str(answer))
                return
            accepted.append(point)
            number += 1
    threads = [threading.Thread(target=write, args=(me,)) for me in range(1, 9)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(accepted) > 200, "writers are at work", 30)
    assert server.stop() == 0
    for thread in threads:
        thread.join()
    assert not failures, failures[0]
    server.start()
    collection = server.client.collection("witness")
    found = set(collection.ids())
    assert set(accepted) <= found and set(range(50)) <= found
