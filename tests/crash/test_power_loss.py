# SPDX-License-Identifier: Apache-2.0
"""Power loss: the server runs on an ext4 image; after SIGKILL the image is copied before anything more is written to it.

The copy holds what was synchronised and nothing else. With `durability: disk` no acknowledged write may be missing.
QDRANTD_POWER_CUTS sets the number of cuts.
"""

import os

import pytest

from support.file_systems import copy_image, ext4, make_ext4_image, no_periodic_write_back
from support.waiting import let_run, wait_until
from support.writers import Writers, two_targets, verify

CUTS = int(os.environ.get("QDRANTD_POWER_CUTS", "10"))
IMAGE_MIB = 384


@pytest.fixture(autouse=True)
def quiet_kernel():
    with no_periodic_write_back():
        yield


def test_nothing_acknowledged_is_lost(new_server, seed, tmp_path, say):
    rng = seed.rng("schedule")
    targets = two_targets()
    writers = Writers(targets, seed)
    disk, after = tmp_path / "disk.img", tmp_path / "after.img"
    make_ext4_image(disk, IMAGE_MIB)
    control_lost = 0
    for cut in range(CUTS):
        with ext4(tmp_path / "disk", disk) as folder:
            server = new_server(storage=folder / "storage", durability="disk").start()
            if cut == 0:
                for target in targets:
                    assert server.client.collection(target.name).create(target.body).result is True
            else:
                faults = verify(server.client, targets, rng)
                assert not faults, f"cut {cut}: " + "\n".join(faults[:10]) + f"\n{seed.replay()}"
            before = writers.acknowledged()
            writers.start(server)
            wait_until(lambda: writers.acknowledged() > before + 20, "writes are acknowledged", 30)
            let_run(rng.uniform(0.0, 1.0))
            # A file that is not synchronised shows that the cut is one.
            (folder / f"control-{cut}").write_bytes(b"x" * 100_000)
            server.kill()
            copy_image(disk, after)
            writers.stop()
        disk, after = after, disk
        with ext4(tmp_path / "disk", disk) as folder:
            control = folder / f"control-{cut}"
            control_lost += not control.exists() or control.read_bytes() != b"x" * 100_000
            server = new_server(storage=folder / "storage", durability="disk").start()
            faults = verify(server.client, targets, rng)
            assert not faults, f"cut {cut}: " + "\n".join(faults[:10]) + f"\n{server.log_tail()}\n{seed.replay()}"
            assert server.stop() == 0
    assert control_lost == CUTS, f"only {control_lost} of {CUTS} unsynchronised files were lost: the cuts cut nothing"
    acknowledged = sum(t.record.acknowledged_requests for t in targets)
    say(f"{CUTS} power cuts: {acknowledged} writes acknowledged, 0 lost; replay: {seed.replay()}")
