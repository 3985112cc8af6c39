"""`cluster-init` of docker-compose.sharded.yml on real members: it makes sets of them, and again does nothing."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys

import pytest
from pymongo import AsyncMongoClient

from engine.local.private_file import write_private
from engine.local.server import LOOPBACK
from tests.cluster.servers import Member
from tests.deployment.compose_file import resolve
from tests.deployment.test_sharded import TEXT, yaml

SCRIPT = resolve(yaml.safe_load(TEXT)["services"]["cluster-init"]["command"][0])
ROLES = {"config": "--configsvr", "rs1": "--shardsvr"}


@pytest.fixture
async def key(server_folder):
    file = server_folder("key") / "key"
    write_private(file, secrets.token_hex(64).encode())
    return file


@pytest.fixture
async def members(key, server_folder):
    folder = server_folder("sets")
    started = [Member(name, folder, role, extra=("--keyFile", str(key))) for name, role in ROLES.items()]
    for member in started:
        await member.launch()
    yield started
    for member in started:
        await member.stop()


async def run(members, key):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SCRIPT),
        env={
            "PATH": os.environ["PATH"],
            "MONGODB_KEY": key,
            "SETS": " ".join(member.set_name for member in members),
            "CONFIG_SET": "config",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def config_of(member, key):
    login = {"username": "__system", "password": key, "authSource": "local"}
    async with AsyncMongoClient(LOOPBACK, member.port, directConnection=True, **login) as client:
        return (await client.admin.command("replSetGetConfig"))["config"]


async def test_sets_are_made_once(members, key):
    secret = key.read_text()
    for _ in range(2):
        code, out, err = await run(members, secret)
        assert code == 0, err
        assert out.splitlines() == [f"The replica set {name} is in place." for name in ROLES]
    for member in members:
        config = await config_of(member, secret)
        assert config["members"][0]["host"] == f"{LOOPBACK}:{member.port}"
        assert (config["_id"], config.get("configsvr", False)) == (member.name, member.name == "config")


async def test_the_control_a_wrong_key_makes_no_set(members, key):
    code, _, err = await run(members, "0" * 128)
    assert code != 0
    assert "Authentication failed" in err
