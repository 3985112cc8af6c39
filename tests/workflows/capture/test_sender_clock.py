"""When events of senders with wrong clocks occurred: never after their receipt, in their order, and said so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.instant import DAY, HOUR, MINUTE, SECOND, to_datetime
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.capture.page_events import ingest_from_page
from workflows.capture.sender_clock import occurrences

NOW = 1_795_348_800_000


def sent(*offsets):
    """Events so many milliseconds after our now by their sender's clock; None for one without a time."""
    return [
        EventInput(
            lead_id="ada",
            type="page_view",
            occurred_at=None if offset is None else to_datetime(NOW) + timedelta(milliseconds=offset),
        )
        for offset in offsets
    ]


def found(*offsets, sent_at=None, oldest=0):
    """Offsets to our now by our clock, with whether they were clamped."""
    times = occurrences(
        sent(*offsets), NOW, sent_at=None if sent_at is None else NOW + sent_at, oldest=oldest
    )
    return [(at - NOW, clamped) for at, clamped, _ in times]


def test_an_event_without_a_time_occurred_on_arrival_and_one_of_the_past_when_it_says():
    assert found(None, -DAY, 0) == [(0, False), (-DAY, False), (0, False)]


@pytest.mark.parametrize("ahead", [1, MINUTE, 400 * DAY])
def test_one_later_than_its_receipt_counts_as_of_its_receipt(ahead):
    assert found(ahead) == [(0, True)]
    assert found(-HOUR, ahead) == [(-HOUR, False), (0, True)]


def test_events_that_are_all_ahead_by_about_the_same_show_a_clock_that_is_wrong():
    assert found(3 * HOUR, 3 * HOUR + SECOND, 3 * HOUR + 5 * SECOND) == [
        (-5 * SECOND, False),
        (-4 * SECOND, False),
        (0, False),
    ]


def test_events_ahead_by_different_amounts_do_not():
    assert found(HOUR, 3 * HOUR) == [(0, True), (0, True)]


@pytest.mark.parametrize("skew", [2 * HOUR, -2 * HOUR, 30 * SECOND])
def test_when_a_request_says_when_it_was_sent_its_clock_is_corrected(skew):
    assert found(skew - MINUTE, skew - SECOND, sent_at=skew) == [(-MINUTE, False), (-SECOND, False)]
    assert found(skew + MINUTE, sent_at=skew) == [(0, True)], "later than it was sent"


def test_a_request_under_way_for_some_seconds_has_no_wrong_clock():
    assert found(-HOUR, sent_at=-20 * SECOND) == [(-HOUR, False)]


def test_nothing_is_older_than_its_sender_may_say():
    assert found(-8 * DAY, -DAY, oldest=NOW - 7 * DAY) == [(-7 * DAY, True), (-DAY, False)]


async def test_the_answer_says_which_times_were_moved_and_a_repeat_is_one_whatever_the_clock_shows(runtime):
    now = to_datetime(runtime.now())
    events = [
        EventInput(lead_id="ada", type="page_view", event_id="past", occurred_at=now - timedelta(hours=1)),
        EventInput(lead_id="ada", type="signup", event_id="ahead", occurred_at=now + timedelta(hours=1)),
    ]
    assert [(one.status, one.clamped) for one in await ingest(runtime, events)] == [
        ("accepted", False),
        ("accepted", True),
    ]
    stored = {event.event_id: event for event in await runtime.capture.events.of_lead("ada")}
    assert stored["ahead"].occurred_at == stored["ahead"].received_at
    again = await ingest(runtime, events, sent_at=runtime.now() + DAY)
    assert [one.status for one in again] == ["duplicate", "duplicate"]


@pytest.mark.parametrize(("sent_at", "ahead"), [(DAY, DAY), (-3 * HOUR, -3 * HOUR), (0, 0), (-20_000, 0)])
async def test_the_answer_says_by_how_much_a_clock_was_corrected(runtime, sent_at, ahead):
    at = to_datetime(runtime.now() + sent_at - 5000)
    events = [
        EventInput(lead_id="ada", type="page_view", event_id="one", occurred_at=at),
        EventInput(lead_id="ada", type="page_view", event_id="two", occurred_at=at),
    ]
    for ingested in (
        await ingest(runtime, events, sent_at=runtime.now() + sent_at),
        await ingest_from_page(runtime, "key", events, sent_at=runtime.now() + sent_at),
    ):
        assert [(one.clock_ahead_ms, one.clamped) for one in ingested] == [(ahead, False)] * 2
    (repeat, _) = await ingest(runtime, events, sent_at=runtime.now() + sent_at)
    assert (repeat.status, repeat.clock_ahead_ms) == ("duplicate", 0)


async def test_events_that_are_all_ahead_say_so_too_and_one_alone_is_clamped(runtime):
    at = to_datetime(runtime.now() + HOUR)
    events = [EventInput(lead_id="ada", type="page_view", occurred_at=at)] * 2
    assert [one.clock_ahead_ms for one in await ingest(runtime, events)] == [HOUR, HOUR]
    (alone,) = await ingest(runtime, events[:1])
    assert (alone.clock_ahead_ms, alone.clamped) == (0, True)


async def test_events_of_a_page_count_as_at_most_seven_days_old(runtime):
    old = EventInput(lead_id="ada", type="page_view", occurred_at=datetime(2020, 1, 1, tzinfo=UTC))

    (result,) = await ingest_from_page(runtime, "key", [old])
    (server,) = await ingest(runtime, [old])

    assert (result.clamped, server.clamped) == (True, False)
    by_page, by_server = await runtime.capture.events.of_lead("ada")
    assert by_page.received_at - by_page.occurred_at == 7 * DAY
    assert by_server.occurred_at == old.occurred_at.timestamp() * 1000
