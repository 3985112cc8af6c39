"""Replies get one event that says what they mean, however often and whenever they are looked at; an opt-out is kept."""

from __future__ import annotations

import pytest

from domain.errors import Conflict, NotFound, Unavailable
from domain.events.vocabulary import REPLY_CLASSIFIED
from domain.leads.intelligence import intelligence
from domain.replies.intent import Reading
from domain.replies.reply_event import reading_id
from engine.operations.audit_log import ENGINE
from engine.outreach.message import Author
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.capture.retract import retract_event
from workflows.leads.process import process_leads
from workflows.outreach.plan import NewMessage, plan_message
from workflows.outreach.reply import NewReply, record_reply
from workflows.replies import classify as classify_module
from workflows.replies.follow import REPLIES_FOUND, enqueue_replies
from workflows.work.loops import drain
from workflows.work.operate import UnitRef, discard_unit, retry_unit

ME = Author("person", "p_1")
A_RULE = Author("automation", "welcome")
STOP = "Thanks, but please stop writing to me."


@pytest.fixture
async def ada(runtime):
    properties = {"email": "ada@example.com"}
    await ingest(runtime, [check_event({"leadId": "ada", "type": "signup", "properties": properties})])
    return "ada"


async def classify_replies(runtime):
    """Everything that the scheduler and the workers do about replies. Returns how many were found."""
    found = await enqueue_replies(runtime)
    await drain(runtime)
    return found


async def reply(runtime, text, **more):
    return await record_reply(runtime, "ada", NewReply(channel="email", text=text, **more))


async def readings(runtime, lead="ada"):
    events = await runtime.capture.events.of_lead(lead, types={REPLY_CLASSIFIED})
    return [(event.properties["intent"], event.properties["replyId"]) for event in events]


async def write(runtime, author=ME, **more):
    fields = {"channel": "email", "subject": "Hi", "text": "Hello", "despite_reply": True, **more}
    message, _ = await plan_message(runtime, author, "ada", NewMessage(**fields), None)
    await drain(runtime)
    return await runtime.outreach.messages.get(message.unit_id)


async def test_a_reply_is_classified_once(runtime, ada):
    answer = await reply(runtime, "Can we have a call on Thursday?")
    assert await classify_replies(runtime) == 1
    assert await classify_replies(runtime) == 0
    assert await readings(runtime) == [("meeting_request", answer.event_id)]


async def test_a_pass_that_is_repeated_from_the_first_event_on_changes_nothing(runtime, ada):
    await reply(runtime, "Can we have a call on Thursday?")
    await classify_replies(runtime)
    before = await runtime.capture.log.last_position()
    await runtime.store.database["checkpoints"].delete_one({"_id": REPLIES_FOUND})
    await runtime.store.database["replyReadings"].delete_many({})
    assert await classify_replies(runtime) == 1
    assert await runtime.capture.log.last_position() == before
    await runtime.store.database["checkpoints"].delete_one({"_id": REPLIES_FOUND})
    assert await classify_replies(runtime) == 0, "each is known"


async def test_the_event_has_the_moment_of_the_reply_and_nothing_of_its_text(runtime, ada):
    answer = await reply(runtime, "Interesting, Ada Byron here. Tell me more about the price for 50 users.")
    await classify_replies(runtime)
    events = await runtime.capture.events.of_lead("ada")
    (of_reply,) = [one for one in events if one.event_id == answer.event_id]
    (read,) = [one for one in events if one.type == REPLY_CLASSIFIED]
    assert read.occurred_at == of_reply.occurred_at
    assert "Byron" not in str(read.properties)
    assert not read.is_activity


async def test_an_absence_has_the_day_of_the_return(runtime, ada):
    await reply(runtime, "I am out of the office until 2031-01-12.")
    await classify_replies(runtime)
    (read,) = await runtime.capture.events.of_lead("ada", types={REPLY_CLASSIFIED})
    assert (read.properties["intent"], read.properties["returns"]) == ("out_of_office", "2031-01-12")


async def test_answers_of_machines_are_classified_by_what_they_are(runtime, ada):
    event = {"leadId": "ada", "type": "email.auto_replied", "properties": {"messageBody": "Hello, thank you"}}
    await ingest(runtime, [check_event(event)])
    await classify_replies(runtime)
    assert [intent for intent, _ in await readings(runtime)] == ["out_of_office"]


