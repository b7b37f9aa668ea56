# SPDX-License-Identifier: Apache-2.0
"""Small file systems for tests of power loss and of a full disk. They need root, or sudo without a password."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]


def _run(*command):
    done = subprocess.run(_AS_ROOT + list(command), capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)} failed, so this machine cannot run the test: {done.stderr}"


@contextlib.contextmanager
def mounted(folder, *arguments):
    """Mounts at `folder` with arguments of mount(8), and unmounts at the end."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _run("mount", *arguments, str(folder))
    try:
        if _AS_ROOT:
            _run("chown", f"{os.getuid()}:{os.getgid()}", str(folder))
        yield folder
    except BaseException:
        # A server of the failed test may still run on it; the mount goes when that ends.
        _run("umount", "--lazy", str(folder))
        raise
    _run("umount", str(folder))


def tmpfs(folder, mib):
    return mounted(folder, "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs")


def make_ext4_image(path, mib):
    with open(path, "wb") as image:
        image.truncate(mib << 20)
    _run("mkfs.ext4", "-q", "-F", str(path))


def ext4(folder, image):
    """The image mounted so that nothing reaches it but what is synchronised: no periodic commits."""
    return mounted(folder, "-o", "loop,commit=600", str(image))


def copy_image(image, copy):
    """A copy of the image as the disk holds it now; what the file system still keeps in memory is not in it."""
    subprocess.run(["cp", "--sparse=always", "--reflink=never", str(image), str(copy)], check=True)


@contextlib.contextmanager
def no_periodic_write_back():
    """Stops the kernel's own flushing of dirty pages for a while, where that can be set."""
    knob = Path("/proc/sys/vm/dirty_writeback_centisecs")
    before = knob.read_text()
    changed = os.access(knob, os.W_OK)
    if changed:
        knob.write_text("0")
    try:
        yield
    finally:
        if changed:
            knob.write_text(before)


def free_bytes(folder):
    return shutil.disk_usage(folder).free


class Filler:
    """A file that takes away free space, and gives it back."""

    def __init__(self, folder):
        self._path = Path(folder) / "filler"

    def leave(self, free):
        """Grows until at most `free` bytes are left."""
        with open(self._path, "ab") as file:
            while (excess := free_bytes(self._path.parent) - free) > 0:
                try:
                    file.write(b"\0" * min(excess, 1 << 20))
                    file.flush()
                except OSError:
                    with contextlib.suppress(OSError):
                        file.close()
                    return

    def release(self):
        self._path.unlink(missing_ok=True)


@contextlib.contextmanager
def folder_in_memory(fallback):
    """A folder that costs no disk writes, for tests of answers and not of durability; `fallback` where there is none."""
    shared = Path("/dev/shm")
    if not (shared.is_dir() and os.access(shared, os.W_OK) and free_bytes(shared) > 2 << 30):
        yield Path(fallback)
        return
    with tempfile.TemporaryDirectory(prefix="qdrantd-test-", dir=shared) as folder:
        yield Path(folder)
