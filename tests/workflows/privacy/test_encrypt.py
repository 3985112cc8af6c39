"""Personal fields never reach the store open, and repeats are recognised without giving anything away."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from domain.errors import Unavailable
from domain.privacy.personal_fields import ERASED, PersonalFields, is_sealed
from engine.operations.audit_log import ENGINE
from engine.runtime import open_runtime
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.privacy.encrypt import opened
from workflows.privacy.erase import erase_personal_data

ADA = {
    "leadId": "ada",
    "type": "signup",
    "eventId": "e1",
    "properties": {"email": "ada@example.com", "plan": "gold"},
}


async def send(runtime, *events):
    """What became of the events, in one word each."""
    return [one.status for one in await ingest(runtime, [check_event(event) for event in events])]


async def stored(runtime, event_id="e1"):
    return await runtime.store.database["events"].find_one({"eventId": event_id})


async def shown(runtime, lead_id="ada"):
    """The properties of the lead's events as readers see them, the oldest first."""
    return [one.properties for one in await opened(runtime, await runtime.capture.events.of_lead(lead_id))]


def changed(**properties):
    return {**ADA, "properties": {**ADA["properties"], **properties}}


async def test_a_personal_field_is_stored_sealed_and_shown_as_it_was_sent(runtime):
    assert await send(runtime, ADA) == ["accepted"]
    properties = (await stored(runtime))["properties"]
    assert is_sealed(properties["email"])
    assert properties["plan"] == "gold"
    assert await shown(runtime) == [ADA["properties"]]


async def test_an_event_without_a_personal_field_is_stored_as_ever_and_costs_no_key(runtime):
    assert await send(runtime, {**ADA, "properties": {"plan": "gold", "email": None}}) == ["accepted"]
    assert (await stored(runtime))["properties"] == {"plan": "gold", "email": None}
    assert await runtime.store.database["leadKeys"].count_documents({}) == 0


async def test_events_of_many_leads_come_out_in_their_order_each_under_its_own_key(runtime):
    events = [
        {
            "leadId": f"lead-{n % 7}",
            "type": "form",
            "eventId": f"e{n}",
            "properties": {"name": f"name {n}"} if n % 3 else {"n": n},
        }
        for n in range(60)
    ]
    results = await ingest(runtime, [check_event(event) for event in events])
    assert [one.event_id for one in results] == [event["eventId"] for event in events]
    assert await runtime.store.database["leadKeys"].count_documents({}) == 7
    for lead in range(7):
        wanted = [event["properties"] for event in events if event["leadId"] == f"lead-{lead}"]
        assert await shown(runtime, f"lead-{lead}") == wanted


async def test_keys_that_do_not_come_are_waited_for_a_bounded_time_in_a_bounded_queue(runtime, monkeypatch):
    async def hang(lead_ids):
        await asyncio.Event().wait()

    monkeypatch.setattr(runtime.privacy.keys, "of_leads", hang)
    monkeypatch.setattr("engine.capture.log.admission.APPEND_SECONDS", 0.3)
    sending = asyncio.create_task(send(runtime, ADA))
    async with asyncio.timeout(3):
        while runtime.capture.appender.waiting_events == 0:
            await asyncio.sleep(0)
        with pytest.raises(Unavailable, match="same event ids"):
            await sending
    assert runtime.capture.appender.waiting_events == 0
    monkeypatch.undo()
    assert await send(runtime, ADA) == ["accepted"]


# --- Repeats ---


async def test_the_same_event_again_is_a_duplicate_though_it_is_sealed_again(runtime):
    assert await send(runtime, ADA, ADA) == ["accepted", "duplicate"]
    assert await send(runtime, ADA) == ["duplicate"]
    assert await runtime.capture.log.count() == 1


@pytest.mark.parametrize(
    "other",
    [changed(email="eve@example.com"), changed(plan="silver"), {**ADA, "properties": {"plan": "gold"}}],
)
async def test_another_event_of_the_same_id_is_a_conflict(runtime, other):
    await send(runtime, ADA)
    assert await send(runtime, other) == ["conflict"]


async def test_an_event_that_lacked_the_personal_field_and_now_has_it_is_a_conflict(runtime):
    await send(runtime, {**ADA, "properties": {"plan": "gold"}})
    assert await send(runtime, ADA) == ["conflict"]


