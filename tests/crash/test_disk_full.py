# SPDX-License-Identifier: Apache-2.0
"""A full disk: writes fail and say why, reads go on, nothing acknowledged is lost, and space alone makes it work again."""

import re

import pytest

from support.file_systems import Filler, ext4, free_bytes, make_ext4_image, tmpfs
from support.server_process import StartFailed
from support.waiting import wait_until

MIB = 1 << 20
SAYS_WHY = re.compile(r"no space left|disk (is )?full|insufficient storage|not enough (disk )?space", re.IGNORECASE)
# The guard of the server wants twice this free, so that there is room for the last records.
SETTINGS = {"QDRANT__STORAGE__WAL__WAL_CAPACITY_MB": "8"}


# Tests ask for it before `new_server`, so that servers are gone when it is unmounted.
@pytest.fixture(params=["tmpfs", "ext4"])
def small_disk(request, tmp_path):
    if request.param == "tmpfs":
        with tmpfs(tmp_path / "disk", 224) as folder:
            yield folder
    else:
        make_ext4_image(tmp_path / "disk.img", 256)
        with ext4(tmp_path / "disk", tmp_path / "disk.img") as folder:
            yield folder


class Uploads:
    """Points of 8 KiB, each written once; remembers which were acknowledged."""

    def __init__(self, collection):
        self.collection = collection
        self.acknowledged = set()
        self.open = set()
        self._next = 0

    def once(self, number=16):
        """One request; returns its answer."""
        ids = range(self._next, self._next + number)
        self._next += number
        points = [{"id": i, "vector": [float(i % 1000), 1, 2, 3], "payload": {"n": i, "text": f"{i:08d}" * 1024}} for i in ids]
        answer = self.collection.upsert(points)
        (self.acknowledged if answer.status == 200 else self.open).update(ids)
        return answer

    def until_refused(self, most=4000):
        for _ in range(most):
            answer = self.once()
            if answer.status != 200:
                return answer
        raise AssertionError("the disk did not fill up")

    def check(self):
        """Everything acknowledged is there, whole; nothing is there that was never sent."""
        found = {}
        for record in self.collection.scroll_all(page=200, with_payload=True, with_vector=True):
            found[record["id"]] = record
        missing = self.acknowledged - set(found)
        assert not missing, f"{len(missing)} acknowledged points are lost, such as {sorted(missing)[:5]}"
        assert set(found) <= self.acknowledged | self.open
        for point, record in found.items():
            assert record["vector"] == [float(point % 1000), 1.0, 2.0, 3.0]
            assert record["payload"] == {"n": point, "text": f"{point:08d}" * 1024}
        assert self.collection.count().result["count"] == len(found)
        self.acknowledged = set(found)
        self.open = set()


def assert_says_why(answer):
    assert answer.status in (500, 507), str(answer)
    assert SAYS_WHY.search(answer.error), str(answer)


def start(new_server, folder, durability):
    server = new_server(storage=folder / "storage", durability=durability, settings=SETTINGS)
    server.start()
    collection = server.client.collection("full")
    if not collection.client.get(f"{collection.path}/exists").result["exists"]:
        collection.create({"vectors": {"size": 4, "distance": "Dot"}}).result
    return server, collection


@pytest.mark.parametrize("durability", ["disk", "os"])
def test_filled_by_writes(small_disk, new_server, durability, say):
    server, collection = start(new_server, small_disk, durability)
    uploads = Uploads(collection)
    # Space that comes back later.
    ballast = Filler(small_disk)
    ballast.leave(free_bytes(small_disk) - 110 * MIB)
    assert_says_why(uploads.until_refused())
    say(f"refused after {len(uploads.acknowledged)} points, {free_bytes(small_disk) / MIB:.1f} MiB were free")
    assert len(uploads.acknowledged) > 1000, "the disk had room for more"
    server.assert_running()
    for _ in range(5):
        answer = uploads.once(1)
        if answer.status != 200:
            assert_says_why(answer)
    uploads.check()
    assert collection.query(query=[1, 0, 0, 0], limit=3).result["points"]
    # Deletes on a full disk work, or say why not; which of the two is the disk's affair.
    gone = sorted(uploads.acknowledged)[: len(uploads.acknowledged) // 2]
    answer = collection.delete(points=gone)
    if answer.status == 200:
        uploads.acknowledged -= set(gone)
    else:
        assert_says_why(answer)
        uploads.open |= set(gone)
        uploads.acknowledged -= set(gone)
    server.assert_running()
    ballast.release()
    wait_until(lambda: uploads.once(1).status == 200, "writes work again without a restart", 30, poll=0.1)
    for _ in range(10):
        uploads.once().result
    uploads.check()
    collection.delete(points=gone).result
    uploads.acknowledged -= set(gone)
    uploads.check()
    server.assert_running()
    server.stop()


def test_full_at_once_and_free_again(small_disk, new_server, say):
    """Another program takes the last byte while writes run; when it lets go, writes work again without a restart."""
    server, collection = start(new_server, small_disk, "disk")
    uploads = Uploads(collection)
    for _ in range(20):
        uploads.once().result
    filler = Filler(small_disk)
    for left in (0, 3 * MIB, 0):
        filler.leave(left)
        assert_says_why(uploads.until_refused(200))
        server.assert_running()
        uploads.check()
        filler.release()
        wait_until(lambda: uploads.once(1).status == 200, "writes work again", 30, poll=0.1)
        for _ in range(10):
            uploads.once().result
        uploads.check()
    server.kill()
    server.start()
    uploads.collection = server.client.collection("full")
    uploads.check()
    say(f"{len(uploads.acknowledged)} points acknowledged, 0 lost")


def test_killed_and_started_on_a_full_disk(small_disk, new_server):
    """A start without space serves what is there, or refuses with a reason and starts when there is space."""
    server, collection = start(new_server, small_disk, "disk")
    uploads = Uploads(collection)
    filler = Filler(small_disk)
    for _ in range(20):
        uploads.once().result
    filler.leave(0)
    uploads.until_refused(200)
    server.kill()
    filler.leave(0)
    try:
        server.start()
    except StartFailed:
        assert SAYS_WHY.search(server.log_text()), f"the log does not tell the reason\n{server.log_tail()}"
    else:
        uploads.collection = server.client.collection("full")
        answer = uploads.collection.count()
        if answer.status == 200:
            uploads.check()
        else:
            assert_says_why(answer)
    server.kill()
    filler.release()
    server.start()
    uploads.collection = server.client.collection("full")
    uploads.check()
    uploads.once().result
