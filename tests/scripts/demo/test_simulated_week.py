"""The simulated week is believable, and the same for the same seed."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from scripts.demo.simulated_week import PERSONAS, persona_of, simulate_lead, simulate_week
from workflows.capture.decode import check_event

FRIDAY = datetime(2026, 7, 24, 15, 30, tzinfo=UTC)
LEADS = 400


@pytest.fixture(scope="module")
def week():
    return simulate_week(LEADS, 7, FRIDAY)


@pytest.fixture(scope="module")
def by_persona(week):
    """The events of each lead, by the name of its persona."""
    events = defaultdict(list)
    for event in week:
        events[event.lead_id].append(event)
    groups = defaultdict(list)
    for lead_id, own in events.items():
        groups[persona_of(int(lead_id.removeprefix("demo-")), 7).name].append(own)
    return groups


def test_the_same_arguments_make_the_same_week(week):
    assert simulate_week(LEADS, 7, FRIDAY) == week


def test_the_moment_counts_not_how_it_is_written(week):
    india = FRIDAY.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert simulate_week(LEADS, 7, india + timedelta(milliseconds=400)) == week


def test_another_seed_makes_another_week(week):
    assert simulate_week(LEADS, 8, FRIDAY) != week


def test_a_lead_lives_the_same_week_however_many_others_there_are(week):
    assert [event for event in week if event.lead_id == "demo-003"] == simulate_lead(3, 7, FRIDAY)


def test_a_second_run_is_another_week_of_the_same_leads(week):
    later = simulate_week(LEADS, 7, FRIDAY + timedelta(seconds=1))
    assert {event.lead_id for event in later} == {event.lead_id for event in week}
    assert not {event.event_id for event in later} & {event.event_id for event in week}


def test_every_lead_appears_and_every_event_id_once(week):
    assert len({event.lead_id for event in week}) == LEADS
    assert len({event.event_id for event in week}) == len(week)


def test_all_of_it_lies_in_the_week_oldest_first(week):
    times = [event.occurred_at for event in week]
    assert times == sorted(times)
    assert FRIDAY - timedelta(days=7) <= times[0]
    assert FRIDAY - timedelta(hours=12) < times[-1] <= FRIDAY


def test_every_event_may_be_sent(week):
    for event in week:
        check_event(
            {
                "leadId": event.lead_id,
                "type": event.type,
                "eventId": event.event_id,
                "occurredAt": event.occurred_at,
                "properties": event.properties,
                "source": event.source,
            }
        )


def test_the_days_are_busier_than_the_nights_and_the_weekend(week):
    hours = Counter(event.occurred_at.hour for event in week)
    weekend = sum(event.occurred_at.weekday() >= 5 for event in week)
    assert sum(hours[hour] for hour in range(8, 18)) > 5 * sum(hours[hour] for hour in range(6))
    assert weekend / 2 < (len(week) - weekend) / 5 / 2


def test_visits_are_bursts(by_persona):
    gaps = [
        (after.occurred_at - before.occurred_at).total_seconds()
        for own in by_persona["reader"]
        for before, after in pairwise(own)
    ]
    assert sum(gap < 300 for gap in gaps) > len(gaps) / 2
    assert sum(gap > 3600 for gap in gaps) > len(gaps) / 10


def test_the_personas_share_the_leads_as_they_say(by_persona):
    assert sum(persona.share for persona in PERSONAS) == pytest.approx(1)
    for persona in PERSONAS:
        assert len(by_persona[persona.name]) / LEADS == pytest.approx(persona.share, abs=0.06)


def test_a_bouncer_looks_at_a_page_or_two_and_nothing_else(by_persona):
    assert all(len(own) <= 2 and {e.type for e in own} == {"page_view"} for own in by_persona["bouncer"])


def test_only_buyers_and_the_quiet_ask_for_a_demo_and_most_buyers_do(by_persona):
    asking = {
        name: sum(any(event.type == "demo_request" for event in own) for own in group)
        for name, group in by_persona.items()
    }
    assert asking["bouncer"] == asking["reader"] == asking["evaluator"] == 0
    assert asking["buyer"] > len(by_persona["buyer"]) / 2


def test_the_quiet_fall_silent_for_the_last_days(by_persona):
    assert all(own[-1].occurred_at < FRIDAY - timedelta(days=3, hours=22) for own in by_persona["quiet"])


def test_steps_are_taken_in_their_order(by_persona):
    for own in by_persona["buyer"]:
        steps = [event.type for event in own if event.type in {"download", "signup", "demo_request"}]
        assert steps == [step for step in ("download", "signup", "demo_request") if step in steps]
