# SPDX-License-Identifier: Apache-2.0
"""Fixtures and reports that both suites use."""

import itertools

import pytest

from support.file_systems import folder_in_memory
from support.seeds import Seed
from support.server_process import ServerProcess

_running = []


@pytest.fixture
def seed(request):
    return Seed(request.node.nodeid)


@pytest.fixture
def new_server(tmp_path):
    """Makes servers that are gone when the test ends, and shows their logs where it fails."""
    made = []
    numbers = itertools.count()

    def make(folder=None, **options):
        server = ServerProcess(folder or tmp_path / f"server{next(numbers)}", **options)
        made.append(server)
        _running.append(server)
        return server

    yield make
    for server in made:
        server.kill()
        _running.remove(server)


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory):
    """One server for all tests that leave it as they found it."""
    with folder_in_memory(tmp_path_factory.mktemp("shared")) as folder:
        server = ServerProcess(folder)
        _running.append(server)
        try:
            yield server.start()
            server.assert_running()
            code = server.stop()
            assert code == 0, f"the server ended with {code} on SIGTERM\n{server.log_tail()}"
            server.assert_no_sanitizer_report()
        finally:
            server.kill()
            _running.remove(server)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if not report.failed:
        return
    used = item.funcargs.get("seed") if hasattr(item, "funcargs") else None
    if used is not None:
        report.sections.append(("replay", used.replay()))
    for server in _running:
        report.sections.append((f"server in {server.folder}", server.log_tail(25)))
