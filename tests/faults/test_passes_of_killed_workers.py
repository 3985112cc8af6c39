"""Workers are killed in the middle of a long pass: another one takes the share over, and each lead counts once."""

from __future__ import annotations

import asyncio
import random

import pytest

from engine.passes.report import PassReport
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.passes.control import read_pass, start_pass
from workflows.passes.replay_share import summary_of
from workflows.replay.replay import replay

LEADS = [f"lead-{number:02}" for number in range(40)]
LEASE = 2.0
POINTS = {
    "claimed, nothing done": ("workflows.passes.replay_share:replay", "before"),
    "leads looked at, not saved": ("engine.passes.share_store:PassShareStore.save", "before"),
    "saved, not finished": ("engine.passes.share_store:PassShareStore.save", "after"),
}


async def counted_through_a_crash(new_engine, point, nth, plant=()):
    """Verify with two workers, one of which is killed. Returns the report, and that of one process."""
    async with new_engine(worker_heartbeat_seconds=2) as engine:
        truth = engine.truth
        await ingest(
            truth, [EventInput(lead_id=one, type=kind) for one in LEADS for kind in ("signup", "download")]
        )
        await process_leads(truth, LEADS)
        await truth.store.database["scoreHistory"].delete_one({"leadId": "lead-05"})
        one = await start_pass(truth, "verify")
        crash = {"at": POINTS[point][0], "when": POINTS[point][1], "nth": nth}
        planted = {"plant": ["small_batches", *plant], "lease": LEASE}
        await engine.start("worker-1", sabotage={"crash": crash, **planted})
        assert await engine.ended("worker-1") == -9
        await engine.start("worker-2", sabotage=planted)
        async with asyncio.timeout(60):
            while not (one := await read_pass(truth, one.pass_id)).is_over:
                await asyncio.sleep(0.1)
        return one.report, PassReport.sum_of([summary_of(await replay(truth, "verify"))])


@pytest.mark.long
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", POINTS)
async def test_each_lead_counts_once_whenever_the_worker_is_killed(new_engine, point, nth):
    counted, right = await counted_through_a_crash(new_engine, point, nth)
    assert counted == right
    assert counted.drifted == ("lead-05",)


async def test_each_lead_counts_once_though_the_worker_is_killed_at_one_of_the_steps(new_engine, seed):
    chance = random.Random(seed)
    counted, right = await counted_through_a_crash(
        new_engine, chance.choice(sorted(POINTS)), chance.randint(1, 2)
    )
    assert counted == right


@pytest.mark.long
async def test_control_without_its_mark_a_report_counts_leads_twice(new_engine):
    counted, right = await counted_through_a_crash(
        new_engine, "saved, not finished", 1, plant=["reports_without_marks"]
    )
    assert counted["leads"] > right["leads"]