async def test_a_reply_without_a_text_is_passed_over(runtime, ada):
    await ingest(runtime, [check_event({"leadId": "ada", "type": "email_reply", "properties": {}})])
    await classify_replies(runtime)
    assert await readings(runtime) == []


async def test_an_opt_out_is_answered_by_nothing_even_before_it_is_classified(runtime, ada):
    await reply(runtime, STOP)
    message = await write(runtime)
    assert [reason.code for reason in message.withheld] == ["opted-out"]
    await classify_replies(runtime)
    message = await write(runtime)
    assert {reason.code for reason in message.withheld} == {"opted-out", "suppressed"}


async def test_the_control_another_reply_withholds_nothing(runtime, ada):
    await reply(runtime, "Can we have a call on Thursday?")
    await classify_replies(runtime)
    assert (await write(runtime)).provider_id


async def test_an_opt_out_holds_for_every_lead_with_the_address_and_in_every_channel(runtime, ada):
    sent = await write(runtime, to="ada@home.example")
    await reply(runtime, STOP, in_reply_to=sent.unit_id)
    await classify_replies(runtime)
    for address in ("ada@example.com", "ada@home.example"):
        assert await runtime.outreach.suppressions.met_by("email", "email", address)
    entries = await runtime.outreach.suppressions.page(after=None, limit=10)
    assert {entry.scope for entry in entries} == {"all"}


async def test_a_reading_that_was_wrong_goes_with_the_retraction_of_its_reply(runtime, ada):
    answer = await reply(runtime, STOP)
    await classify_replies(runtime)
    for entry in await runtime.outreach.suppressions.page(after=None, limit=10):
        await runtime.outreach.suppressions.remove(entry.entry_id)
    assert [one.code for one in (await write(runtime)).withheld] == ["opted-out"]
    await retract_event(runtime, ENGINE, "ada", answer.event_id, "misread")
    await process_leads(runtime, ["ada"])
    assert (await write(runtime)).provider_id


async def test_an_opt_out_that_is_only_suspected_ends_what_nobody_has_judged_and_suppresses_no_address(
    runtime, ada, monkeypatch
):
    guess = Reading(intent="interested", confidence=0.7, by="classifier", suspected_opt_out=0.25)
    monkeypatch.setattr("engine.assistant.offline.classify", lambda *_: guess)
    await reply(runtime, "Zzyzx")
    await classify_replies(runtime)
    (read,) = await runtime.capture.events.of_lead("ada", types={REPLY_CLASSIFIED})
    assert (read.properties["intent"], read.properties["suspectedOptOut"]) == ("interested", 0.25)
    assert await runtime.outreach.suppressions.page(after=None, limit=10) == []
    assert [one.code for one in (await write(runtime, A_RULE)).withheld] == ["opted-out"]
    assert (await write(runtime)).provider_id, "somebody who has read the reply answers it"
    found = (await intelligence_of(runtime)).details
    assert (found.suppressed, found.opt_outs) == (False, {}), "a person sees the reply, and judges"


async def intelligence_of(runtime):
    await process_leads(runtime, ["ada"])
    state = await runtime.leads.states.get("ada")
    return intelligence(state, runtime.now(), runtime.rulebook)


async def test_an_opt_out_is_the_contact_state_and_the_next_action_at_once(runtime, ada):
    assert not (await intelligence_of(runtime)).details.suppressed
    answer = await reply(runtime, STOP)
    await classify_replies(runtime)
    found = await intelligence_of(runtime)
    assert (found.next_action, found.details.suppressed) == ("do_not_contact", True)
    assert found.details.next_action == "The lead has asked in a reply not to be contacted."
    (event,) = [one for one in await runtime.capture.events.of_lead("ada") if one.event_id == answer.event_id]
    assert found.details.opt_outs == {"all": event.occurred_at}
    rows = await runtime.leads.history.page_of_lead("ada", 10, silent=False)
    assert [row.type for row in rows if row.type == REPLY_CLASSIFIED]


async def test_the_control_another_reply_leaves_the_contact_state_alone(runtime, ada):
    await reply(runtime, "Can we have a call on Thursday?")
    await classify_replies(runtime)
    found = await intelligence_of(runtime)
    assert (found.details.suppressed, found.details.opt_outs) == (False, {})


