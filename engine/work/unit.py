"""A unit of due work: something that is done outside the engine at a time, at least once, under one idempotency key."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from domain.instant import Millis

__all__ = ["CLAIMABLE", "OPEN", "Attempt", "Unit", "UnitState"]

UnitState = Literal["waiting", "retrying", "held", "done", "dead"]
"""Not attempted to an end yet; failed and due again; paused by a person or a rule; done; given up."""

CLAIMABLE: tuple[UnitState, ...] = ("waiting", "retrying")
"""The states in which a unit is claimed once it is due. One under way is in them too: its lease is its due time."""

OPEN: tuple[UnitState, ...] = ("waiting", "retrying", "held", "dead")
"""Everything that is not done."""


class Attempt(Struct, frozen=True, kw_only=True):
    """One attempt. Without an outcome it is under way, or its worker died.

    `status_code` and `answer` are the response of the other side, where there is one.
    """

    number: int
    at: Millis
    outcome: Literal["done", "failed"] | None = None
    detail: str = ""
    duration_ms: int | None = None
    status_code: int | None = None
    answer: str = ""


class Unit(Struct, frozen=True, kw_only=True):
    """The part of a unit that all kinds share. `unit_id` is the idempotency key of all attempts.

    `tries` counts the attempts since the unit was made or restarted. While an attempt is under way `leased_until` is
    set, and `due_at` is the same moment: then the unit is claimed again, for its worker has died.
    """

    unit_id: str
    lead_id: str | None
    state: UnitState
    created_at: Millis
    due_at: Millis
    leased_until: Millis | None = None
    tries: int = 0
    attempts: tuple[Attempt, ...] = ()
    held_because: str = ""
    waits_because: str = ""
    """Why the last look at the unit put it off."""

    @property
    def log_context(self) -> dict[str, str | None]:
        """The ids that every log line of an attempt carries, by their names in the log."""
        return {"leadId": self.lead_id}
