"""Sixteen writers identify, alias, merge and un-merge at random while parts are killed: every lead is what the log gives it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.faults.harness.figures import measured
from tests.faults.harness.nemesis import Nemesis
from tests.faults.harness.people import identifying

WRONG_BY = (timedelta(0), timedelta(minutes=5), timedelta(minutes=-5), timedelta(days=-3))


async def test_merges_under_kills_break_no_promise(engine, seed):
    async with identifying(engine.url, engine.ledger, seed=seed, pause=0.02, wrong_by=WRONG_BY) as people:
        for name in ("worker-1", "api"):
            await asyncio.sleep(0.7)
            await engine.restart(name)
        await engine.ready()
        await asyncio.sleep(0.5)
    assert min(people.done.values()) > 0, f"the control: everything was done, {people.done}"
    await engine.check(within=60)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_two_minutes_of_merges_under_every_fault_break_no_promise(
    new_engine, replica_set, valkey, seed
):
    async with new_engine() as engine:
        nemesis = Nemesis(engine, replica_set, valkey, seed=seed)
        load = identifying(engine.url, engine.ledger, seed=seed, pause=0.05, wrong_by=WRONG_BY)
        async with load as people:
            await nemesis.rage(120)
        assert min(nemesis.done.values()) > 0, f"the control: every fault has occurred, {nemesis.done}"
        events = len(engine.ledger.acknowledged)
        measured(
            f"all applied after {nemesis.done.total()} faults in 120 s, {people.done.total()} acts and {events} events",
            await engine.check(within=180, but=nemesis.poisoned),
        )


@pytest.mark.long
async def test_control_leads_that_are_folded_without_the_streams_merged_into_them_are_found(new_engine, seed):
    async with new_engine() as engine:
        for name in ("api", "dispatcher", "scheduler", "worker-1"):
            await engine.start(name, sabotage={"plant": ["merged_streams_overlooked"]})
        await engine.ready()
        async with identifying(engine.url, engine.ledger, seed=seed, pause=0.02):
            await asyncio.sleep(5)
        faults = await engine.faults(within=5)
    assert any("is not what its events give" in fault for fault in faults), faults
