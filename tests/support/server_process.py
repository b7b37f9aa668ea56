# SPDX-License-Identifier: Apache-2.0
"""Runs the real binary in a folder of its own, on free ports.

QDRANTD_BINARY names the binary (default: build/release/qdrantd of this repository).
"""

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

from support.rest_client import NotAnswering, RestClient
from support.waiting import SLOWDOWN, wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
SANITIZER_REPORT = re.compile(
    r"ERROR: AddressSanitizer|ERROR: LeakSanitizer|WARNING: ThreadSanitizer|runtime error:")


class StartFailed(AssertionError):
    """The process ended, or did not get ready in time; `exit_code` is None where it still ran."""

    def __init__(self, text, exit_code):
        super().__init__(text)
        self.exit_code = exit_code


def binary_path():
    path = Path(os.environ.get("QDRANTD_BINARY", REPOSITORY / "build" / "release" / "qdrantd"))
    if not path.is_file():
        raise AssertionError(f"no server binary at {path}: build it, or set QDRANTD_BINARY")
    return path.resolve()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServerProcess:
    """A server that can be started, stopped, killed and started again on the same data.

    `storage` is where its data lives; `settings` are further environment variables.
    """

    def __init__(self, folder, storage=None, durability=None, settings=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.storage = Path(storage) if storage else self.folder / "storage"
        self.durability = durability
        self.settings = dict(settings or {})
        self.log_path = self.folder / "server.log"
        self.http_port = None
        self.process = None
        self.client = None

    # -- life ---------------------------------------------------------------------------------

    def launch(self):
        """Starts the process and returns at once."""
        assert self.process is None, "already running"
        self.http_port = free_port()
        environment = {k: v for k, v in os.environ.items() if not k.upper().startswith("QDRANT__")}
        environment.update({
            "QDRANT__SERVICE__HOST": "127.0.0.1",
            "QDRANT__SERVICE__HTTP_PORT": str(self.http_port),
            "QDRANT__SERVICE__GRPC_PORT": str(free_port()),
            "QDRANT__STORAGE__STORAGE_PATH": str(self.storage),
            "QDRANT__STORAGE__SNAPSHOTS_PATH": str(self.folder / "snapshots"),
            "QDRANT__TELEMETRY_DISABLED": "true",
        })
        if self.durability:
            environment["QDRANT__STORAGE__DURABILITY"] = self.durability
        environment.update(self.settings)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [str(binary_path())], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT)
        self.client = RestClient("127.0.0.1", self.http_port)
        return self

    def wait_ready(self, seconds=20.0):
        def ready():
            if self.process.poll() is not None:
                code = self.process.returncode
                self._forget()
                raise StartFailed(f"the server ended with {code} while starting\n{self.log_tail()}", code)
            try:
                return self.client.get("/readyz").status == 200
            except NotAnswering:
                return False
        try:
            wait_until(ready, f"/readyz of {self.folder}", seconds, poll=0.005)
        except StartFailed:
            raise
        except AssertionError as late:
            raise StartFailed(f"{late}\n{self.log_tail()}", None) from late
        return self

    def start(self, seconds=20.0):
        return self.launch().wait_ready(seconds)

    def kill(self):
        """SIGKILL, and reaps."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self._forget()

    def stop(self, seconds=30.0):
        """SIGTERM; returns the exit code; a server that does not end in time is a failure."""
        if self.process is None:
            return None
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(seconds * SLOWDOWN)
        except subprocess.TimeoutExpired as late:
            self.kill()
            raise AssertionError(f"SIGTERM did not end the server\n{self.log_tail()}") from late
        self._forget()
        return code

    def _forget(self):
        if self.client is not None:
            self.client.close()
        self.process = None

    # -- facts --------------------------------------------------------------------------------

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http_port}"

    def running(self):
        return self.process is not None and self.process.poll() is None

    def assert_running(self):
        assert self.process is not None, "the server was not started"
        code = self.process.poll()
        assert code is None, f"the server ended with {code}\n{self.log_tail()}"

    def resident_bytes(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS of the server")

    def open_descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def log_text(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def log_tail(self, lines=60):
        return "\n".join(["--- server log (end) ---"] + self.log_text().splitlines()[-lines:])

    def assert_no_sanitizer_report(self):
        found = SANITIZER_REPORT.search(self.log_text())
        assert not found, f"sanitizer report\n{self.log_tail(200)}"
