"""Absences of leads: which reply counts, until when a sequence pauses, and what goes on after the return."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from domain.events.event import ENGINE_SOURCE
from domain.instant import DAY, HOUR
from domain.sequences.absence import Absence, absence_in
from domain.sequences.calendar import calendar_of
from domain.sequences.decide import AddTask, SendMessage, decide
from domain.sequences.duration import Duration
from tests.domain.sequences.builders import BERLIN, at, event, facts, program, start

MONDAY = at("2026-11-30T10:00")
WEEK = Duration(7, 0)
NOTE = "I am out of the office until 5 December."


def read_as(intent, occurred_at=MONDAY, reply_id="r", **properties):
    read = event("reply.classified", occurred_at, replyId=reply_id, intent=intent, **properties)
    return replace(read, source=ENGINE_SOURCE)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], None),
        ([read_as("question")], None),
        ([read_as("out_of_office")], Absence(MONDAY, "r")),
        (
            [read_as("out_of_office", returns="2026-12-05")],
            Absence(MONDAY, "r", date(2026, 12, 5)),
        ),
        ([read_as("out_of_office", returns="soon")], Absence(MONDAY, "r")),
        ([read_as("out_of_office", suspectedOptOut=0.3)], None),
        ([read_as("out_of_office", returns=5)], Absence(MONDAY, "r")),
        ([read_as("out_of_office"), read_as("question", MONDAY + DAY)], None),
        (
            [read_as("out_of_office", returns="2026-12-24"), read_as("out_of_office", MONDAY + 1, "s")],
            Absence(MONDAY + 1, "s"),
        ),
        ([read_as("out_of_office"), event("event.discarded", MONDAY)], Absence(MONDAY, "r")),
        (
            [
                read_as("out_of_office", reply_id=f"event.discarded-{MONDAY}"),
                event("event.discarded", MONDAY),
            ],
            None,
        ),
    ],
)
def test_the_latest_reply_that_still_counts_says_whether_a_lead_is_away(events, expected):
    assert absence_in(events) == expected


@pytest.mark.parametrize(
    ("returns", "zone", "until"),
    [
        (date(2026, 12, 5), "Europe/Berlin", "2026-12-06T00:00"),
        (date(2026, 12, 5), "Pacific/Kiritimati", "2026-12-06T00:00"),
        (date(2028, 2, 28), "Europe/Berlin", None),  # too far away: a year at most
        (date(9999, 12, 31), "Europe/Berlin", None),
        (None, "Europe/Berlin", "2026-12-07T10:00"),
    ],
)
def test_a_pause_ends_when_the_day_after_the_return_begins_where_the_lead_lives(returns, zone, until):
    place = ZoneInfo(zone)
    expected = MONDAY + 366 * DAY if until is None else at(until, place)
    assert Absence(MONDAY, "r", returns).until(place, WEEK) == expected


@pytest.mark.parametrize(
    ("said_at", "returns", "until"),
    [
        ("2028-02-20T10:00", date(2028, 2, 28), "2028-02-29T00:00"),
        ("2027-02-20T10:00", date(2027, 2, 28), "2027-03-01T00:00"),
        ("2026-03-20T10:00", date(2026, 3, 29), "2026-03-30T00:00"),
        ("2026-03-25T10:00", None, "2026-04-01T10:00"),
    ],
)
def test_leap_days_and_changes_of_the_clock_are_days_like_all_others(said_at, returns, until):
    assert Absence(at(said_at), "r", returns).until(BERLIN, WEEK) == at(until)


MAILS = """
  - {send: email, id: one, subject: Hi, text: Hello}
  - {wait: {days: 2}}
  - {send: email, id: two, subject: Hi, text: Again}
  - {task: Call, id: call}
"""
AWAY = Absence(MONDAY + DAY, "r", date(2026, 12, 8))  # a Tuesday


def test_the_next_message_goes_out_when_the_window_opens_on_the_day_after_the_return():
    entries = list(calendar_of(program(MAILS), start(MONDAY), MONDAY + DAY, facts(away=AWAY)))
    assert [(one.at, one.paused) for one in entries if one.paused] == [(at("2026-12-09T09:00"), AWAY)]
    assert {one.at for one in entries} == {at("2026-12-09T09:00"), at("2026-12-11T09:00")}


def test_while_a_lead_is_away_nothing_is_done_and_the_reason_is_said():
    decision = decide(program("  - {task: Call}"), start(MONDAY), MONDAY + 2 * DAY, facts(away=AWAY))
    assert (decision.effects, decision.paused, decision.ended) == ((), AWAY, None)
    later = decide(program("  - {task: Call}"), start(MONDAY), decision.wait_until, facts(away=AWAY))
    assert isinstance(later.effects[0], AddTask)


def test_a_message_that_was_too_late_before_the_lead_went_away_stays_too_late():
    stale = Absence(MONDAY + 3 * DAY, "r", date(2026, 12, 8))
    now = at("2026-12-09T09:00")
    decision = decide(program(MAILS), start(MONDAY), now, facts(away=stale))
    assert not any(isinstance(one, SendMessage) and one.step == "one" for one in decision.effects)
    put_off = decide(
        program(MAILS), start(MONDAY), now, facts(away=Absence(MONDAY + HOUR, "r", date(2026, 12, 8)))
    )
    assert isinstance(put_off.effects[0], SendMessage)  # the control


def test_what_is_waited_for_may_come_as_long_after_the_return_as_it_could_before():
    steps = (
        "  - {waitFor: email.clicked, within: {days: 2}, then: [{end: clicked}], otherwise: [{end: silent}]}"
    )
    sequence, back = program(steps), at("2026-12-09T09:00")
    known = facts(away=AWAY)
    assert decide(sequence, start(MONDAY), back, known).wait_until == back + 2 * DAY
    clicked = facts(event("email.clicked", back + DAY), away=AWAY)
    assert decide(sequence, start(MONDAY), back + DAY, clicked).ended == "clicked"
    assert decide(sequence, start(MONDAY), back + 2 * DAY, known).ended == "silent"


def test_a_note_of_absence_is_no_reply_however_it_came_and_a_reply_of_a_person_ends_the_pause():
    note = event("message.received", MONDAY, messageBody=NOTE)
    for events in ([note], [note, read_as("out_of_office", reply_id=note.event_id)]):
        assert decide(program(MAILS), start(MONDAY), MONDAY, facts(*events, away=AWAY)).ended is None
    corrected = read_as("question", reply_id=note.event_id)
    assert decide(program(MAILS), start(MONDAY), MONDAY, facts(note, corrected)).ended == "reply"
    answer = event("message.received", MONDAY + DAY, messageBody="Tuesday suits me.")
    assert decide(program(MAILS), start(MONDAY), MONDAY + DAY, facts(answer, away=AWAY)).ended == "reply"
