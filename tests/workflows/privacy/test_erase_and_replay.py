"""An erasure changes no position, score or total: a replay gives the same to the last bit."""

from __future__ import annotations

import bson
import pytest

from domain.instant import DAY, to_datetime
from domain.rulebooks.rulebook import Rulebook
from engine.operations.audit_log import ENGINE
from engine.rulebooks.library import load_rulebook
from engine.runtime import open_runtime
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.decay.decay import apply_decay
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads.process import process_leads
from workflows.privacy.erase import erase_personal_data
from workflows.replay.replay import replay
from workflows.work.loops import drain

LEADS = [f"lead-{number}" for number in range(4)]
NUMBERS = ("leads", "scoreHistory", "automationExecutions", "tasks", "events")


def _asks_whether_it_is_there() -> Rulebook:
    """The rulebook `standard` with points and fit for the mere presence of personal fields."""
    content = load_rulebook("standard").model_dump(by_alias=True, exclude_none=True)
    rule = {
        "id": "reachable",
        "group": "web",
        "event": "signup",
        "points": 7,
        "where": {"email": {"exists": True}},
    }
    content["score"]["rules"] = [*content["score"]["rules"], rule]
    known = {"attribute": "phone", "id": "phone", "cases": [{"when": {"exists": True}, "points": 20}]}
    content["score"]["fit"]["attributes"] = [*content["score"]["fit"]["attributes"], known]
    return Rulebook.model_validate({**content, "name": "asking"})


RULEBOOKS = {
    "classic": lambda: load_rulebook("classic"),
    "standard": lambda: load_rulebook("standard"),
    "asking whether fields are there": _asks_whether_it_is_there,
}


@pytest.fixture(params=RULEBOOKS)
async def engine(request, runtime, settings, clock):
    """A runtime under each rulebook, with leads whose events are full of personal fields."""
    async with open_runtime(
        settings, rulebook=RULEBOOKS[request.param](), work_queue=runtime.work_queue, now=clock
    ) as opened:
        await _live(opened, clock)
        yield opened


async def _live(runtime, clock):
    person = {"email": "ada@example.com", "name": "Ada", "phone": "+44 1"}
    lives = [
        ("page_view", {"path": "/pricing", "ip": "198.51.100.7"}),
        ("signup", person),
        ("lead.updated", {"companySize": "51-200", "seniority": "vp", **person}),
        ("email_reply", {"messageId": "m1", "message": "call me"}),
        ("demo_request", {"form": [{"name": "Ada"}, {"email": "ada@example.com"}]}),
        ("stage.set", {"stage": "hot", "by": "carol@sales", "why": "she called"}),
    ]
    for day, (kind, properties) in enumerate(lives):
        events = [
            {
                "leadId": lead,
                "type": kind,
                "eventId": f"{lead}-{day}",
                "properties": properties,
                "occurredAt": to_datetime(clock.at).isoformat(),
            }
            for lead in LEADS[: 2 + day % 3]
        ]
        await ingest(runtime, [check_event(event) for event in events])
        await process_leads(runtime, LEADS)
        await drain(runtime)
        await process_leads(runtime, LEADS)
        clock.at += DAY
    clock.at += 10 * DAY
    await apply_decay(runtime)
    await process_leads(runtime, LEADS)


async def _stored(runtime):
    """Every document with a number in it, as bytes."""
    return {
        name: [bson.encode(doc) async for doc in runtime.store.database[name].find().sort("_id")]
        for name in NUMBERS
    }


async def test_every_number_is_the_same_before_and_after_and_so_says_a_replay(engine, clock):
    before = await _stored(engine)
    read_before = [await read_intelligence(engine, lead, as_of=clock.at) for lead in LEADS]
    for lead in LEADS[:3]:
        assert (await erase_personal_data(engine, ENGINE, lead)).keys == 1

    assert await _stored(engine) == before
    report = await replay(engine, "verify")
    assert (report.leads, report.drifted, report.failed) == (len(LEADS), [], {})
    assert (await replay(engine)).rebuilt == 0
    read_after = [await read_intelligence(engine, lead, as_of=clock.at) for lead in LEADS]
    for then, now in zip(read_before, read_after, strict=True):
        assert (now.score, now.stage, now.reasons, now.position) == (
            then.score,
            then.stage,
            then.reasons,
            then.position,
        )


async def test_the_lead_lives_on_after_the_erasure_and_is_replayed_all_the_same(engine, clock):
    await erase_personal_data(engine, ENGINE, LEADS[0])
    await _live_again(engine)
    report = await replay(engine, "verify")
    assert (report.drifted, report.failed) == ([], {})


async def _live_again(runtime):
    event = {"leadId": LEADS[0], "type": "signup", "properties": {"email": "ada@example.org"}}
    await ingest(runtime, [check_event(event)])
    await process_leads(runtime, LEADS)


async def test_whether_a_personal_field_is_there_counts_before_and_after(runtime, settings, clock):
    async with open_runtime(
        settings, rulebook=_asks_whether_it_is_there(), work_queue=runtime.work_queue, now=clock
    ) as asking:
        await _live(asking, clock)
        await erase_personal_data(asking, ENGINE, LEADS[0])
        await replay(asking)
        found = {part.rule_id for part in (await read_intelligence(asking, LEADS[0])).reasons}
    assert {"reachable", "fit-phone"} <= found


async def test_who_set_a_stage_and_why_is_shown_until_it_is_erased(engine, clock):
    at = clock.at - 9 * DAY  # before the override has ended
    held = (await read_intelligence(engine, LEADS[0], as_of=at)).details.stage_set_by
    assert (held.stage, held.by, held.why) == ("hot", "carol@sales", "she called")
    await erase_personal_data(engine, ENGINE, LEADS[0])
    held = (await read_intelligence(engine, LEADS[0], as_of=at)).details.stage_set_by
    assert (held.stage, held.by, held.why) == ("hot", "[erased]", "[erased]")
