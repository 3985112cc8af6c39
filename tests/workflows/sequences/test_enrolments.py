"""Enrolled leads: their steps are taken once and in time, and end when the lead answers."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Conflict, Invalid, NotFound
from domain.instant import DAY, HOUR
from tests.workflows.sequences.conftest import ME
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.outreach.send import send_message
from workflows.replies.follow import enqueue_replies
from workflows.sequences.advance import advance_enrolment
from workflows.sequences.calendar import calendar_of_lead
from workflows.sequences.enrol import enrol_lead, stop_enrolment

FIRST = [
    ("sequence.enrolled", None),
    ("message.planned", None),
    ("sequence.step_done", "one"),
    ("message.sent", None),
]
SECOND = [
    ("message.planned", None),
    ("sequence.step_done", "two"),
    ("sequence.step_done", "call"),
    ("sequence.step_done", "tag"),
    ("sequence.ended", "finished"),
    ("message.sent", None),
]


async def test_each_step_is_taken_at_its_time_and_once(trial):
    await trial.activate()
    await trial.enrol()
    await trial.work()
    await trial.work(after_hours=47)
    assert await trial.story_of() == FIRST
    await trial.work(after_hours=1)
    assert await trial.story_of() == FIRST + SECOND
    await trial.work(after_hours=1000)
    assert await trial.story_of() == FIRST + SECOND
    await trial.apply("ada")
    assert (await trial.runtime.leads.states.get("ada")).tags == ("nurtured",)
    tasks = await trial.runtime.automations.tasks.page(state=None, lead_id="ada", after=None, limit=9)
    assert [task.title for task in tasks] == ["Call"]


async def test_the_calendar_is_what_is_then_done(trial):
    await trial.activate()
    enrolment = await trial.enrol()
    planned = [
        (entry.at - trial.clock.at, getattr(entry.effect, "step", entry.ended))
        for _, entry in await calendar_of_lead(trial.runtime, "ada")
    ]
    assert planned == [(0, "one"), *((2 * DAY, step) for step in ("two", "call", "tag", "finished"))]
    await trial.work()
    left = await calendar_of_lead(trial.runtime, "ada")
    assert [getattr(entry.effect, "step", entry.ended) for _, entry in left] == [
        "two",
        "call",
        "tag",
        "finished",
    ]
    assert {one.unit_id for one, _ in left} == {enrolment.unit_id}


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("message.received", "reply"), ("meeting.booked", "meeting"), ("email.unsubscribed", "opt-out")],
)
async def test_an_answer_ends_it_as_soon_as_it_is_folded(trial, kind, reason):
    await trial.activate()
    await trial.enrol()
    await trial.work()
    await trial.send("ada", kind)
    await trial.apply("ada")
    await trial.work()  # long before the next step is due
    assert (await trial.story_of())[-1] == ("sequence.ended", reason)


async def test_an_answer_that_is_not_folded_yet_is_seen_at_the_step(trial):
    await trial.activate()
    await trial.enrol()
    await trial.work()
    await trial.send("ada", "message.received")
    await trial.work(after_hours=48)
    assert (await trial.story_of())[-1] == ("sequence.ended", "reply")


@pytest.mark.parametrize("how", ["meeting.booked", "by hand"])
async def test_a_message_that_waits_to_be_sent_is_withheld_once_its_sequence_is_stopped(trial, how):
    await trial.activate()
    enrolment = await trial.enrol()
    (claimed,) = await trial.runtime.sequences.enrolments.claim(
        [enrolment.unit_id], trial.runtime.now(), HOUR
    )
    await advance_enrolment(trial.runtime, claimed)  # the message is planned, and nothing sends it yet
    if how == "by hand":
        await stop_enrolment(trial.runtime, enrolment.unit_id, ME, "a mistake")
    else:
        await trial.send("ada", how)
    (message,) = await trial.runtime.outreach.messages.of_lead("ada", after=None, limit=9)
    await trial.runtime.outreach.messages.claim([message.unit_id], trial.runtime.now(), HOUR)
    await send_message(trial.runtime, await trial.runtime.outreach.messages.get(message.unit_id))
    stored = await trial.runtime.outreach.messages.get(message.unit_id)
    assert [reason.code for reason in stored.withheld] == ["sequence-ended"]
    assert "message.sent" not in [kind for kind, _ in await trial.story_of()]


GOES_ON = "[meeting, opt-out, bounce, won, lost]"


async def planned_before_the_reply(trial, stop):
    """What became of a message that the lead replied to between the decision and the sending."""
    await trial.activate(stop=stop)
    enrolment = await trial.enrol()
    (claimed,) = await trial.runtime.sequences.enrolments.claim(
        [enrolment.unit_id], trial.runtime.now(), HOUR
    )
    await advance_enrolment(trial.runtime, claimed)
    await trial.send("ada", "message.received", channel="email", text="Can we have a call on Thursday?")
    await trial.work()
    (message, *_) = await trial.runtime.outreach.messages.of_lead("ada", after=None, limit=9)
    return [reason.code for reason in message.withheld]


async def test_a_sequence_that_does_not_stop_at_a_reply_sends_what_was_planned_before_it(trial):
    assert await planned_before_the_reply(trial, GOES_ON) == []
    assert ("message.sent", None) in await trial.story_of()


async def test_the_control_one_that_stops_at_a_reply_does_not(trial):
    assert await planned_before_the_reply(trial, "[reply, opt-out, bounce]") == ["replied", "sequence-ended"]


async def test_a_sequence_that_does_not_stop_at_a_reply_ends_with_an_opt_out_in_one(trial):
    await trial.activate(stop=GOES_ON)
    await trial.enrol()
    await trial.work()
    await trial.send("ada", "message.received", channel="email", text="Can we have a call on Thursday?")
    await trial.apply("ada")
    await trial.work()
    assert (await trial.story_of())[-1][0] != "sequence.ended", "the control"
    await trial.send("ada", "message.received", channel="email", text="Please stop writing to me.")
    await enqueue_replies(trial.runtime)
    await trial.work()
    await trial.apply("ada")
    await trial.work()
    assert (await trial.story_of())[-1] == ("sequence.ended", "opt-out")


async def test_after_a_month_without_a_worker_nothing_stale_is_sent(trial):
    await trial.activate()
    await trial.enrol()
    await trial.work(after_hours=24 * 30)
    assert await trial.story_of() == [
        ("sequence.enrolled", None),
        ("sequence.step_skipped", "one"),
        ("sequence.step_skipped", "two"),
        ("sequence.step_done", "call"),
        ("sequence.step_done", "tag"),
        ("sequence.ended", "finished"),
    ]


async def test_a_message_that_could_not_be_sent_in_time_is_withheld(trial):
    await trial.activate()
    enrolment = await trial.enrol()
    (claimed,) = await trial.runtime.sequences.enrolments.claim(
        [enrolment.unit_id], trial.runtime.now(), HOUR
    )
    await advance_enrolment(trial.runtime, claimed)
    trial.clock.at += 25 * HOUR
    await trial.work()
    assert ("message.withheld", None) in [(kind, None) for kind, _ in await trial.story_of()]
    assert "message.sent" not in [kind for kind, _ in await trial.story_of()]


async def test_a_worker_that_dies_between_any_two_steps_of_an_attempt_does_nothing_twice(trial, monkeypatch):
    await trial.activate()
    enrolment = await trial.enrol()

    class Died(BaseException):
        pass

    for moment in ("messages.add", "events", "carried_out"):
        (claimed,) = await trial.runtime.sequences.enrolments.claim(
            [enrolment.unit_id], trial.runtime.now(), HOUR
        )
        with monkeypatch.context() as patched:
            if moment == "messages.add":
                patched.setattr("workflows.sequences.carry_out.plan_message", _die(Died))
            elif moment == "events":
                patched.setattr("workflows.sequences.carry_out.append_sequence_event", _die(Died))
            else:
                patched.setattr(type(trial.runtime.sequences.enrolments), "carried_out", _die(Died))
            with pytest.raises(Died):
                await advance_enrolment(trial.runtime, claimed)
        trial.clock.at += 2 * HOUR
    await trial.work()
    story = await trial.story_of()
    assert [one for one in story if one[0] == "message.planned"] == [("message.planned", None)]
    assert sorted(story, key=str) == sorted(FIRST, key=str)


def _die(error):
    async def die(*_, **__):
        raise error

    return die


async def test_of_two_sequences_that_would_write_at_once_one_waits_for_the_gap(trial):
    steps = "\n  - {send: email, id: only, subject: S, text: T}"
    for name in ("first", "second"):
        await trial.activate(steps, name=name, gap="{hours: 20}")
    await trial.enrol(sequence="first")
    await trial.enrol(sequence="second")
    await trial.work()
    assert [kind for kind, _ in await trial.story_of()].count("message.sent") == 1
    await trial.work(after_hours=19)
    assert [kind for kind, _ in await trial.story_of()].count("message.sent") == 1
    await trial.work(after_hours=1)
    assert [kind for kind, _ in await trial.story_of()].count("message.sent") == 2


async def test_a_wake_up_during_an_attempt_is_not_lost(trial):
    await trial.activate()
    enrolment = await trial.enrol()
    store = trial.runtime.sequences.enrolments
    (claimed,) = await store.claim([enrolment.unit_id], trial.clock.at, HOUR)
    await store.wake(["ada"], ["message.received"], trial.clock.at)
    assert (await store.get(enrolment.unit_id)).leased_until is not None
    await store.postpone(claimed, "waits", trial.clock.at + DAY)
    assert (await store.get(enrolment.unit_id)).due_at == trial.clock.at


async def test_events_that_a_sequence_does_not_wait_for_wake_nothing(trial):
    await trial.activate()
    enrolment = await trial.enrol()
    await trial.work()
    due = (await trial.runtime.sequences.enrolments.get(enrolment.unit_id)).due_at
    await trial.send("ada", "page_view")
    await trial.apply("ada")
    assert (await trial.runtime.sequences.enrolments.get(enrolment.unit_id)).due_at == due


async def test_an_event_that_is_waited_for_leads_on_when_it_is_folded(trial):
    await trial.activate("\n  - {waitFor: email.clicked, within: {days: 9}, then: [{end: clicked}]}")
    await trial.enrol()
    await trial.work()
    await trial.send("ada", "email.clicked")
    await trial.apply("ada")
    await trial.work()
    assert (await trial.story_of())[-1] == ("sequence.ended", "clicked")


async def test_who_is_enrolled_goes_on_under_the_version_of_the_enrolment(trial):
    await trial.activate()
    await trial.enrol("ada")
    await trial.work()
    await trial.activate("\n  - {end: changed}", version=2)
    await trial.enrol("bob")
    await trial.work(after_hours=48)
    assert (await trial.story_of("ada"))[-2:] == SECOND[-2:]
    assert (await trial.story_of("bob"))[-1] == ("sequence.ended", "changed")


async def test_a_lead_is_enrolled_once_and_sixteen_at_once_enrol_it_once(trial):
    await trial.activate()
    await trial.enrol()
    with pytest.raises(Conflict):
        await trial.enrol()
    await enrol_first(trial.runtime, "bob")
    results = await asyncio.gather(
        *(enrol_lead(trial.runtime, ME, "bob", "welcome", "") for _ in range(16)), return_exceptions=True
    )
    assert sum(isinstance(one, Conflict) for one in results) == 15


async def enrol_first(runtime, lead_id):
    await ingest(runtime, [EventInput(lead_id=lead_id, type="signup")])


@pytest.mark.parametrize(("enrolled_again", "allowed"), [("once", False), ("{after: {days: 10}}", True)])
async def test_a_repeatable_sequence_takes_a_lead_again_after_its_time(trial, enrolled_again, allowed):
    await trial.activate("\n  - {end: quickly}", enrol=enrolled_again)
    await trial.enrol()
    await trial.work()
    with pytest.raises(Conflict):
        await trial.enrol()
    trial.clock.at += 11 * DAY
    if allowed:
        await trial.enrol()
    else:
        with pytest.raises(Conflict):
            await trial.enrol()


async def test_a_lead_is_in_one_exclusive_sequence_at_a_time(trial):
    await trial.activate(name="a1", exclusive="true")
    await trial.activate(name="a2", exclusive="true")
    await trial.activate(name="a3")
    await trial.enrol(sequence="a1")
    await trial.enrol(sequence="a3")
    with pytest.raises(Conflict):
        await trial.enrol(sequence="a2")


async def test_the_held_out_get_nothing_and_are_counted(trial):
    await trial.activate(holdout="100")
    await trial.enrol()
    await trial.work()
    assert await trial.story_of() == [("sequence.enrolled", None), ("sequence.ended", "holdout")]


async def test_without_an_address_the_message_is_left_out_and_the_reason_is_said(trial):
    await trial.activate()
    await enrol_first(trial.runtime, "nobody")
    await enrol_lead(trial.runtime, ME, "nobody", "welcome", "")
    await trial.work()
    assert (await trial.story_of("nobody"))[-1] == ("sequence.step_skipped", "one")


async def test_nobody_is_enrolled_without_a_lead_or_an_active_sequence(trial):
    await trial.activate()
    with pytest.raises(NotFound):
        await enrol_lead(trial.runtime, ME, "unknown", "welcome", "")
    with pytest.raises(Invalid, match="no active sequence"):
        await trial.enrol(sequence="other")


async def test_a_published_version_never_changes(trial):
    await trial.activate()
    await trial.activate()
    with pytest.raises(Conflict, match="raise its version to 2"):
        await trial.activate("\n  - {end: else}")


async def test_a_stage_that_the_rulebook_does_not_have_is_refused(trial):
    with pytest.raises(Invalid, match="no stage 'boiling'"):
        await trial.activate("\n  - branch: [{lead: {stage: boiling}, then: [{end: x}]}]")
