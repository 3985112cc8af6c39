"""Folds the whole history anew: to rebuild leads, to verify them, or to try out other rules. Fires nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pymongo.errors import PyMongoError

from domain.leads.assess import assess
from domain.leads.fold import Folded, fold
from domain.leads.state import LeadState, initial_state
from domain.rulebooks.rulebook import Rulebook
from engine.capture.stored_event import StoredEvent
from engine.leads.lead_store import UnreadableLead
from engine.runtime import Runtime
from engine.store.prefetch import prefetch
from workflows.leads.rebuild import rebuild_lead
from workflows.leads.reconcile import APPLIED

__all__ = ["Move", "ReplayReport", "replay"]

_LEADS_AT_A_TIME = 200
_EVENTS_AT_A_TIME = 2000
_MAX_MOVES = 10

Mode = Literal["rebuild", "verify", "dry-run"]


class Move(NamedTuple):
    """How a lead would change under other rules."""

    lead_id: str
    score_before: float
    score_after: float
    stage_before: str
    stage_after: str

    @property
    def distance(self) -> float:
        """How far the score moves, in points."""
        return abs(self.score_after - self.score_before)


@dataclass
class ReplayReport:
    """What a replay found. `drifted` and `failed` name leads; `moves` holds the largest ones.

    `outdated` counts leads that a verification leaves out: they wait to be folded anew under the rulebook in force.
    """

    leads: int = 0
    events: int = 0
    rebuilt: int = 0
    outdated: int = 0
    changed_stage: int = 0
    drifted: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)


class _Found(NamedTuple):
    """The events of some leads, each lead's together, and what is stored of these leads.

    `unreadable` has the applied positions of leads whose state cannot be read: they count as not stored, so that they
    are rebuilt. `rows` are those of the leads that `_drifted` compares.
    """

    events: Sequence[list[StoredEvent]]
    stored: dict[str, LeadState]
    unreadable: dict[str, int]
    rows: bytes


class _Replayed(NamedTuple):
    """A lead as it is stored and as its events say it should be."""

    lead_id: str
    stored: LeadState | None
    folded: Folded


async def replay(
    runtime: Runtime,
    mode: Mode = "rebuild",
    *,
    lead_id: str | None = None,
    rulebook: Rulebook | None = None,
    on_progress: Callable[[ReplayReport], None] = lambda _: None,
) -> ReplayReport:
    """Replay every lead, or one, up to the position that it has applied, while ingestion goes on.

    `rebuild` corrects in its own transaction each lead that differs, and goes on where a stopped one ended.
    `verify` lists leads whose state or history differs in any bit. `dry-run` compares with `rulebook` instead.
    """
    rules, report = rulebook or runtime.rulebook, ReplayReport()
    mark = f"replay:{rules.label}"
    resumable = mode == "rebuild" and lead_id is None
    after = await runtime.store.checkpoints.last_lead(mark) if resumable else ""
    never_stored = await runtime.store.checkpoints.position(APPLIED)
    batches = _batches(runtime.capture.events.all_by_lead(after, lead_id, at_a_time=_EVENTS_AT_A_TIME))

    async def find_next() -> _Found | None:
        batch = await anext(batches, None)
        return await _find(runtime, batch, rules, with_rows=mode != "dry-run") if batch else None

    async with aclosing(prefetch(find_next)) as reading:
        async for found in reading:
            replayed = await _replayed(runtime, found, rules, never_stored, report)
            if mode == "dry-run":
                _compare(runtime, replayed, rules, report)
            else:
                if mode == "verify":
                    current = [lead for lead in replayed if _is_current(lead.stored, rules)]
                    report.outdated += len(replayed) - len(current)
                    replayed = current
                drifted = await _drifted(runtime, replayed, found.rows, rules)
                report.drifted += drifted
                if mode == "rebuild":
                    await _rebuild(runtime, drifted, never_stored, report)
            if resumable:
                await runtime.store.checkpoints.advance_lead(mark, found.events[-1][0].lead_id)
            on_progress(report)
    if resumable:
        await runtime.store.checkpoints.clear(mark)
    return report


async def _batches(pages: AsyncIterator[list[StoredEvent]]) -> AsyncIterator[list[list[StoredEvent]]]:
    """The events of some leads at a time, each lead's together."""
    batch: list[list[StoredEvent]] = []
    lead_id = None
    async for page in pages:
        for event in page:
            if event.lead_id == lead_id:
                batch[-1].append(event)
                continue
            if len(batch) == _LEADS_AT_A_TIME:
                yield batch
                batch = []
            lead_id = event.lead_id
            batch.append([event])
    if batch:
        yield batch


