"""Response bodies of the routes of due work."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from api.http.pages import Page, component
from api.http.view import View, optional_datetime
from domain.instant import to_datetime
from engine.work.listing import ListedUnit
from engine.work.unit import Attempt, UnitState

__all__ = ["UnitView", "WorkPage", "unit_view"]


class UnitAttemptView(View, frozen=True):
    """One attempt; without an outcome it is under way, or its worker died."""

    number: int
    at: datetime
    outcome: str | None
    detail: str


class UnitView(View, frozen=True):
    """A unit of due work; `id` is that of the execution, delivery, ... that it is.

    While an attempt is under way `leasedUntil` says until when nobody else begins one. `attempts` counts all of them.
    `waitsBecause` says why a unit that could be attempted was put off, as a lead for which nobody is present. `heldBecause` is
    also why a reading was discarded.
    """

    kind: str
    id: str
    lead_id: str | None
    state: UnitState
    created_at: datetime
    due_at: datetime
    leased_until: datetime | None
    attempts: int
    last_attempt: UnitAttemptView | None
    held_because: str | None
    waits_because: str | None


WorkPage = Annotated[Page[UnitView], component("WorkPage")]


def unit_view(listed: ListedUnit) -> UnitView:
    unit = listed.unit
    return UnitView(
        kind=listed.kind,
        id=unit.unit_id,
        lead_id=unit.lead_id,
        state=unit.state,
        created_at=to_datetime(unit.created_at),
        due_at=to_datetime(unit.due_at),
        leased_until=optional_datetime(unit.leased_until),
        attempts=len(unit.attempts),
        last_attempt=_attempt_view(unit.attempts[-1]) if unit.attempts else None,
        held_because=unit.held_because or None,
        waits_because=unit.waits_because or None,
    )


def _attempt_view(attempt: Attempt) -> UnitAttemptView:
    return UnitAttemptView(
        number=attempt.number, at=to_datetime(attempt.at), outcome=attempt.outcome, detail=attempt.detail
    )
