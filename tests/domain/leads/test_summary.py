"""The sentence that a rep reads out: what counts, what silence took, what comes; its numbers are the reasons'."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.instant import from_datetime
from domain.leads.fold import fold
from domain.leads.intelligence import intelligence
from domain.leads.stage_forecast import Drop
from domain.leads.state import initial_state
from domain.leads.summary import ago, summarize
from domain.scoring.breakdown import Reason

HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_000 * DAY  # 2024-10-04T00:00Z, a Friday


def part(label, points, count=1, at=START, **rest):
    return Reason(
        rule_id=label, label=label, points=points, raw_points=points, count=count, last_event_at=at, **rest
    )


def test_it_names_the_three_that_count_most_and_how_often():
    parts = (
        part("Requested a demo", 35.2),
        part("Viewed a page", 12, 4),
        part("Signed up", -3.4),
        part("Chatted", 2),
    )

    assert summarize(parts, START + 3 * HOUR, START, 0, None) == (
        "Requested a demo 3 hours ago (+35), viewed a page 4 times, last 3 hours ago (+12), "
        "signed up 3 hours ago (-3)."
    )


def test_what_is_shown_as_nought_is_not_said():
    parts = (part("Viewed a page", 0.5), part("Opened an e-mail", -0.49))

    assert summarize(parts, START, START, 0, None) == "Nothing that counts yet."


def test_fit_is_said_as_a_whole_with_its_limit():
    parts = (
        part("Company size", 12.25, 0, None, group="fit"),
        part("Seniority", 12.25, 0, None, group="fit"),
        part("Limit of fit", -4.5, 0, None, group="fit"),
    )

    assert summarize(parts, START, None, 0, None) == "Fit (+20)."


@pytest.mark.parametrize(
    ("silence", "lost", "said"),
    [
        (2 * DAY - 1, -9, "Viewed a page (+5)."),
        (2 * DAY, -9, "Viewed a page (+5), quiet since Friday (-9 by decay)."),
        (6 * DAY, -0.4, "Viewed a page (+5), quiet since Friday."),
        (7 * DAY, -9, "Viewed a page (+5), quiet since 4 October (-9 by decay)."),
    ],
)
def test_a_silence_is_said_with_what_it_took(silence, lost, said):
    parts = (part("Viewed a page", 5, at=None),)

    assert summarize(parts, START + silence, START, lost, None) == said


def test_the_coming_fall_is_said_with_its_date():
    said = summarize((part("Viewed a page", 5, at=None),), START, START, 0, Drop(START + 14 * DAY, "warm"))

    assert said == "Viewed a page (+5); falls to warm on 18 October unless something happens."


def test_nothing_at_all_is_still_a_sentence():
    assert summarize((), START, None, 0, None) == "Nothing that counts yet."


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (0, "within the last hour"),
        (HOUR - 1, "within the last hour"),
        (HOUR, "1 hour ago"),
        (2 * HOUR, "2 hours ago"),
        (2 * DAY - 1, "47 hours ago"),
        (2 * DAY, "2 days ago"),
        (60 * DAY - 1, "59 days ago"),
        (60 * DAY, "on 4 October 2024"),
    ],
)
def test_a_moment_of_the_past_is_said_as_people_say_it(age, words):
    assert ago(START, START + age) == words


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_lead_has_a_sentence_whose_numbers_are_those_of_its_reasons(standard, standard_streams, data):
    events = data.draw(standard_streams())
    state = fold(initial_state("lead-1", standard), events, standard).state
    as_of = state.clock + data.draw(st.integers(0, 120 * DAY))

    now = intelligence(state, as_of, standard)

    assert now.summary[0].isupper()
    assert now.summary.endswith(".")
    shown = [int(number) for number in re.findall(r"\(([+-]\d+)(?: by decay)?\)", now.summary)]
    parts = [round(reason.points) for reason in now.reasons if reason.count]
    fit = round(sum(reason.points for reason in now.reasons if reason.group == "fit"))
    then = standard.score.breakdown(state.score, state.last_activity_at or 0).score
    lost = round(standard.score.breakdown(state.score, as_of).score - then)
    assert 0 not in shown
    assert all(number in (*parts, fit, lost) for number in shown)
    assert ("falls to" in now.summary) is (now.details.drop is not None)


def test_a_silence_since_an_earlier_year_has_its_year(standard, event):
    a_year_ago = from_datetime(datetime(2025, 11, 30, 9, tzinfo=UTC))
    now = from_datetime(datetime(2026, 11, 30, 9, tzinfo=UTC))
    state = fold(initial_state("lead-1", standard), [event("demo_request", a_year_ago)], standard).state

    assert "quiet since 30 November 2025" in intelligence(state, now, standard).summary.lower().replace(
        "november", "November"
    )
    assert "since 30 November 2025" not in intelligence(state, a_year_ago + 20 * DAY, standard).summary


def test_a_fall_in_another_year_has_its_year(standard, event):
    december = from_datetime(datetime(2026, 12, 30, 9, tzinfo=UTC))
    state = fold(initial_state("lead-1", standard), [event("demo_request", december)], standard).state

    assert "falls to warm on 4 January 2027 unless" in intelligence(state, december, standard).summary
