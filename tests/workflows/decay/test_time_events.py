"""Lists say what a read says, triggers of time fire on their day, and imported history stays quiet."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files

import pytest
import yaml

from domain.instant import DAY, HOUR, MINUTE, to_datetime
from domain.rulebooks.rulebook import Rulebook
from engine.runtime import open_runtime
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.decay.decay import apply_decay
from workflows.decay.record_due import record_due
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads.process import process_leads
from workflows.replay.replay import replay

LIVES = {
    "asked": [("demo_request", 0.0), ("signup", 0.1)],
    "busy": [("page_view", n / 10) for n in range(30)],
    "lost": [("demo_request", 0.0), ("download", 0.1), ("call_unanswered", 0.2), ("deal.lost", 0.3)],
    "old": [("demo_request", -400.0), ("signup", -399.0)],
    "set": [("signup", 0.0), ("stage.set", 0.5)],
}


@pytest.fixture
async def living(runtime, clock):
    """Leads of every kind, among them imported history, under `standard`."""
    for lead, facts in LIVES.items():
        events = [
            EventInput(
                lead_id=lead,
                type=type_,
                occurred_at=to_datetime(clock.at) + timedelta(days=days - 3),
                properties={"stage": "hot", "by": "ann"} if type_ == "stage.set" else {"asset": str(days)},
            )
            for type_, days in facts
        ]
        await ingest(runtime, events)
    await process_leads(runtime, LIVES)
    return runtime


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"rulebook": "standard"})


async def a_minute(runtime, clock, times=1):
    """What the scheduler and a worker do in a minute."""
    for _ in range(times):
        clock.at += MINUTE
        await record_due(runtime)
        await process_leads(runtime, LIVES)


async def disagreements(runtime):
    """The leads of which the list says something else than a read."""
    wrong = []
    for lead in LIVES:
        listed, read = await runtime.leads.lists.summary(lead), await read_intelligence(runtime, lead)
        if (listed.stage, listed.risk, listed.next_action) != (read.stage, read.risk, read.next_action):
            wrong.append((lead, listed, read))
    return wrong


async def test_lists_agree_with_reads_within_a_minute_for_sixty_days(living, clock):
    changes = 0
    for hours in (1, 3, 5, 13, *([17] * 80)):
        clock.at += hours * HOUR - MINUTE
        changes += len(await disagreements(living))
        await a_minute(living, clock)
        assert await disagreements(living) == []
    assert changes > 5, "a test of leads that nothing happens to"
    assert (await replay(living, "verify")).drifted == []


async def test_the_moment_of_a_change_is_that_of_its_row_however_late_the_pass(living, clock):
    clock.at += 30 * DAY
    await a_minute(living, clock)

    rows = (await living.leads.history.of_leads(["asked"]))["asked"]
    falls = [row for row in rows if row.stage_after != row.stage_before and row.type == "score.decayed"]
    assert falls
    for row in falls:
        before = await read_intelligence(living, "asked", as_of=row.at - 1)
        after = await read_intelligence(living, "asked", as_of=row.at)
        assert (before.stage, after.stage) == (row.stage_before, row.stage_after)


async def fired(runtime):
    found = await runtime.store.database["automationExecutions"].find().to_list()
    return sorted((one["leadId"], one["ruleId"]) for one in found)


async def test_imported_history_stays_quiet_when_its_decay_is_recorded(living, clock):
    before = [one for one in await fired(living) if one[0] == "old"]
    assert before == []
    await a_minute(living, clock, times=3)
    for day in range(3):
        clock.at += DAY
        await apply_decay(living)
        await process_leads(living, LIVES)
        assert [one for one in await fired(living) if one[0] == "old"] == [], day
    rows = (await living.leads.history.of_leads(["old"]))["old"]
    assert [row.type for row in rows].count("score.decayed") == 1, (
        "the last change stands for all of long ago"
    )


async def test_a_silence_fires_on_the_day_when_it_is_long_enough(runtime, settings, clock, standard_with):
    rule = {
        "id": "quiet",
        "trigger": {"quietForDays": 5},
        "action": {"type": "tag", "tag": "quiet"},
        "period": "once",
    }
    rules = standard_with(name="quiet", automations=[rule])
    async with open_runtime(settings, rulebook=rules, work_queue=runtime.work_queue, now=clock) as engine:
        last = clock.at
        await ingest(engine, [EventInput(lead_id="ada", type="page_view", occurred_at=to_datetime(last))])
        await process_leads(engine, ["ada"])
        while clock.at < last + 6 * DAY and not await fired(engine):
            clock.at += 30 * MINUTE
            await record_due(engine)
            await process_leads(engine, ["ada"])
        assert await fired(engine) == [("ada", "quiet")]
        assert 5 * DAY <= clock.at - last <= 5 * DAY + 30 * MINUTE


@pytest.fixture
def standard_with():
    """`standard` with some of its sections replaced."""
    text = (files("domain") / "rulebooks" / "builtin" / "standard.yaml").read_text(encoding="utf-8")
    return lambda **sections: Rulebook.model_validate({**yaml.safe_load(text), **sections})


async def test_the_job_looks_at_outdated_leads_too(living, clock):
    leads = living.store.database["leads"]
    await leads.update_many({}, {"$set": {"foldedUnder": "an earlier fold"}})
    clock.at += 30 * DAY

    report = await apply_decay(living)

    assert (report.leads, report.failed) == (len(LIVES), 0)
    assert report.written > 3
    assert await leads.count_documents({"foldedUnder": "an earlier fold"}) == 0
