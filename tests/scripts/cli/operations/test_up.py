"""`lead-engine up` with stand-ins for its parts, on the real embedded services."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.process.redaction import without_secrets
from engine.settings import Settings
from scripts.cli.operations.up import run_up
from scripts.terminal.welcome import local_url, welcome
from tests.ports import free_port

# Stands in for `python -m scripts.cli`: the API answers, the others say which command they got, and wait.
STAND_IN = """
import http.server, os, sys, time

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health/ready" else 404)
        self.end_headers()

part = sys.argv[1]
if part == "setup":
    assert sys.argv[2] == "--key-file"
    assert sys.argv[4] == "--first-owner"
    print("Within 15 minutes, the first owner joins at http://localhost/console/join#once")
    with open(sys.argv[3], "w") as file:
        file.write("le_of_" + os.environ.get("KEY", "the_first_start"))
print(f"{part} is pid={os.getpid()} with {os.environ['MONGODB_URI']} {os.environ['REDIS_URL']}", flush=True)
if part == os.environ.get("BROKEN"):
    sys.exit("this is what is wrong")
if part == "api":
    http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Ready).serve_forever()
if part != "setup" or "SLOW_SETUP" in os.environ:
    time.sleep(60)
"""

UP = """
import sys
from engine.settings import Settings
from scripts.cli.operations.up import run_up

