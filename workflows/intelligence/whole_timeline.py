"""The whole timeline of a lead: its events with what each changed, and its automations, newest first."""

from __future__ import annotations

import heapq
from collections.abc import Collection
from typing import Literal, NamedTuple

from domain.events.event import Event
from domain.events.vocabulary import (
    CALL_ATTEMPTED,
    CALL_LOGGED,
    LEAD_ASSIGNED,
    LEAD_UPDATED,
    MEMBERSHIP,
    NOTE_ADDED,
    SCORE_DECAYED,
    STAGE_CLEARED,
    STAGE_SET,
    TAG_ADDED,
    TAG_REMOVED,
    TASK_CREATED,
)
from domain.instant import Millis
from domain.leads.history_row import HistoryRow
from domain.outreach.withhold import REPLIES
from engine.automations.execution import Execution
from engine.capture.lenient import decode_lenient
from engine.runtime import Runtime
from workflows.privacy.encrypt import opened

__all__ = ["EntryKind", "TimelineEntry", "TimelinePlace", "read_whole_timeline"]

EntryKind = Literal[
    "activity",
    "assignment",
    "automation",
    "call",
    "decay",
    "merge",
    "note",
    "reply",
    "stage",
    "tag",
    "task",
    "update",
]

_TYPES: dict[EntryKind, tuple[str, ...]] = {
    "assignment": (LEAD_ASSIGNED,),
    "call": (CALL_LOGGED, CALL_ATTEMPTED),
    "note": (NOTE_ADDED,),
    "decay": (SCORE_DECAYED,),
    "merge": tuple(sorted(MEMBERSHIP)),
    "reply": tuple(sorted(REPLIES)),
    "stage": (STAGE_SET, STAGE_CLEARED),
    "tag": (TAG_ADDED, TAG_REMOVED),
    "task": (TASK_CREATED,),
    "update": (LEAD_UPDATED,),
}
"""The kinds by the types of their events; all other types are activities."""
_KIND_OF = {name: kind for kind, names in _TYPES.items() for name in names}
_MAX_NOT_APPLIED = 5_000

Source = Literal["event", "automation"]


class TimelinePlace(NamedTuple):
    """The place of an entry: its time, where it is from, and the position of its event or the id of its execution."""

    at: Millis
    source: Source
    identity: str


class TimelineEntry(NamedTuple):
    """Something that happened: an event, with its history row once it is applied; or the run of an automation."""

    place: TimelinePlace
    kind: EntryKind
    event: Event | None = None
    row: HistoryRow | None = None
    execution: Execution | None = None


async def read_whole_timeline(
    runtime: Runtime,
    lead_id: str,
    kinds: Collection[EntryKind] | None,
    after: TimelinePlace | None,
    limit: int,
) -> list[TimelineEntry]:
    """The next entries of these kinds, or of all, newest first: by when they happened.

    At the same moment events come first, the one that arrived last before the others, then automations by their ids. Of
    a lead that is blocked, the latest 5,000 events that are not applied are seen. Empty for a lead that there is not.
    """
    entries: list[TimelineEntry] = []
    if kinds is None or set(kinds) != {"automation"}:
        entries += await _events(runtime, lead_id, kinds, after, limit)
    if kinds is None or "automation" in kinds:
        entries += await _executions(runtime, lead_id, after, limit)
    chosen = heapq.nsmallest(limit, entries, key=lambda entry: _order(entry.place))
    return await _complete(runtime, chosen)


async def _events(
    runtime: Runtime,
    lead_id: str,
    kinds: Collection[EntryKind] | None,
    after: TimelinePlace | None,
    limit: int,
) -> list[TimelineEntry]:
    """Events that are not applied are read before the rows of the others: one applied in between is found twice."""
    pending = await _not_applied(runtime, lead_id)
    types, other_than = _type_filter(kinds)
    rows = await runtime.leads.history.page_of_lead(
        lead_id, limit, before=_before(after), types=types, other_than=other_than
    )
    entries = {
        row.position: TimelineEntry(_place(row.at, row.position), _kind(row.type), row=row) for row in rows
    }
    for event in pending:
        entry = TimelineEntry(_place(event.occurred_at, event.position), _kind(event.type), event)
        if (kinds is None or entry.kind in kinds) and _is_behind(entry.place, after):
            entries.setdefault(event.position, entry)
    return list(entries.values())


async def _not_applied(runtime: Runtime, lead_id: str) -> list[Event]:
    applied = await runtime.leads.states.applied(lead_id)
    found = await runtime.capture.events.newest_of_lead(lead_id, _MAX_NOT_APPLIED, beyond=applied)
    return [decode_lenient(event) for event in found]


async def _executions(
    runtime: Runtime, lead_id: str, after: TimelinePlace | None, limit: int
) -> list[TimelineEntry]:
    cursor = None if after is None else (after.at, after.identity if after.source == "automation" else "")
    streams = await runtime.identity.streams.of_lead(lead_id)
    found = await runtime.automations.executions.page(
        lead_id=streams, rule_id=None, state=None, after=cursor, limit=limit
    )
    return [
        TimelineEntry(TimelinePlace(one.created_at, "automation", one.unit_id), "automation", execution=one)
        for one in found
    ]


async def _complete(runtime: Runtime, entries: list[TimelineEntry]) -> list[TimelineEntry]:
    """The entries with their events, personal fields decrypted."""
    missing = [entry.row.position for entry in entries if entry.row is not None]
    stored = await runtime.capture.log.at_positions(missing)
    events = {position: decode_lenient(event) for position, event in stored.items()}
    events |= {entry.event.position: entry.event for entry in entries if entry.event is not None}
    shown = {event.position: event for event in await opened(runtime, list(events.values()))}
    return [
        entry if entry.execution is not None else entry._replace(event=shown.get(int(entry.place.identity)))
        for entry in entries
    ]


def _place(at: Millis, position: int) -> TimelinePlace:
    return TimelinePlace(at, "event", str(position))


def _kind(name: str) -> EntryKind:
    return _KIND_OF.get(name, "activity")


def _order(place: TimelinePlace) -> tuple[Millis, int, int, str]:
    if place.source == "event":
        return (-place.at, 0, -int(place.identity), "")
    return (-place.at, 1, 0, place.identity)


def _is_behind(place: TimelinePlace, after: TimelinePlace | None) -> bool:
    return after is None or _order(place) > _order(after)


def _before(after: TimelinePlace | None) -> tuple[Millis, int] | None:
    if after is None:
        return None
    return (after.at, int(after.identity) if after.source == "event" else 0)


def _type_filter(kinds: Collection[EntryKind] | None) -> tuple[list[str] | None, list[str]]:
    """The filter of history rows: by types, or for activities by the types that are not wanted."""
    if kinds is None:
        return None, []
    if "activity" not in kinds:
        return [name for kind in kinds for name in _TYPES.get(kind, ())], []
    return None, [name for kind, names in _TYPES.items() if kind not in kinds for name in names]
