"""One list over the units of all kinds, merged by due time, and the figures of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from domain.instant import Millis
from engine.store.keyset import Keyset
from engine.work.store import WorkStore
from engine.work.unit import OPEN, Unit, UnitState

__all__ = ["Depth", "ListedUnit", "depth_of", "list_units"]


class ListedUnit(NamedTuple):
    """A unit with the name of its kind."""

    kind: str
    unit: Unit


class Depth(Struct, frozen=True, kw_only=True):
    """How much work of one kind is open. `due` counts what could be claimed now; it waits since `oldest_due_at`."""

    states: dict[UnitState, int]
    due: int
    oldest_due_at: Millis | None


async def list_units(
    stores: Mapping[str, WorkStore[Unit]],
    *,
    state: UnitState | None,
    after: Keyset | None,
    limit: int,
) -> list[ListedUnit]:
    """A page of the units of these kinds: in one state, or all that are not done. The one that is due first comes first.

    The ids of different kinds must differ, as their prefixes or lengths see to: an id alone breaks ties.
    """
    found = [
        ListedUnit(kind, unit)
        for kind, store in stores.items()
        for unit in await store.by_due_time(state, after, limit)
    ]
    return sorted(found, key=lambda one: (one.unit.due_at, one.unit.unit_id))[:limit]


async def depth_of(store: WorkStore[Unit], at: Millis) -> Depth:
    """The figures of a kind. Each is a count within one index."""
    soonest = await store.soonest(at, 1)
    return Depth(
        states={state: await store.count(state) for state in OPEN},
        due=await store.count_due(at) if soonest else 0,
        oldest_due_at=soonest[0].due_at if soonest else None,
    )
