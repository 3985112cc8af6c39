"""Workers are killed while they take steps of sequences: every lead gets each step, and no lead gets one twice."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from domain.sequences.loader import parse_sequence
from engine.operations.audit_log import ENGINE
from engine.outreach.message import Author
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.sequences.activate import activate_sequence
from workflows.sequences.enrol import enrol_lead

STORE = "engine.sequences.enrolment_store:EnrolmentStore"
CARRY_OUT = "workflows.sequences.carry_out"
STEPS = {
    "claimed, nothing decided": ("workflows.sequences.advance:advance_enrolment", "before"),
    "decided, nothing done": ("workflows.sequences.advance:_carried_out", "before"),
    "message planned, not said": (f"{CARRY_OUT}:plan_message", "after"),
    "task created, not said": (f"{CARRY_OUT}:_done", "before"),
    "all done, not recorded": (f"{STORE}.carried_out", "before"),
    "recorded, not finished": (f"{STORE}.carried_out", "after"),
}
LEASE = 2.0
TEXT = """\
name: killed
version: 1
window: {days: [mon, tue, wed, thu, fri, sat, sun], opens: "00:00", closes: "24:00"}
steps:
  - {send: email, id: mail, subject: Hi, text: Hello}
  - {task: Call, id: call}
  - {addTag: done, id: tag}
"""


async def enrolled(engine, number):
    """That many leads with addresses, each in the sequence."""
    runtime = engine.truth
    await activate_sequence(runtime, ENGINE, parse_sequence(TEXT), TEXT)
    leads = [f"lead-{n}" for n in range(number)]
    for lead in leads:
        properties = {"email": f"{lead}@example.com"}
        await ingest(runtime, [EventInput(lead_id=lead, type="lead.updated", properties=properties)])
        await enrol_lead(runtime, Author("key", "tests"), lead, "killed", "")
    return leads


async def killed_at(engine, step, kills, plant=()):
    """Start a worker that dies at this step, so many times; then one that does not."""
    at, when = STEPS[step]
    for number in range(kills):
        crash = {"at": at, "when": when, "nth": 1 + number % 3}
        await engine.start("worker-1", sabotage={"crash": crash, "plant": plant, "lease": LEASE})
        assert await engine.ended("worker-1") == -9
    await engine.start("worker-2", sabotage={"plant": plant, "lease": LEASE})


async def effects(engine, leads, seconds=90):
    """Wait until every enrolment has ended. Returns the most messages, tasks and tags of one lead, and the fewest."""
    runtime = engine.truth
    async with asyncio.timeout(seconds):
        while await runtime.sequences.enrolments.count("done") < len(leads):
            await asyncio.sleep(0.2)
    counts = []
    for lead in leads:
        events = Counter(one.type for one in await runtime.capture.events.of_lead(lead))
        messages = await runtime.outreach.messages.page(lead_id=lead, after=None, limit=10)
        tasks = await runtime.automations.tasks.page(state=None, lead_id=lead, after=None, limit=10)
        counts += [len(messages), len(tasks), events["tag.added"], events["sequence.ended"]]
    return max(counts), min(counts)


async def test_a_worker_killed_within_a_step_does_it_once(new_engine):
    async with new_engine() as engine:
        leads = await enrolled(engine, 12)
        await killed_at(engine, "all done, not recorded", kills=1)
        assert await effects(engine, leads) == (1, 1)


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_killed_ten_times_at_any_step_does_it_once(new_engine, step):
    async with new_engine() as engine:
        leads = await enrolled(engine, 300)
        await killed_at(engine, step, kills=10)
        assert await effects(engine, leads) == (1, 1)


@pytest.mark.long
async def test_control_without_ids_of_the_steps_somebody_gets_a_message_twice(new_engine):
    async with new_engine() as engine:
        leads = await enrolled(engine, 12)
        await killed_at(engine, "all done, not recorded", kills=1, plant=("sequences_without_a_record",))
        assert (await effects(engine, leads))[0] > 1
