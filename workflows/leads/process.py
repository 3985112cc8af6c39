"""Brings leads up to date: reads their new events, folds them, and writes everything in one transaction."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pymongo.errors import PyMongoError

from domain.automations.firing import Firing
from domain.errors import LeadEngineError, Unavailable
from domain.leads.fold import Folded, fold
from domain.leads.history_row import HistoryRow
from domain.leads.state import LeadState, initial_state
from domain.rulebooks.rulebook import Rulebook
from engine.capture.event_store import decode
from engine.leads.lead_store import StateConflict, StateWrite, UnreadableLead
from engine.runtime import Runtime
from engine.store.mongo import Document, Session, transact
from workflows.leads.fold_failure import FoldFailure, failure_of, record
from workflows.leads.rebuild import try_rebuild

__all__ = ["process_leads"]

_log = logging.getLogger(__name__)

_TRIES = 10


@dataclass
class _Batch:
    """What one transaction did."""

    events: int = 0
    applied: dict[str, int] = field(default_factory=dict)
    executions: list[str] = field(default_factory=list)
    failures: list[FoldFailure] = field(default_factory=list)
    recovered: list[str] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)


async def process_leads(runtime: Runtime, lead_ids: Iterable[str]) -> int:
    """Apply all waiting events of these leads. Returns how many events.

    A lead whose fold raises keeps what could be applied and gets a dead letter; the others go on. Automations are
    rung for after the commit; if that fails, the scheduler finds them.
    """
    turns, events = runtime.leads.locks, 0
    waiting = turns.join(lead_ids)
    try:
        while waiting:
            leads = await turns.begin(waiting)
            waiting.difference_update(leads)
            try:
                batch = await _process(runtime, leads)
            finally:
                turns.end(leads)
            events += batch.events
            failed = {failure.lead_id for failure in batch.failures}
            waiting |= turns.join({*batch.outdated, *batch.behind} - failed)
    finally:
        turns.leave(waiting)
    return events


async def _process(runtime: Runtime, lead_ids: Sequence[str]) -> _Batch:
    """One transaction, and what follows from it."""
    batch = await _apply_apart(runtime, lead_ids)
    runtime.leads.notifications.publish(batch.applied)
    for lead_id in batch.outdated:
        if failure := await try_rebuild(runtime, lead_id):
            batch.failures.append(failure)
    for failure in batch.failures:
        await record(runtime, failure)
    if batch.recovered:
        await runtime.operations.dead_letters.resolved(batch.recovered)
    if batch.executions:
        await _ring(runtime, batch.executions)
    return batch


async def _apply_apart(runtime: Runtime, lead_ids: Sequence[str]) -> _Batch:
    """Apply the batch; when something about a lead fails all of it, halve it until that lead stands alone."""
    try:
        return await _apply_batch(runtime, lead_ids)
    except UnreadableLead as error:  # it is folded anew, like one of another rulebook
        others = [lead_id for lead_id in lead_ids if lead_id != error.lead_id]
        return _Batch(outdated=[error.lead_id], behind=others)
    except (PyMongoError, LeadEngineError):  # not about any lead
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is about one lead, the others go on
        if len(lead_ids) == 1:
            return _Batch(failures=[failure_of(lead_ids[0], error)])
        middle = len(lead_ids) // 2
        batch = await _apply_apart(runtime, lead_ids[:middle])
        batch.behind += lead_ids[middle:]
        return batch


async def _apply_batch(runtime: Runtime, lead_ids: Sequence[str]) -> _Batch:
    for _ in range(_TRIES):
        try:
            return await transact(runtime.store.client, lambda session: _apply(runtime, lead_ids, session))
        except StateConflict:
            continue
    raise Unavailable("Other workers keep moving these leads on.")


async def _apply(runtime: Runtime, lead_ids: Sequence[str], session: Session) -> _Batch:
    """The transaction: read states and events, fold, write. Touches nothing but the database."""
    batch, rulebook, limit = _Batch(), runtime.rulebook, runtime.settings.fold_batch_events
    failed = await runtime.operations.dead_letters.states(lead_ids, session)
    active = [lead_id for lead_id in lead_ids if failed.get(lead_id) != "quarantined"]
    states = await runtime.leads.states.get_many(active, session)
    batch.outdated = [lead_id for lead_id, state in states.items() if state.rulebook != rulebook.label]
    current = [lead_id for lead_id in active if lead_id not in batch.outdated]
    applied = {lead_id: states[lead_id].position if lead_id in states else 0 for lead_id in current}
    documents = await runtime.capture.events.after(applied, limit, session)
    changes: list[StateWrite] = []
    rows: list[HistoryRow] = []
    firings: list[Firing] = []
    for lead_id, stored in _by_lead(documents).items():
        before = states.get(lead_id)
        folded, failure = _fold(before or initial_state(lead_id, rulebook), stored, rulebook)
        if failure is not None:
            batch.failures.append(failure)
        elif lead_id in failed:
            batch.recovered.append(lead_id)
        if folded.rows:
            batch.applied[lead_id] = folded.state.position
            changes.append(StateWrite(folded.state, before.position if before else None))
            rows += folded.rows
            firings += folded.firings
    await runtime.leads.states.write(changes, session)
    await runtime.leads.history.add(rows, session)
    if firings:
        batch.executions = await runtime.automations.executions.add(firings, runtime.now(), session)
    batch.events = len(rows)
    batch.behind = current if len(documents) >= limit else []
    return batch


def _by_lead(documents: Sequence[Document]) -> dict[str, list[Document]]:
    groups: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        groups[document["leadId"]].append(document)
    return groups


def _fold(
    state: LeadState, stored: Sequence[Document], rulebook: Rulebook
) -> tuple[Folded, FoldFailure | None]:
    """Fold what can be folded; the first event that cannot stops its lead."""
    try:
        return fold(state, [decode(document) for document in stored], rulebook), None
    except Exception:  # noqa: BLE001 - whatever an event does to the rules, other leads go on
        return _fold_until_failure(state, stored, rulebook)


def _fold_until_failure(
    state: LeadState, stored: Sequence[Document], rulebook: Rulebook
) -> tuple[Folded, FoldFailure | None]:
    rows: tuple[HistoryRow, ...] = ()
    firings: tuple[Firing, ...] = ()
    for document in stored:
        try:
            step = fold(state, [decode(document)], rulebook)
        except Exception as error:  # noqa: BLE001 - as above; the reason goes into the dead letter
            reason = f"{type(error).__name__}: {error}"
            failure = FoldFailure(state.lead_id, document["_id"], str(document.get("eventId")), reason)
            return Folded(state, rows, firings), failure
        state, rows, firings = step.state, rows + step.rows, firings + step.firings
    return Folded(state, rows, firings), None


async def _ring(runtime: Runtime, executions: list[str]) -> None:
    try:
        await runtime.work_queue.enqueue_executions(executions)
    except Unavailable as error:
        _log.warning("%d automations wait for the scheduler: %s", len(executions), error)