async def _find(
    runtime: Runtime, events: Sequence[list[StoredEvent]], rules: Rulebook, *, with_rows: bool
) -> _Found:
    """What is stored of the leads of these events: after the events, and the rows after the states."""
    lead_ids = [of_lead[0].lead_id for of_lead in events]
    wanted, stored = lead_ids.copy(), None
    while stored is None:
        try:
            stored = await runtime.leads.states.get_many(wanted)
        except UnreadableLead as error:
            wanted.remove(error.lead_id)
    others = set(lead_ids) - set(wanted)
    unreadable = await runtime.leads.states.positions(others) if others else {}
    compared = [lead_id for lead_id in lead_ids if with_rows and _is_current(stored.get(lead_id), rules)]
    return _Found(events, stored, unreadable, await runtime.leads.history.encoded(compared))


def _is_current(stored: LeadState | None, rules: Rulebook) -> bool:
    """Whether a lead is not one that waits to be folded anew under these rules."""
    return stored is None or stored.rulebook == rules.label


async def _replayed(
    runtime: Runtime, found: _Found, rules: Rulebook, never_stored: int, report: ReplayReport
) -> list[_Replayed]:
    """Fold each lead up to the position it has applied; a lead that is not stored, up to `never_stored`."""
    result = []
    for stored in found.events:
        await asyncio.sleep(0)  # what is being read goes on
        lead_id = stored[0].lead_id
        state = found.stored.get(lead_id)
        up_to = state.position if state else found.unreadable.get(lead_id, never_stored)
        report.leads += 1
        try:
            events = [event.decode() for event in stored if event.position <= up_to]
            if state and stored[-1].position < up_to:  # it has moved on since the events were read
                events = await runtime.capture.events.of_lead(lead_id, up_to=up_to)
            folded = fold(initial_state(lead_id, rules), events, rules)
        except PyMongoError:
            raise
        except Exception as error:  # noqa: BLE001 - one lead that cannot be folded must not end the replay
            report.failed[lead_id] = f"{type(error).__name__}: {error}"
            continue
        report.events += len(events)
        if events:
            result.append(_Replayed(lead_id, state, folded))
    return result


async def _drifted(runtime: Runtime, leads: Sequence[_Replayed], rows: bytes, rules: Rulebook) -> list[str]:
    """The leads whose stored state or history is not, bit for bit, what their events give."""
    right = {lead.lead_id: lead.folded.rows for lead in leads if _is_current(lead.stored, rules)}
    other = await runtime.leads.history.differing(right, rows)
    return [lead.lead_id for lead in leads if lead.stored != lead.folded.state or lead.lead_id in other]


async def _rebuild(
    runtime: Runtime, lead_ids: Sequence[str], never_stored: int, report: ReplayReport
) -> None:
    for lead_id in lead_ids:
        await rebuild_lead(runtime, lead_id, up_to=never_stored)
        report.rebuilt += 1


def _compare(runtime: Runtime, leads: Sequence[_Replayed], rules: Rulebook, report: ReplayReport) -> None:
    for lead in leads:
        if lead.stored is None or lead.stored.rulebook != runtime.rulebook.label:
            continue
        at = max(runtime.now(), lead.stored.clock)
        before, after = assess(lead.stored, at, runtime.rulebook), assess(lead.folded.state, at, rules)
        move = Move(lead.lead_id, before.score, after.score, before.stage, after.stage)
        report.changed_stage += before.stage != after.stage
        if move.distance > 0 or before.stage != after.stage:
            report.moves = sorted([*report.moves, move], key=lambda move: -move.distance)[:_MAX_MOVES]