sys.exit(run_up(Settings(_env_file=None), cli=(sys.executable, "-S", sys.argv[1])))
"""


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def up(tmp_path, port):
    """Start `up` in a process of its own, its data below `tmp_path`."""
    tombstone_of = tmp_path / "stand_in.py"
    tombstone_of.write_text(STAND_IN)
    processes = []

    def start(**env):
        process = subprocess.Popen(
            [sys.executable, "-c", UP, str(tombstone_of)],
            env={**os.environ, "PORT": str(port), "DATA_DIR": str(tmp_path / "data"), **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def read_until(process, *texts):
    """What the process prints until it has said all of these, in whatever order its parts come to speak."""
    said = ""
    while not all(text in said for text in texts):
        line = process.stdout.readline()
        assert line, (said, process.stderr.read())
        said += line
    return said


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def running_below(folder):
    """The processes with `folder` in their command line or their working folder."""
    return [
        entry.name for entry in Path("/proc").iterdir() if entry.name.isdecimal() and mentions(entry, folder)
    ]


def mentions(entry, folder):
    try:
        return str(folder).encode() in (entry / "cmdline").read_bytes()
    except OSError:
        return False


def test_up_runs_everything_says_where_it_is_and_stops_all_of_it_on_ctrl_c(up, tmp_path, port):
    process = up(WORKER_PROCESSES="2")
    parts = ("api        |", "dispatcher |", "scheduler  |", "worker-1   |", "worker-2   |")
    text = read_until(process, "make demo", *parts)
    mongodb, redis = re.search(r"MongoDB +(\S+)", text)[1], re.search(r"Redis +(\S+)", text)[1]
    while text.count(" is pid=") < 6:  # the API may be ready before another part has said a word
        text += read_until(process, " is pid=")
    text = without_secrets(text)  # what these parts print, and no part of ours does
    for part in ("setup", "api", "dispatcher", "scheduler", "worker"):
        assert re.search(rf"\| {part} is pid=\d+ with {re.escape(mongodb)} {re.escape(redis)}\n", text)
    assert "worker-1   | worker is" in text
    assert "worker-2   | worker is" in text
    assert f"  API          http://127.0.0.1:{port}\n" in text
    assert f"  Data folder  {tmp_path / 'data'}\n" in text
    assert f"PORT={port} make demo" in text
    assert (
        "  People       Within 15 minutes, the first owner joins:\n               http://localhost/console/join#once\n"
        in text
    )
    assert f"  API key      le_of_the_first_start\n               also in {tmp_path}/data/api-key" in text
    assert f'-H "Authorization: Bearer $(cat {tmp_path}/data/api-key)"' in text

    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=120)
    assert process.returncode == 0
    assert rest == "The lead engine has stopped.\n"
    assert errors == ""
    assert running_below(tmp_path) == []
    assert (tmp_path / "data/mongodb/db/mongod.lock").read_text() == ""  # MongoDB ended cleanly


def test_the_sigkill_of_up_leaves_nothing_behind(up, tmp_path):
    process = up()
    text = read_until(process, "make demo")
    process.kill()
    process.wait()
    deadline = time.monotonic() + 60
    valkey = int(re.search(r"redis://:\*\*\*@127.0.0.1:(\d+)", text)[1])  # it does not show its folder
    while (running_below(tmp_path) or listens(valkey)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert running_below(tmp_path) == []
    assert not listens(valkey)


@pytest.mark.parametrize("step", ["mongod", "setup"])
def test_a_stop_during_the_start_is_clean_too(up, tmp_path, step):
    process = up(SLOW_SETUP="1")
    if step == "setup":
        read_until(process, "setup is pid")
    else:
        while not any(
            "mongod" in Path(f"/proc/{pid}/cmdline").read_text() for pid in running_below(tmp_path / "data")
        ):
            time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")
    assert running_below(tmp_path) == []


def test_a_key_that_was_there_before_is_not_shown_again(up, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "api-key").write_text("le_of_before")
    text = read_until(up(KEY="before"), "make demo")
    assert f"  API key      in {tmp_path}/data/api-key\n" in text
    assert "le_of_before" not in text


def test_a_failing_set_up_is_one_plain_line(up, tmp_path):
    process = up(BROKEN="setup")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert errors == "Setting up the collections failed (exit code 1): this is what is wrong\n"
    assert running_below(tmp_path) == []


def test_a_part_that_never_comes_up_ends_everything_and_is_named(up, tmp_path):
    process = up(BROKEN="dispatcher")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert errors.startswith("dispatcher ended 5 times within 30 s")
    assert "  this is what is wrong\n" in errors
    assert running_below(tmp_path) == []


def test_a_killed_mongodb_comes_back_on_the_same_port(up, tmp_path):
    process = up()
    text = read_until(process, "make demo")
    port = int(re.search(r"mongodb://lead_engine:\*\*\*@127.0.0.1:(\d+)", text)[1])
    (pid,) = running_below(tmp_path / "data" / "mongodb")
    os.kill(int(pid), signal.SIGKILL)
    read_until(process, "MongoDB ended with signal SIGKILL, starting it again")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
    assert running_below(tmp_path / "data" / "mongodb") not in ([], [pid])
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 0


def test_a_taken_port_is_one_plain_line_with_what_to_type(port, tmp_path, capsys):
    with socket.create_server(("127.0.0.1", port)):
        assert run_up(Settings(_env_file=None, port=port, data_dir=tmp_path / "data")) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"The API cannot listen on 127.0.0.1 port {port} (Address already in use): ")
    assert f"PORT={port + 1} make up\n" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "data").exists()


def test_an_unusable_data_folder_is_one_plain_line(port, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert run_up(Settings(_env_file=None, port=port, data_dir=tmp_path / "file")) == 1
    error = capsys.readouterr().err
    assert "DATA_DIR=" in error
    assert error.count("\n") == 1


def test_passwords_are_not_shown():
    settings = Settings(
        _env_file=None, mongodb_uri="mongodb://me:secret@db/?a=b", redis_url="redis://:secret@r:1/0"
    )
    text = welcome(settings, embedded=False)
    assert "mongodb://me:***@db/?a=b" in text
    assert "redis://:***@r:1/0" in text
    assert "secret" not in text
    assert "lead-engine keys create" in text
    assert '-H "Authorization: Bearer $API_KEY"' in text


@pytest.mark.parametrize(("fields", "warned"), [("", True), (" , ", True), ("email", False)])
def test_an_engine_that_seals_nothing_says_so(fields, warned):
    settings = Settings(_env_file=None, personal_fields=fields)
    assert ("PERSONAL_FIELDS is empty" in welcome(settings, embedded=True)) is warned


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104
        ("::", "http://[::1]:8000"),
        ("example.org", "http://example.org:8000"),
    ],
)
def test_the_url_can_be_opened_wherever_the_api_listens(host, url):
    assert local_url(Settings(_env_file=None, host=host)) == url