async def test_an_opt_out_of_one_channel_closes_that_one_only(runtime, ada):
    await reply(runtime, "Please stop sending me e-mails. WhatsApp is fine for me.")
    assert [one.code for one in (await write(runtime)).withheld] == ["opted-out"]
    await classify_replies(runtime)
    found = await intelligence_of(runtime)
    assert (found.details.suppressed, found.details.closed_channels) == (False, ("email",))
    assert {one.code for one in (await write(runtime)).withheld} == {"opted-out", "suppressed"}
    by_whatsapp = await write(runtime, channel="whatsapp", to="+4915112345678", subject="")
    assert "opted-out" not in {one.code for one in by_whatsapp.withheld}
    entries = await runtime.outreach.suppressions.page(after=None, limit=10)
    assert {(entry.scope, entry.kind) for entry in entries} == {("email", "email")}


async def test_the_reading_of_a_reply_is_retracted_with_it_and_comes_back_with_it(runtime, ada):
    answer = await reply(runtime, STOP)
    await classify_replies(runtime)
    retraction = await retract_event(runtime, ENGINE, "ada", answer.event_id, "misread")
    assert not (await intelligence_of(runtime)).details.suppressed
    await retract_event(runtime, ENGINE, "ada", retraction.event_id, "it was right")
    assert (await intelligence_of(runtime)).details.suppressed


async def test_a_reply_that_cannot_be_read_is_dead_with_the_reason_and_holds_up_no_other(
    runtime, ada, clock, monkeypatch
):
    real = classify_module.decided_by_rules

    def breaks(reply):
        if "poison" in reply.text:
            raise RecursionError("poison of Ada Byron")
        return real(reply)

    monkeypatch.setattr(classify_module, "decided_by_rules", breaks)
    bad = await reply(runtime, "poison")
    good = await reply(runtime, STOP)
    await classify_replies(runtime)
    assert await readings(runtime) == [("unsubscribe", good.event_id)]
    unit_id = reading_id("ada", bad.event_id)
    while (unit := await runtime.replies.readings.get(unit_id)).state == "retrying":
        clock.at = unit.due_at
        await drain(runtime)
    assert (unit.state, unit.attempts[-1].detail) == ("dead", "it cannot be read: RecursionError")
    assert "Byron" not in str(unit)
    ref = UnitRef("reply", unit_id)
    with pytest.raises(NotFound):
        await discard_unit(runtime, ENGINE, UnitRef("message", unit_id), "no reply")
    discarded = (await discard_unit(runtime, ENGINE, ref, "no reply")).unit
    assert (discarded.state, discarded.held_because) == ("done", "discarded: no reply")
    with pytest.raises(Conflict, match="Only a dead reading"):
        await discard_unit(runtime, ENGINE, ref, "again")
    with pytest.raises(NotFound):
        await discard_unit(runtime, ENGINE, UnitRef("reply", "other"), "no reply")
    monkeypatch.undo()
    await retry_unit(runtime, ENGINE, UnitRef("reply", unit_id))
    await drain(runtime)
    assert (await runtime.replies.readings.get(unit_id)).state == "done"
    assert len(await readings(runtime)) == 2


async def test_a_store_that_is_away_while_a_reply_is_read_costs_an_attempt_and_no_reply(
    runtime, ada, clock, monkeypatch
):
    async def away(*args):
        raise Unavailable("away")

    answer = await reply(runtime, STOP)
    with monkeypatch.context() as broken:
        broken.setattr(classify_module, "append_sealed", away)
        await classify_replies(runtime)
    unit = await runtime.replies.readings.get(reading_id("ada", answer.event_id))
    assert unit.state == "retrying"
    clock.at = unit.due_at
    await drain(runtime)
    assert await readings(runtime) == [("unsubscribe", answer.event_id)]


async def test_a_reply_that_was_retracted_before_it_was_read_is_not_read(runtime, ada):
    answer = await reply(runtime, STOP)
    await enqueue_replies(runtime)
    await retract_event(runtime, ENGINE, "ada", answer.event_id, "a test")
    await process_leads(runtime, ["ada"])
    await drain(runtime)
    assert await readings(runtime) == []
    assert (await runtime.replies.readings.get(reading_id("ada", answer.event_id))).state == "done"
