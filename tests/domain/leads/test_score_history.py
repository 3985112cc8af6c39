"""Score history takes one pass over the events, in whatever order they came in."""

from __future__ import annotations

import pytest

from domain.events.event import Event
from domain.instant import DAY
from domain.leads import score_history as module
from domain.leads.score_history import score_history
from domain.leads.step import step
from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.library import load_rulebook

START = 1_795_348_800_000
CLASSIC = compile_rulebook(load_rulebook("classic"))


def events(*days):
    """One page view a day given, stored in this order."""
    return [
        Event(
            position=position,
            event_id=f"e{position}",
            lead_id="ada",
            type="page_view",
            occurred_at=START + day * DAY,
            received_at=START + 90 * DAY,
        )
        for position, day in enumerate(days, 1)
    ]


@pytest.fixture
def folded(monkeypatch):
    """The positions folded, in turn."""
    positions = []

    def counted(lead, event, rulebook):
        positions.append(event.position)
        return step(lead, event, rulebook)

    monkeypatch.setattr(module, "step", counted)
    return positions


def curve(stored, days):
    moments = [START + day * DAY for day in range(days)]
    return [score for _, score in score_history("ada", stored, moments, CLASSIC)]


def test_each_event_is_folded_once_however_many_moments_are_asked_for(folded):
    assert curve(events(0, 1, 3), 6) == [1, 2, 2, 3, 3, 3]
    assert folded == [1, 2, 3]


def test_so_is_one_that_was_stored_after_later_ones(folded):
    assert curve(events(0, 3, 1), 5) == [1, 2, 2, 3, 3]
    assert folded == [1, 3, 2]


def test_no_events_are_no_points():
    assert curve([], 3) == [0, 0, 0]
