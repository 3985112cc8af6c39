"""The outcome of one attempt, and what becomes of its unit: done, due again after a pause, or dead."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from domain.instant import Millis
from engine.work.policy import Policy
from engine.work.unit import Unit, UnitState

__all__ = ["Outcome", "Settlement", "settle"]


class Outcome(Struct, frozen=True, kw_only=True):
    """How an attempt ended. A `failed` one is made again as often as the policy says, a `dead` one never.

    `unclear`: whether the effect took place is not known, and it must not take place twice: the unit is held for a person.
    `later`: nothing was attempted, because the time has not come; that does not count as an attempt.
    `not_before` is the earliest moment of the next attempt, if the other side asked for one; of `later`, its moment.
    """

    verdict: Literal["done", "failed", "dead", "later", "unclear"]
    detail: str = ""
    not_before: Millis | None = None
    duration_ms: int | None = None
    status_code: int | None = None
    answer: str = ""


class Settlement(Struct, frozen=True):
    """The state of a unit after an attempt, and when it is due in that state; of one that is over, when it ended."""

    state: UnitState
    due_at: Millis


def settle(unit: Unit, outcome: Outcome, policy: Policy, at: Millis, share: float) -> Settlement:
    """The settlement of a unit after an outcome at the moment `at`; `share` (0 to 1) is the jitter of the back-off."""
    if outcome.verdict == "done":
        return Settlement("done", at)
    if outcome.verdict == "unclear":
        return Settlement("held", at)
    if outcome.verdict == "later":
        return Settlement("waiting", max(at, outcome.not_before or 0))
    if outcome.verdict == "dead" or unit.tries >= policy.attempts:
        return Settlement("dead", at)
    return Settlement("retrying", max(at + policy.backoff(unit.tries, share), outcome.not_before or 0))
