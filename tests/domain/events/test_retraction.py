"""Retractions: an event counts unless a retraction of it does, however long the chain of retractions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.events.retraction import Marked, StatusChange, retract, was_retracted


def applied(targets):
    """The marks after retractions at the positions 10, 11, ..., each of the event at a position before it."""
    events = {position: Marked(position) for position in range(10)}
    for number, target in enumerate(targets):
        position = 10 + number
        events[position] = Marked(position, target)
        events |= retract(position, target, position * 1000, events)
    return events


def counting(targets):
    """The reference: from the last retraction back, each that counts takes out the event that it names."""
    out = set()
    for number, target in reversed(list(enumerate(targets))):
        if 10 + number not in out:
            out.add(target)
    return out


@st.composite
def retractions(draw):
    return [draw(st.integers(0, 9 + number)) for number in range(draw(st.integers(0, 12)))]


@given(targets=retractions())
def test_the_events_that_count_no_longer_are_those_with_a_retraction_that_counts(targets):
    events = applied(targets)
    assert {position for position, event in events.items() if event.retracted_by} == counting(targets)


@given(targets=retractions(), known=st.integers(0, 13))
def test_at_any_moment_those_count_that_counted_when_no_later_retraction_was_known(targets, known):
    events = applied(targets)
    at = (10 + known) * 1000 - 1
    then = {position for position, event in events.items() if was_retracted(event.changes, at)}
    assert then == counting(targets[:known])


def test_a_retraction_applied_twice_changes_nothing():
    events = applied([3])
    assert retract(10, 3, 10_000, events) == {}


def test_of_two_retractions_each_alone_keeps_the_event_out():
    events = applied([3, 3, 10])
    assert events[3].retracted_by == (11,)
    assert events[3].changes == (StatusChange(10_000, True),)
    assert applied([3, 3, 10, 11])[3].retracted_by == ()


def test_a_retraction_of_an_event_that_there_is_not_changes_nothing():
    assert retract(10, 99, 10_000, {3: Marked(3)}) == {}
