"""The policy of a kind of due work: attempts, back-off, lease, and how many units are under way at a time."""

from __future__ import annotations

from msgspec import Struct

from domain.instant import Millis
from engine.work.backoff import Backoff

__all__ = ["Policy"]


class Policy(Struct, frozen=True, kw_only=True):
    """How a kind is worked.

    After `attempts` a unit is dead. An attempt that has not ended by its `lease` counts as failed, and the unit is
    anybody's again. One process has `concurrency` units under way, `per_key` of them with the same key: so one
    receiver that hangs does not take the place of all others.
    """

    attempts: int
    backoff: Backoff
    lease: Millis
    concurrency: int
    per_key: int | None = None
