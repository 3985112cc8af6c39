"""Everything that can go wrong does, for two minutes, and no promise is broken."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.faults.harness.figures import measured
from tests.faults.harness.load import writing
from tests.faults.harness.nemesis import Nemesis

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

WRONG_BY = (
    timedelta(0),
    timedelta(minutes=5),
    timedelta(minutes=-5),
    timedelta(days=3),
    timedelta(days=-3),
)


async def _suffer(engine, nemesis: Nemesis, seed: int, *, seconds: float) -> None:
    load = writing(engine.url, engine.ledger, seed=seed, writers=16, leads=64, pause=0.02, wrong_by=WRONG_BY)
    async with load:
        await nemesis.rage(seconds)


async def test_two_minutes_of_every_fault_at_random_break_no_promise(new_engine, replica_set, valkey, seed):
    async with new_engine() as engine:
        nemesis = Nemesis(engine, replica_set, valkey, seed=seed)
        await _suffer(engine, nemesis, seed, seconds=120)
        assert min(nemesis.done.values()) > 0, f"the control: every fault has occurred, {nemesis.done}"
        faults, kinds, events = nemesis.done.total(), len(nemesis.done), len(engine.ledger.acknowledged)
        measured(
            f"all applied after {faults} faults of {kinds} kinds in 120 s and {events} events",
            await engine.check(within=120, but=nemesis.poisoned),
        )


async def test_control_events_answered_before_their_commit_are_lost(new_engine, replica_set, valkey, seed):
    async with new_engine() as engine:
        nemesis = Nemesis(engine, replica_set, valkey, seed=seed, plant=["early_answers"])
        await _suffer(engine, nemesis, seed, seconds=60)
        assert nemesis.done["every_part_killed"] > 0
        faults = await engine.faults(within=1)
    assert any("is lost or moved" in fault for fault in faults)
