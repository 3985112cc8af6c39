"""A kind of due work: its name, where its units are stored, how one is attempted, and under which policy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.work.outcome import Outcome
from engine.work.policy import Policy
from engine.work.store import WorkStore
from engine.work.unit import Unit

__all__ = ["WorkKind"]

U = TypeVar("U", bound=Unit)


@dataclass(frozen=True)
class WorkKind(Generic[U]):
    """A kind, as a work loop needs it.

    `perform` makes one attempt. After a crash it is called again for the same unit, and its effect must then be the
    same one: everything outside that it touches gets the unit's id as its idempotency key. Whatever it raises is a
    failed attempt.
    """

    name: str
    store: WorkStore[U]
    policy: Policy
    perform: Callable[[U], Awaitable[Outcome]]
