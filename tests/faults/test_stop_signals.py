"""Told to stop in the middle of its work, every part is out in time and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time

import pytest

from engine.local.process import Child
from engine.local.services_file import with_running_services
from engine.settings import Settings
from tests.faults.harness.engine import EVERY_PART, open_engine
from tests.faults.harness.figures import measured
from tests.faults.harness.load import writing
from tests.ports import free_port

MAX_SECONDS = 15


async def _stop(engine, *names: str, group: bool) -> None:
    """Send SIGTERM and wait no longer than a part may take."""
    began = time.monotonic()
    stopping = {name: asyncio.create_task(engine.kill(name, signal.SIGTERM, group=group)) for name in names}
    await asyncio.wait(stopping.values(), timeout=MAX_SECONDS)
    late = [name for name, task in stopping.items() if task.cancel()]
    assert not late, f"not out in {MAX_SECONDS} s: {late}"
    codes = [task.result() for task in stopping.values()]
    measured(f"{', '.join(names)}: out after SIGTERM", time.monotonic() - began)
    assert set(codes) <= {0, -signal.SIGTERM}


@pytest.mark.parametrize(
    "group", [pytest.param(False, marks=pytest.mark.long), True], ids=["processes", "process groups"]
)
async def test_all_parts_at_once_are_out_in_time_under_load(engine, seed, group):
    async with writing(engine.url, engine.ledger, seed=seed, writers=16):
        await asyncio.sleep(0.7)
        await _stop(engine, *EVERY_PART, group=group)
        await engine.whole()
    await engine.check(within=30)


@pytest.mark.long
@pytest.mark.parametrize("group", [False, True], ids=["process", "process group"])
@pytest.mark.parametrize("part", EVERY_PART)
async def test_a_part_is_out_in_time_under_load(engine, seed, part, group):
    async with writing(engine.url, engine.ledger, seed=seed, writers=16):
        await asyncio.sleep(0.7)
        await _stop(engine, part, group=group)
        await engine.whole()
    await engine.check(within=30)


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["gone", "hung"])
async def test_all_parts_are_out_in_time_though_neither_mongodb_nor_redis_answers(
    engine, replica_set, valkey, seed, how
):
    servers = [valkey.pid, *(member.pid for member in replica_set.members)]
    async with writing(engine.url, engine.ledger, seed=seed, writers=16):
        await asyncio.sleep(0.7)
        for pid in servers:
            os.kill(pid, how)
        await asyncio.sleep(1)
        try:
            await _stop(engine, *EVERY_PART, group=False)
        finally:
            if how == signal.SIGSTOP:
                for pid in servers:
                    os.kill(pid, signal.SIGCONT)
            else:
                await valkey.start()
        await replica_set.whole()
        await engine.whole()
    await engine.check(within=60)


@pytest.mark.long
async def test_control_a_part_that_does_not_hear_the_signal_is_noticed(new_engine):
    async with new_engine() as engine:
        await engine.start("dispatcher", sabotage={"plant": ["deaf_to_sigterm"]})
        async with asyncio.timeout(30):
            while not await engine.truth.store.database["leases"].find_one({"_id": "dispatcher"}):
                await asyncio.sleep(0.1)  # it does not work yet
        with pytest.raises(AssertionError, match="not out in 15 s"):
            await _stop(engine, "dispatcher", group=True)
        os.kill(engine.parts["dispatcher"].pid, signal.SIGKILL)


@pytest.mark.long
@pytest.mark.parametrize("group", [False, True], ids=["main process", "its process group"])
async def test_the_whole_engine_on_embedded_services_stops_in_time_and_goes_on_where_it_was(
    tmp_path, seed, group
):
    settings = Settings(_env_file=None, data_dir=tmp_path, port=free_port(), rulebook="classic")
    up = await _up(settings)
    async with open_engine(with_running_services(settings), keep=True) as engine:
        await engine.ready()
        ledger = engine.ledger
        async with writing(engine.url, ledger, seed=seed, writers=8):
            await asyncio.sleep(3)
            began = time.monotonic()
            (os.killpg if group else os.kill)(up.pid, signal.SIGTERM)
            async with asyncio.timeout(MAX_SECONDS):
                assert await up.wait() in {0, -signal.SIGTERM}
            measured("the whole engine: out after SIGTERM", time.monotonic() - began)
            up = await _up(settings)
        await engine.check(within=60)
    await up.stop(MAX_SECONDS)


async def _up(settings) -> Child:
    """`lead-engine up`, once it is ready."""
    env = {
        "PORT": str(settings.port),
        "DATA_DIR": str(settings.data_dir),
        "RULEBOOK": settings.rulebook,
        "MONGODB_URI": "",
        "REDIS_URL": "",
    }
    command = (sys.executable, "-m", "scripts.cli", "up")
    up = await Child.start(command, env=env, output=sys.stderr.fileno())
    async with asyncio.timeout(60):
        while not with_running_services(settings).mongodb_uri:
            await asyncio.sleep(0.1)
    return up
