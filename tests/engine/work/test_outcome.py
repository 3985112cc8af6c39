"""The settlement of a unit after an attempt."""

from __future__ import annotations

import pytest

from domain.instant import SECOND
from engine.work.outcome import Outcome, Settlement, settle
from engine.work.policy import Policy
from engine.work.unit import Unit

NOW = 1_795_348_800_000
POLICY = Policy(
    attempts=3,
    backoff=lambda tries, share: round(tries * SECOND * (1 + share)),
    lease=60 * SECOND,
    concurrency=1,
)


def settled(verdict, *, tries=1, not_before=None, share=0.0):
    unit = Unit(unit_id="u", lead_id=None, state="waiting", created_at=0, due_at=0, tries=tries)
    return settle(unit, Outcome(verdict=verdict, not_before=not_before), POLICY, NOW, share)


@pytest.mark.parametrize("tries", [1, 3, 100])
def test_a_success_is_the_end_whichever_attempt_it_was(tries):
    assert settled("done", tries=tries) == Settlement("done", NOW)


def test_a_failure_is_due_again_after_the_back_off_with_its_jitter():
    assert settled("failed") == Settlement("retrying", NOW + SECOND)
    assert settled("failed", tries=2, share=0.5) == Settlement("retrying", NOW + 3 * SECOND)


def test_the_last_failure_and_one_that_no_attempt_can_cure_are_the_end():
    assert settled("failed", tries=3) == Settlement("dead", NOW)
    assert settled("dead") == Settlement("dead", NOW)


def test_a_moment_that_was_asked_for_lengthens_the_pause_and_never_shortens_it():
    assert settled("failed", not_before=NOW + 5 * SECOND).due_at == NOW + 5 * SECOND
    assert settled("failed", not_before=NOW).due_at == NOW + SECOND
