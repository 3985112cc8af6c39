"""A sharded cluster for the tests of this folder: real servers behind the test router, or behind a real mongos."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from engine.local.process import Child
from engine.local.server import LOOPBACK
from engine.store.mongo import connect, database_of
from tests.cluster.router import Router
from tests.cluster.servers import Cluster, open_cluster
from tests.ports import free_port

MONGOS = os.environ.get("MONGOS", "")
"""The path of a real mongos, of the version of the servers; empty for the test router."""
SHARDS = ("a", "b", "c")


def pytest_collection_modifyitems(items):
    for item in items:
        if "/cluster/" in str(item.path):
            item.add_marker(pytest.mark.long)


@contextlib.asynccontextmanager
async def routed(cluster: Cluster, folder: Path) -> AsyncIterator[tuple[str, Router | None]]:
    """The URI of a router, and the router itself if it is the double."""
    if not MONGOS:
        router = Router(cluster.config.port, {name: shard.port for name, shard in cluster.shards.items()})
        port = await router.start()
        yield f"mongodb://{LOOPBACK}:{port}/", router
        await router.stop()
        return
    port = free_port()
    with (folder / "mongos.log").open("wb") as log:
        command = (MONGOS, "--configdb", cluster.config.set_name, "--port", str(port), "--bind_ip", LOOPBACK)
        mongos = await Child.start(command, output=log.fileno())
    uri = f"mongodb://{LOOPBACK}:{port}/"
    async with AsyncMongoClient(uri, serverSelectionTimeoutMS=60_000) as client:
        await client.admin.command("ping")
    yield uri, None
    await mongos.stop(5)


@pytest.fixture(scope="session")
async def cluster(server_folder):
    """Three shards, of which tests use as many as they need."""
    async with open_cluster(server_folder("cluster"), *SHARDS) as opened:
        yield opened


@pytest.fixture(scope="session")
async def router(cluster, server_folder):
    """Its URI, and the double, if it is one."""
    async with routed(cluster, server_folder("router")) as found:
        yield found


@pytest.fixture
async def database(router, cluster):
    """An empty database of the cluster, through the router, as the engine connects to it."""
    client = connect(router[0])
    opened = database_of(client, f"of-{uuid.uuid4().hex[:12]}")
    yield opened
    for shard in cluster.shards.values():
        await shard.start_again()
    with contextlib.suppress(PyMongoError):
        await client.drop_database(opened.name)
    await client.close()
