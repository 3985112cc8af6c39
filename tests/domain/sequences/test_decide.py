"""The decider of sequences: given a program, how far a lead has come and what is known, what happens now."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from domain.events.event import ENGINE_SOURCE
from domain.instant import DAY, HOUR
from domain.sequences.calendar import calendar_of
from domain.sequences.decide import AddTask, Progress, SendMessage, SetTag, SkipStep, decide
from tests.domain.sequences.builders import at, event, facts, program, start

MAIL = "  - {send: email, id: hello, subject: Hi, text: Hello%s}"
OPEN = '{days: [mon, tue, wed, thu, fri, sat, sun], opens: "00:00", closes: "24:00"}'
MONDAY = at("2026-11-30T10:00")


def sends(decision):
    return [one.step for one in decision.effects if isinstance(one, SendMessage)]


def test_a_message_within_the_window_goes_out_at_once_and_the_sequence_is_finished():
    decision = decide(program(MAIL % ""), start(MONDAY), MONDAY, facts())
    assert (sends(decision), decision.ended) == (["hello"], "finished")


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("2026-11-30T07:00", "2026-11-30T09:00"),
        ("2026-11-30T17:00", "2026-12-01T09:00"),
        ("2026-12-05T12:00", "2026-12-07T09:00"),
        ("2026-12-24T18:00", "2026-12-28T09:00"),  # the 25th is a holiday, then comes a weekend
        ("2028-02-28T20:00", "2028-02-29T09:00"),
        ("2026-03-28T12:00", "2026-03-30T09:00"),  # the clock is set forward on the 29th
    ],
)
def test_a_message_outside_the_window_waits_for_it(asked, sent):
    sequence = program(MAIL % "", window="{holidays: DE}")
    assert decide(sequence, start(at(asked)), at(asked), facts()).wait_until == at(sent)


def test_the_window_is_that_of_the_recipient():
    night = at("2026-12-01T03:00")
    there = facts(zone=ZoneInfo("Asia/Tokyo"))
    assert sends(decide(program(MAIL % ""), start(night), night, there)) == ["hello"]
    assert sends(decide(program(MAIL % ""), start(night), night, facts())) == []


def test_days_of_waiting_keep_the_time_of_day_over_a_change_of_the_clock():
    before = at("2026-10-24T10:00")
    sequence = program("  - wait: {days: 2}", window=OPEN)
    decision = decide(sequence, start(before), before, facts())
    assert decision.wait_until == at("2026-10-26T10:00") == before + 2 * DAY + HOUR


def test_between_two_messages_is_the_gap_whatever_sequence_the_last_one_was_of():
    sequence = program(MAIL % "", gap="{hours: 48}", window=OPEN)
    decision = decide(sequence, start(MONDAY), MONDAY, facts(last_touch=MONDAY - HOUR))
    assert decision.wait_until == MONDAY + 47 * HOUR


@pytest.mark.parametrize(
    ("late", "expected"), [("skip", "finished"), ("end", "too-late"), ("send", "finished")]
)
def test_after_a_month_of_downtime_each_step_does_what_its_policy_says(late, expected):
    sequence = program(MAIL % f", late: {late}")
    now = MONDAY + 28 * DAY
    decision = decide(sequence, start(MONDAY), now, facts())
    assert decision.ended == expected
    assert sends(decision) == (["hello"] if late == "send" else [])
    skipped = [one for one in decision.effects if isinstance(one, SkipStep)]
    assert [one.due_at for one in skipped] == ([] if late == "send" else [MONDAY])


def test_an_event_that_is_waited_for_leads_on_at_once_and_its_absence_at_the_end():
    steps = (
        "  - {waitFor: email.clicked, within: {days: 2}, then: [{addTag: yes1}], otherwise: [{addTag: no1}]}"
    )
    sequence = program(steps)
    waiting = decide(sequence, start(MONDAY), MONDAY, facts())
    assert (waiting.wait_until, waiting.waits_for) == (MONDAY + 2 * DAY, {"email.clicked"})
    clicked = decide(sequence, start(MONDAY), MONDAY + DAY, facts(event("email.clicked", MONDAY + HOUR)))
    assert clicked.effects == (SetTag("1.then.1", "yes1", removes=False),)
    silent = decide(sequence, start(MONDAY), MONDAY + 2 * DAY, facts())
    assert silent.effects == (SetTag("1.otherwise.1", "no1", removes=False),)


@pytest.mark.parametrize(
    "other",
    [
        event("email.clicked", MONDAY - HOUR),
        event("email.opened", MONDAY + HOUR),
        event("email.clicked", MONDAY + HOUR, automated="mail scanner"),
        event("email.clicked", MONDAY + 3 * DAY),
    ],
)
def test_an_earlier_a_later_another_event_and_that_of_a_machine_are_not_waited_for(other):
    sequence = program("  - {waitFor: email.clicked, within: {days: 2}, then: [{end: clicked}]}")
    assert decide(sequence, start(MONDAY), MONDAY + 4 * DAY, facts(other)).ended == "finished"


@pytest.mark.parametrize(
    ("known", "end"),
    [
        ({"stage": "hot"}, "hot"),
        ({"score": 60.0}, "high"),
        ({"attributes": {"country": "de"}}, "german"),
        ({"outcome": "won"}, "bought"),
        ({}, "else"),
    ],
)
def test_a_branch_takes_the_first_case_that_holds(known, end):
    steps = """
  - branch:
      - {lead: {stage: hot}, then: [{end: hot}]}
      - {lead: {score: {atLeast: 50}}, then: [{end: high}]}
      - {attributes: {country: DE}, then: [{end: german}]}
      - {lead: {outcome: won}, then: [{end: bought}]}
      - {event: page_view, then: [{end: looked}]}
    otherwise: [{end: else}]"""
    sequence = program(steps, stop="[opt-out, bounce]")
    assert decide(sequence, start(MONDAY), MONDAY, facts(**known)).ended == end
    looked = facts(event("page_view", MONDAY))
    assert decide(sequence, start(MONDAY), MONDAY, looked).ended == "looked"


def read(moment, kind="reply.classified", **said):
    """What the engine has read in the reply `r`, or a person has judged of it."""
    return replace(event(kind, moment, replyId="r", **said), source=ENGINE_SOURCE)


SUSPECTED = read(MONDAY, intent="interested", suspectedOptOut=0.3)
CLEARED = read(MONDAY + DAY, "reply.judged", optOut=False, intent="interested")


@pytest.mark.parametrize(
    "steps",
    [
        "  - {waitFor: reply.classified, where: {intent: interested}, within: {days: 2}, then: [{end: yes}], otherwise: [{end: no}]}",
        "  - {wait: {days: 2}}\n  - {branch: [{event: reply.classified, then: [{end: yes}]}], otherwise: [{end: no}]}",
    ],
)
@pytest.mark.parametrize(
    ("known", "end"),
    [
        ([read(MONDAY, intent="interested")], "yes"),
        ([SUSPECTED], "no"),
        ([SUSPECTED, CLEARED], "yes"),
    ],
)
def test_a_reading_beside_a_suspected_opt_out_is_waited_for_until_a_person_has_cleared_it(steps, known, end):
    sequence = program(steps, stop="[opt-out, bounce]")
    assert decide(sequence, start(MONDAY), MONDAY + 2 * DAY, facts(*known)).ended == end


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ([event("message.received", MONDAY)], None),
        ([event("message.received", MONDAY), read(MONDAY, intent="interested")], None),
        (
            [event("message.received", MONDAY), SUSPECTED],
            None,
        ),  # what it sends is withheld until somebody judges
        ([event("message.received", MONDAY), read(MONDAY, intent="unsubscribe")], "opt-out"),
        (
            [event("message.received", MONDAY), SUSPECTED, read(MONDAY, "reply.judged", optOut=True)],
            "opt-out",
        ),
        ([replace(event("event.discarded", MONDAY), event_id="r"), read(MONDAY, intent="unsubscribe")], None),
        ([event("email.unsubscribed", MONDAY)], "opt-out"),
    ],
)
def test_a_sequence_that_goes_on_after_a_reply_ends_with_an_opt_out_in_one(known, reason):
    sequence = program(MAIL % "", stop="[opt-out, bounce]")
    decision = decide(sequence, start(MONDAY), MONDAY, facts(*known))
    assert decision.ended == (reason or "finished")
    assert sends(decision) == ([] if reason else ["hello"])


def test_after_a_branch_the_paths_meet_again():
    steps = (
        "  - {branch: [{lead: {stage: hot}, then: [{addTag: a}]}], otherwise: [{addTag: b}]}\n  - {addTag: c}"
    )
    sequence = program(steps)

    def tags(known):
        return [one.tag for one in decide(sequence, start(MONDAY), MONDAY, known).effects]

    assert (tags(facts(stage="hot")), tags(facts())) == (["a", "c"], ["b", "c"])


def test_a_hand_over_is_a_task_and_the_end():
    decision = decide(program("  - {handOver: Call}\n  - {end: never}"), start(MONDAY), MONDAY, facts())
    assert decision.effects == (AddTask("1", "Call", "high", MONDAY + DAY),)
    assert decision.ended == "handed-over"


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (facts(event("message.received", MONDAY)), "reply"),
        (facts(event("meeting.booked", MONDAY)), "meeting"),
        (facts(event("email.unsubscribed", MONDAY)), "opt-out"),
        (facts(event("email.bounced", MONDAY)), "bounce"),
        (facts(outcome="won"), "won"),
        (facts(outcome="disqualified"), "lost"),
    ],
)
def test_what_stops_a_sequence_stops_it_before_its_next_step(known, reason):
    decision = decide(program(MAIL % ""), start(MONDAY), MONDAY, known)
    assert (decision.effects, decision.ended) == ((), reason)


@pytest.mark.parametrize(
    "known",
    [
        facts(event("email.bounced", MONDAY, type="soft")),
        facts(event("email.auto_replied", MONDAY)),
        facts(event("email.opened", MONDAY)),
    ],
)
def test_what_is_no_answer_stops_nothing(known):
    assert sends(decide(program(MAIL % ""), start(MONDAY), MONDAY, known)) == ["hello"]


def test_each_lead_gets_one_variant_always_and_all_are_used():
    sequence = program(
        "  - {send: email, subject: S, variants: [{name: a, text: A}, {name: b, text: B, weight: 3}]}"
    )

    def variant(lead_id):
        (effect,) = decide(sequence, start(MONDAY), MONDAY, facts(lead_id=lead_id)).effects
        return effect.variant.name

    first = [variant(f"lead-{one}") for one in range(1000)]
    assert first == [variant(f"lead-{one}") for one in range(1000)]
    assert 200 < first.count("a") < 300


def test_a_clock_that_was_set_back_sends_nothing_twice_and_nothing_early():
    sequence = program(MAIL % "" + "\n  - {send: email, subject: Again, text: Hello}", window=OPEN)
    decision = decide(sequence, start(MONDAY), MONDAY, facts())
    assert sends(decision) == ["hello"]
    back = decide(sequence, decision.progress, MONDAY - 5 * DAY, facts(last_touch=MONDAY))
    assert (sends(back), back.wait_until) == ([], MONDAY + DAY)


def test_the_calendar_is_what_is_then_done():
    steps = (
        MAIL % "" + "\n  - wait: {days: 3}\n  - {send: email, id: two, subject: S, text: T}\n  - {addTag: x}"
    )
    sequence = program(steps)
    calendar = list(calendar_of(sequence, start(MONDAY), MONDAY, facts()))
    done, progress, now, last_touch = [], start(MONDAY), MONDAY, None
    while now is not None:
        decision = decide(sequence, progress, now, facts(last_touch=last_touch))
        done += [(now, one) for one in decision.effects]
        last_touch = now if sends(decision) else last_touch
        progress, now = decision.progress, decision.wait_until
    assert [(one.at, one.effect) for one in calendar if one.effect] == done
    assert [one.ended for one in calendar if one.ended] == ["finished"]
    assert isinstance(progress, Progress)
