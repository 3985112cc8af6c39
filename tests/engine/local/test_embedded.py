"""The embedded MongoDB and Valkey: real servers that keep what they must, and never stay behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import AutoReconnect, OperationFailure
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError

from domain.errors import Unavailable
from engine.local.mongod import start_mongod
from engine.local.server import choose_port, find_binary
from engine.local.valkey import start_valkey
from tests.ports import free_port

PARENT = """
import asyncio, sys, pathlib
from engine.local.mongod import start_mongod
from engine.local.valkey import start_valkey

async def main():
    folder = pathlib.Path(sys.argv[1])
    servers = await start_mongod(folder), await start_valkey(folder)
    print(*(server.pid for server in servers), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
async def mongod(server_folder):
    server = await start_mongod(server_folder("mongod"), extra=("--setParameter", "enableTestCommands=1"))
    yield server
    await server.stop()


@pytest.fixture(scope="module")
async def valkey(server_folder):
    server = await start_valkey(server_folder("valkey"))
    yield server
    await server.stop()


def port_of(server):
    return urlsplit(server.uri).port


def command_line(pid):
    """Of a process that runs; a zombie has none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def running_below(folder):
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    return [pid for pid in pids if str(folder).encode() in command_line(pid)]


def all_end(pids, within=60.0):
    deadline = time.monotonic() + within
    while any(map(command_line, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(command_line, pids))


# --- MongoDB


async def test_a_transaction_commits_on_the_embedded_mongodb(mongod):
    async with AsyncMongoClient(mongod.uri) as client:
        things = client["test"]["things"]
        await things.insert_one({"_id": "before"})
        async with client.start_session() as session, await session.start_transaction():
            await things.insert_one({"_id": "inside"}, session=session)
            assert await things.count_documents({}) == 1  # not visible to others yet
        assert await things.count_documents({}) == 2


async def test_server_parameters_for_tests_reach_the_embedded_mongodb(mongod):
    async with AsyncMongoClient(mongod.uri, retryReads=False) as client:
        await client.admin.command(
            "configureFailPoint",
            "failCommand",
            mode={"times": 1},
            data={"failCommands": ["find"], "closeConnection": True},
        )
        with pytest.raises(AutoReconnect):
            await client["test"]["things"].find_one()
        await client["test"]["things"].find_one()


@pytest.mark.parametrize("name", ["mongod", "valkey"])
def test_the_embedded_servers_listen_on_one_loopback_address_only(name, request):
    port = port_of(request.getfixturevalue(name))
    socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port))  # would answer if it listened on every address


async def test_mongodb_data_is_still_there_after_a_restart_on_another_port(tmp_path):
    first = await start_mongod(tmp_path)
    async with AsyncMongoClient(first.uri) as client:
        await client["test"]["things"].insert_one({"_id": "kept"})
    await first.stop()

    second = await start_mongod(tmp_path, free_port())
    try:
        assert port_of(second) != port_of(first)
        async with AsyncMongoClient(second.uri) as client:
            assert await client["test"]["things"].find_one() == {"_id": "kept"}
            async with client.start_session() as session, await session.start_transaction():
                await client["test"]["things"].insert_one({"_id": "new"}, session=session)
    finally:
        await second.stop()

    third = await start_mongod(tmp_path)
    assert port_of(third) == port_of(second)  # it is remembered
    await third.stop()


async def test_a_stored_port_that_is_taken_is_replaced_by_a_free_one(tmp_path):
    (tmp_path / "valkey").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        (tmp_path / "valkey" / "port").write_text(f"{taken}\n")
        server = await start_valkey(tmp_path)
        assert port_of(server) != taken
        await server.stop()


@pytest.mark.parametrize("memory", ["", "no port\n", "99999\n"])
def test_a_damaged_memory_of_the_port_is_replaced(tmp_path, memory):
    (tmp_path / "port").write_text(memory)
    port = choose_port(tmp_path, None)
    assert 1024 <= port <= 65535
    assert (tmp_path / "port").read_text() == f"{port}\n"


async def test_journaled_data_survives_a_killed_mongodb_and_writes_wait_for_its_return(tmp_path):
    server = await start_mongod(tmp_path)
    try:
        async with AsyncMongoClient(server.uri, w="majority", journal=True) as client:
            things = client["test"]["things"]
            await things.insert_one({"_id": "before"})
            os.kill(server.pid, signal.SIGKILL)
            waiting = asyncio.create_task(things.insert_one({"_id": "during"}))
            keeper = asyncio.create_task(server.keep_running(lambda _: None))
            await waiting
            assert await things.distinct("_id") == ["before", "during"]
            keeper.cancel()
    finally:
        await server.stop()


async def test_a_stopped_mongodb_ends_cleanly_before_its_time_is_over(tmp_path):
    server = await start_mongod(tmp_path)
    await server.stop()
    assert (tmp_path / "mongodb" / "db" / "mongod.lock").read_text() == ""  # filled: an unclean end


async def test_a_cancelled_start_leaves_no_server_behind(tmp_path):
    starting = asyncio.create_task(start_mongod(tmp_path))
    while not running_below(tmp_path):
        await asyncio.sleep(0.01)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert running_below(tmp_path) == []


AT_ONCE = "&heartbeatFrequencyMS=500"
"""After a failed login the driver waits for its next heartbeat, ten seconds by default."""


@pytest.mark.parametrize("login", ["", "lead_engine:wrong@", "__system:wrong@"])
async def test_nobody_without_the_password_reads_or_writes_anything_in_mongodb(mongod, login):
    source = "local" if "__system" in login else "admin"
    uri = f"mongodb://{login}127.0.0.1:{port_of(mongod)}/?directConnection=true&authSource={source}{AT_ONCE}"
    async with AsyncMongoClient(uri) as client:
        for call in (
            client["test"]["things"].find_one(),
            client["test"]["things"].insert_one({}),
            client.list_database_names(),
            client.admin.command("createUser", "me", pwd="x", roles=["root"]),
            client.admin.command("shutdown"),
        ):
            with pytest.raises(OperationFailure):
                await call


async def test_the_password_is_a_new_one_each_time_and_on_no_command_line(tmp_path):
    passwords = set()
    for start in (start_mongod, start_valkey):
        for _ in range(2):
            server = await start(tmp_path)
            password = urlsplit(server.uri).password
            assert len(password) == 64
            passwords.add(password)
            assert password.encode() not in command_line(server.pid)
            assert password.encode() not in Path(f"/proc/{server.pid}/environ").read_bytes()
            assert password not in server.log.read_text()
            await server.stop()
    assert len(passwords) == 4
    key = tmp_path / "mongodb" / "key"
    assert key.stat().st_mode & 0o777 == 0o600


async def test_a_folder_that_was_used_without_a_password_keeps_its_data(tmp_path):
    """As earlier releases have left it: a replica set without a key and without a user."""
    folder = tmp_path / "mongodb"
    (folder / "db").mkdir(parents=True)
    binary = find_binary("fiftyone", "db/bin/mongod", name="MongoDB", setting="MONGODB_URI")
    port = free_port()
    earlier = subprocess.Popen(
        [
            binary,
            "--dbpath",
            folder / "db",
            "--replSet",
            "rs0",
            "--port",
            str(port),
            "--bind_ip",
            "127.0.0.1",
        ],
        stdout=subprocess.DEVNULL,
    )
    async with AsyncMongoClient("127.0.0.1", port, directConnection=True) as client:
        members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
        await client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
        while not (await client.admin.command("hello"))["isWritablePrimary"]:
            await asyncio.sleep(0.05)
        await client["test"]["things"].insert_one({"_id": "kept"})
    earlier.terminate()
    earlier.wait()

    server = await start_mongod(tmp_path)
    async with AsyncMongoClient(server.uri) as client:
        assert await client["test"]["things"].find_one() == {"_id": "kept"}
    await server.stop()


# --- Valkey


async def test_valkey_answers_and_forgets_everything_with_a_restart(tmp_path):
    server = await start_valkey(tmp_path)
    async with Redis.from_url(server.uri, decode_responses=True) as client:
        await client.set("key", "value")
        assert await client.get("key") == "value"
    await server.stop()
    await server.start()
    async with Redis.from_url(server.uri) as client:
        assert await client.dbsize() == 0
    await server.stop()


@pytest.mark.parametrize("password", [None, "wrong"])
async def test_nobody_without_the_password_uses_valkey(valkey, password):
    async with Redis(host="127.0.0.1", port=port_of(valkey), password=password, retry=None) as client:
        for command in ("PING", "KEYS *", "CONFIG GET *", "FLUSHALL", "SHUTDOWN"):
            with pytest.raises(AuthenticationError):
                await client.execute_command(*command.split())


# --- both


@pytest.mark.parametrize(("start", "name"), [(start_mongod, "mongod"), (start_valkey, "valkey")])
async def test_a_server_that_dies_at_start_up_says_why_and_where_its_log_is(start, name, request, tmp_path):
    taken = port_of(request.getfixturevalue(name))
    with pytest.raises(Unavailable) as failure:
        await start(tmp_path, taken)
    message = str(failure.value)
    assert "ended at start-up" in message
    assert "Address already in use" in message or f"Failed listening on port {taken}" in message
    assert f"{name}.log" in message
    assert "docker compose up" in message
    assert "\n" not in message


async def test_a_complaint_about_the_command_line_is_passed_on(tmp_path):
    with pytest.raises(Unavailable, match="unrecognised option '--no-such-option'"):
        await start_mongod(tmp_path, extra=("--no-such-option",))


@pytest.mark.parametrize("package", ["no_such_wheel", "json"])
def test_the_error_of_a_platform_without_a_wheel_names_the_alternatives(package):
    with pytest.raises(Unavailable) as failure:
        find_binary(package, "bin/server", name="MongoDB", setting="MONGODB_URI")
    message = str(failure.value)
    assert message.startswith("There is no embedded MongoDB here (")
    assert "MONGODB_URI" in message
    assert "docker compose up" in message
    assert "\n" not in message


def test_the_sigkill_of_their_parent_takes_the_servers_along(tmp_path):
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE)
    assert parent.stdout
    with parent.stdout:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(command_line, pids))
        assert all(os.getsid(pid) == pid for pid in pids)  # the terminal's Ctrl-C does not reach them
        parent.kill()
        parent.wait()
    assert all_end(pids)