BOB = {**ADA, "leadId": "bob"}


async def test_an_event_of_another_lead_under_a_known_id_is_a_conflict_within_one_call_too(runtime):
    assert await send(runtime, ADA, BOB) == ["accepted", "conflict"]
    assert await send(runtime, BOB) == ["conflict"]
    assert (await stored(runtime))["leadId"] == "ada"


async def test_an_event_of_another_lead_is_a_conflict_after_the_erasure_of_the_first_one_too(runtime):
    await send(runtime, ADA)
    await erase_personal_data(runtime, ENGINE, "ada")
    assert await send(runtime, BOB) == ["conflict"]
    assert await send(runtime, ADA) == ["duplicate"], "the control"


async def test_after_the_erasure_the_same_event_is_a_duplicate_still_and_nothing_of_it_is_stored(runtime):
    await send(runtime, ADA)
    before = await stored(runtime)
    await erase_personal_data(runtime, ENGINE, "ada")
    assert await send(runtime, ADA) == ["duplicate"]
    assert await send(runtime, changed(email="eve@example.com")) == ["duplicate"], (
        "it cannot be compared any more"
    )
    assert await stored(runtime) == before
    assert await shown(runtime) == [{"email": ERASED, "plan": "gold"}]


async def test_what_a_lead_sends_after_the_erasure_can_be_read(runtime):
    await send(runtime, ADA)
    await erase_personal_data(runtime, ENGINE, "ada")
    assert await send(runtime, {**ADA, "eventId": "e2"}) == ["accepted"]
    assert await shown(runtime) == [{"email": ERASED, "plan": "gold"}, ADA["properties"]]


async def test_the_hash_of_an_event_gives_nothing_away_once_the_key_is_gone(runtime, settings, clock):
    """The same events in a store without sealing have the same hashes, so there one can try names until one fits."""
    await send(runtime, ADA)
    sealed_hash = (await stored(runtime))["bodyHash"]
    open_settings = settings.model_copy(
        update={"personal_fields": "", "mongodb_database": f"{settings.mongodb_database}_open"}
    )
    async with open_runtime(open_settings, work_queue=runtime.work_queue, now=clock) as other:
        await send(other, ADA, {**ADA, "eventId": "e2"})
        guessable = [(await stored(other, event_id))["bodyHash"] for event_id in ("e1", "e2")]
        await other.store.client.drop_database(open_settings.mongodb_database)
    assert guessable[0] == guessable[1]
    assert guessable[0] not in sealed_hash
    await send(runtime, {**ADA, "leadId": "bob", "eventId": "e3"}, {**ADA, "leadId": "bob", "eventId": "e4"})
    assert (await stored(runtime, "e3"))["bodyHash"] != sealed_hash


async def test_an_event_from_before_its_field_became_personal_is_a_duplicate_still(runtime, settings, clock):
    narrow = settings.model_copy(update={"personal_fields": "phone"})
    async with open_runtime(narrow, work_queue=runtime.work_queue, now=clock) as earlier:
        assert await send(earlier, ADA) == ["accepted"]
    assert await send(runtime, ADA) == ["duplicate"]
    assert await send(runtime, changed(email="eve@example.com")) == ["conflict"]
    assert await shown(runtime) == [ADA["properties"]]


async def test_what_was_sealed_can_be_read_when_its_field_is_personal_no_more(runtime):
    await send(runtime, ADA)
    assert "email" not in PersonalFields.named("phone")
    assert await shown(runtime) == [ADA["properties"]]


_APPENDS = re.compile(r"appender\.(append|reserve)\(")


def test_nobody_appends_past_the_seal():
    root = Path(__file__).parents[3]
    appending = {
        path.relative_to(root).as_posix(): len(_APPENDS.findall(path.read_text(encoding="utf-8")))
        for folder in ("api", "jobs", "workflows", "engine")
        for path in (root / folder).rglob("*.py")
    }
    past = {name for name, times in appending.items() if times}
    past.discard("workflows/privacy/encrypt.py")
    assert past == {
        "workflows/decay/time_events.py",  # whose events have no properties
        "workflows/automations/create_task.py",  # whose event has the title as the task has it: encrypted
    }
    assert len(appending) > 100, "the control: there is something to look through"
