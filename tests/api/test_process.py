# SPDX-License-Identifier: Apache-2.0
"""The program as an operator meets it: flags, configuration, logs, signals, exit codes (operations.md 1)."""

import json
import os
import re
import signal
import socket
import subprocess

import pytest

from support.server_process import StartFailed, binary_path
from support.waiting import SLOWDOWN, wait_until


def run(folder, *arguments, **variables):
    environment = {k: v for k, v in os.environ.items() if not k.upper().startswith("QDRANT__")}
    return subprocess.run([str(binary_path()), *arguments], cwd=folder, env={**environment, **variables}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=20 * SLOWDOWN)


def test_version_and_help(tmp_path):
    version = run(tmp_path, "--version")
    assert version.returncode == 0 and version.stdout.splitlines()[0] == "qdrant 1.19.0"
    assert run(tmp_path, "-V").stdout == version.stdout
    text = run(tmp_path, "--help")
    assert text.returncode == 0
    for flag in ("--config-path", "--uri", "--bootstrap", "--version"):
        assert flag in text.stdout
    assert not list(tmp_path.iterdir()), "asking leaves nothing behind"


def test_bad_flags(tmp_path):
    for arguments in (["--unknown"], ["--config-path"], ["stray"]):
        refused = run(tmp_path, *arguments)
        assert refused.returncode == 2 and refused.stderr.strip(), arguments


def test_every_mistake_of_the_configuration_is_listed(tmp_path):
    refused = run(tmp_path, QDRANT__SERVICE__HTTP_PORT="many", QDRANT__STORAGE__DURABILITY="sometimes", QDRANT__SERVICE__ENABLE_CORS="")
    assert refused.returncode == 1
    text = refused.stderr + refused.stdout
    for key in ("http_port", "durability", "enable_cors"):
        assert key in text, text


def test_a_malformed_file_is_refused(tmp_path):
    (tmp_path / "bad.yaml").write_text("service: [unclosed\n")
    refused = run(tmp_path, "--config-path", "bad.yaml")
    assert refused.returncode == 1 and "bad.yaml" in refused.stderr + refused.stdout


def test_files_are_layered_under_variables(new_server, tmp_path):
    folder = tmp_path / "server0"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "config.yaml").write_text("service:\n  max_request_size_mb: 1\n  unknown_key: 5\nlog_level: ERROR\n")
    (folder / "config" / "local.yaml").write_text("service:\n  max_request_size_mb: 2\n")
    server = new_server(folder).start()
    answer = server.client.put("/collections/c", raw=b" " * (2 * 1024 * 1024 + 1))
    answer.expect_error(400, "JSON payload (2097153 bytes) is larger than allowed (limit: 2097152 bytes).")
    server.stop()
    server.settings["QDRANT__SERVICE__MAX_REQUEST_SIZE_MB"] = "3"
    server.start()
    server.client.put("/collections/c", raw=b" " * (2 * 1024 * 1024 + 1)).expect_error(400, "Format error in JSON body: ")


def test_lines_that_operators_look_for(new_server):
    server = new_server().start()
    text = server.log_text()
    assert "Version: 1.19.0" in text
    assert f"Qdrant HTTP listening on {server.http_port}" in text
    assert re.search(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z +(INFO|WARN) ", text, re.MULTILINE), text


def test_json_log(new_server):
    server = new_server(settings={"QDRANT__LOGGER__FORMAT": "json"}).start()
    server.client.collection("c").create({}).result
    server.stop()
    records = [json.loads(line) for line in server.log_text().splitlines() if line.startswith("{")]
    assert len(records) >= 2
    for record in records:
        assert record["timestamp"] and record["level"] in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")
        assert record["fields"]["message"] and "target" in record


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_cleanly_and_keep_everything(new_server, number):
    server = new_server(durability="os").start()
    collection = server.client.collection("c")
    collection.create({"vectors": {"size": 2, "distance": "Dot"}}).result
    collection.upsert([{"id": i, "vector": [i, 1], "payload": {"n": i}} for i in range(100)]).result
    collection.upsert([{"id": 100, "vector": [1, 1]}], wait=False).result
    server.client.post("/collections/aliases", {"actions": [{"create_alias": {"collection_name": "c", "alias_name": "a"}}]}).result
    collection.create_index("n", "integer").result
    shown = collection.info().result
    server.process.send_signal(number)
    wait_until(lambda: server.process.poll() is not None, "the server ends", 20)
    assert server.process.returncode == 0, server.log_tail()
    server._forget()
    server.start()
    again = server.client.collection("c")
    assert again.ids() == list(range(101))
    assert server.client.collection("a").count().result == {"count": 101}
    assert again.info().result["config"] == shown["config"]
    assert again.info().result["payload_schema"] == shown["payload_schema"]
    assert again.ids({"must": [{"key": "n", "range": {"gte": 98}}]}) == [98, 99]


def test_a_port_in_use_is_refused(new_server):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = new_server(settings={"QDRANT__SERVICE__HTTP_PORT": str(taken.getsockname()[1])})
        with pytest.raises(StartFailed) as refused:
            server.start()
    assert refused.value.exit_code == 1
    assert re.search("error", server.log_text(), re.IGNORECASE)


def test_storage_that_cannot_be_used_is_refused(new_server, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    server = new_server(storage=tmp_path / "file" / "storage")
    with pytest.raises(StartFailed) as refused:
        server.start()
    assert refused.value.exit_code == 1
    assert str(tmp_path / "file") in server.log_text()


def test_it_runs_from_any_folder_with_its_defaults(tmp_path, new_server):
    """No configuration file at all: storage is ./storage, the rest are defaults; only the ports are given here."""
    server = new_server(tmp_path / "elsewhere")
    server.settings = {"QDRANT__STORAGE__STORAGE_PATH": "./storage"}
    server.start()
    assert (tmp_path / "elsewhere" / "storage").is_dir()
    assert "Config file not found" in server.log_text()
