"""The pause after a failed attempt grows, and jitter spreads it."""

from __future__ import annotations

import pytest

from domain.instant import HOUR, MINUTE, SECOND
from engine.work.backoff import exponential, scheduled


def test_exponential_pauses_double_up_to_the_longest():
    pause = exponential(2 * SECOND, HOUR)
    assert [pause(tries, 1.0) for tries in (1, 2, 3, 4)] == [2000, 4000, 8000, 16000]
    assert pause(60, 1.0) == HOUR


def test_their_jitter_spreads_each_pause_over_its_upper_half():
    pause = exponential(2 * SECOND, HOUR)
    assert [pause(tries, 0.0) for tries in (1, 2)] == [1000, 2000]
    assert pause(2, 0.5) == 3000
    assert pause(60, 0.0) == HOUR / 2


def test_scheduled_pauses_are_as_given_and_none_follows_the_last_attempt():
    pause = scheduled((SECOND, MINUTE), 0.1)
    assert [pause(tries, 0.0) for tries in (1, 2)] == [SECOND, MINUTE]
    with pytest.raises(IndexError):
        pause(3, 0.0)


def test_their_jitter_makes_a_pause_longer_and_never_shorter():
    pause = scheduled((SECOND, MINUTE), 0.1)
    assert (pause(2, 0.5), pause(2, 1.0)) == (63 * SECOND, 66 * SECOND)
