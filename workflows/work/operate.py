"""Operations on a unit of due work: hold, resume, retry, discard. Each is an entry in the audit log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from domain.errors import Conflict, NotFound
from domain.events.event import Json
from engine.operations.audit_log import Actor, AuditAction
from engine.replies.reading_store import REPLY
from engine.runtime import Runtime
from engine.store.mongo import Session
from engine.work.listing import ListedUnit
from engine.work.store import WorkStore
from engine.work.unit import Unit
from workflows.audited import audited

__all__ = ["UnitRef", "discard_unit", "hold_unit", "resume_unit", "retry_unit"]

Change = Callable[[WorkStore[Any], Session], Awaitable[Unit]]


class UnitRef(NamedTuple):
    """A unit by its kind and id."""

    kind: str
    unit_id: str


async def hold_unit(runtime: Runtime, who: Actor, unit: UnitRef, because: str) -> ListedUnit:
    """Pause a unit that waits. Raises `NotFound`, and `Conflict` when it is over or under way."""
    at = runtime.now()
    return await _change(
        runtime,
        who,
        "work.held",
        unit,
        lambda store, session: store.hold(unit.unit_id, because, at, session),
    )


async def resume_unit(runtime: Runtime, who: Actor, unit: UnitRef) -> ListedUnit:
    """Let a held unit be attempted again at its due time. Raises `NotFound`, and `Conflict` when it is not held."""
    resumed = await _change(
        runtime, who, "work.resumed", unit, lambda store, session: store.resume(unit.unit_id, session)
    )
    await runtime.work.wake_ups.announce(unit.kind)
    return resumed


async def retry_unit(runtime: Runtime, who: Actor, unit: UnitRef) -> ListedUnit:
    """Attempt a unit now, with all its attempts again, whatever its state.

    Raises `NotFound`, and `Conflict` while it is under way or when it was attempted too often.
    """
    at = runtime.now()
    retried = await _change(
        runtime, who, "work.retried", unit, lambda store, session: store.restart(unit.unit_id, at, session)
    )
    await runtime.work.wake_ups.announce(unit.kind)
    return retried


async def discard_unit(runtime: Runtime, who: Actor, unit: UnitRef, because: str) -> ListedUnit:
    """Give up a dead reading of a reply for good. Raises `NotFound`, and `Conflict` for one that is not dead, and for another kind."""
    if unit.kind in runtime.work.stores and unit.kind != REPLY:
        await runtime.work.stores[unit.kind].get(unit.unit_id)
        raise Conflict(f"Only readings of replies are discarded here, not units of the kind {unit.kind}.")
    at, store = runtime.now(), runtime.replies.readings
    return await _change(
        runtime,
        who,
        "work.discarded",
        unit,
        lambda _, session: store.discard(unit.unit_id, because, at, session),
    )


async def _change(runtime: Runtime, who: Actor, action: str, unit: UnitRef, change: Change) -> ListedUnit:
    store = runtime.work.stores.get(unit.kind)
    if store is None:
        raise NotFound("kind of due work", unit.kind)

    async def apply(session: Session) -> tuple[ListedUnit, AuditAction]:
        before = await store.get(unit.unit_id, session)
        after = await change(store, session)
        facts = _facts(unit.kind, before), _facts(unit.kind, after)
        return ListedUnit(unit.kind, after), AuditAction(action, unit.unit_id, *facts)

    return await audited(runtime, who, apply)


def _facts(kind: str, unit: Unit) -> dict[str, Json]:
    """The unit as the audit log shows it."""
    return {
        "kind": kind,
        "state": unit.state,
        "attempts": len(unit.attempts),
        "heldBecause": unit.held_because or None,
    }
