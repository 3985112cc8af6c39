"""Applies the new events of a batch of leads in one transaction: states, history rows and due automations together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from pymongo.errors import PyMongoError

from domain.automations.firing import Firing
from domain.errors import LeadEngineError, Unavailable
from domain.leads.fold import Folded, fold
from domain.leads.history_row import HistoryRow
from domain.leads.state import LeadState, initial_state
from domain.rulebooks.compiled import CompiledRulebook
from engine.capture.stored_event import StoredEvent
from engine.leads.lead_store import StateConflict, StateWrite, UnreadableLead
from engine.runtime import Runtime
from engine.store.mongo import Session, transact
from workflows.leads.fold_failure import FoldFailure, failure_of

__all__ = ["Applied", "apply_events"]

_TRIES = 10
"""Attempts of a transaction while other workers move its leads on."""


@dataclass
class Applied:
    """The result of one transaction."""

    events: int = 0
    positions: dict[str, int] = field(default_factory=dict)
    """The new applied position of each lead that has moved."""
    executions: list[str] = field(default_factory=list)
    failures: list[FoldFailure] = field(default_factory=list)
    recovered: list[str] = field(default_factory=list)
    """Leads that failed before and have applied an event now."""
    outdated: list[str] = field(default_factory=list)
    """Leads to rebuild first: folded under another rulebook, or with a state that cannot be read."""
    behind: list[str] = field(default_factory=list)
    """Leads that may have further events."""

    @property
    def unfinished(self) -> set[str]:
        """Leads to process again at once."""
        return {*self.outdated, *self.behind} - {failure.lead_id for failure in self.failures}


async def apply_events(runtime: Runtime, lead_ids: Sequence[str]) -> Applied:
    """Apply the new events of the leads, or of some of them; the others are `behind` or `outdated` in the result.

    A batch that fails because of one of its leads is bisected until that lead stands alone.
    Raises `PyMongoError` and `Unavailable`, which are about no single lead.
    """
    try:
        return await _commit(runtime, lead_ids)
    except UnreadableLead as error:  # it is rebuilt, like one of another rulebook
        others = [lead_id for lead_id in lead_ids if lead_id != error.lead_id]
        return Applied(outdated=[error.lead_id], behind=others)
    except (PyMongoError, LeadEngineError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is about one lead, the others go on
        if len(lead_ids) == 1:
            return Applied(failures=[failure_of(lead_ids[0], error)])
        middle = len(lead_ids) // 2
        applied = await apply_events(runtime, lead_ids[:middle])
        applied.behind += lead_ids[middle:]
        return applied


async def _commit(runtime: Runtime, lead_ids: Sequence[str]) -> Applied:
    for _ in range(_TRIES):
        try:
            return await transact(runtime.store.client, lambda session: _apply(runtime, lead_ids, session))
        except StateConflict:
            continue
    raise Unavailable("Other workers keep moving these leads on.")


async def _apply(runtime: Runtime, lead_ids: Sequence[str], session: Session) -> Applied:
    """The transaction: read states and events, fold, write. Touches nothing but the database, for it may run again."""
    applied, rulebook, limit = Applied(), runtime.rulebook, runtime.settings.fold_batch_events
    letters = await runtime.operations.dead_letters.states(lead_ids, session)
    active = [lead_id for lead_id in lead_ids if letters.get(lead_id) != "quarantined"]
    states = await runtime.leads.states.get_many(active, session)
    applied.outdated = [lead_id for lead_id, state in states.items() if state.rulebook != rulebook.label]
    current = [lead_id for lead_id in active if lead_id not in applied.outdated]
    positions = {lead_id: states[lead_id].position if lead_id in states else 0 for lead_id in current}
    events = await runtime.capture.events.after(positions, limit, session)
    writes: list[StateWrite] = []
    rows: list[HistoryRow] = []
    firings: list[Firing] = []
    for lead_id, of_lead in _by_lead(events).items():
        before = states.get(lead_id)
        folded, failure = _fold(before or initial_state(lead_id, rulebook), of_lead, rulebook)
        if failure is not None:
            applied.failures.append(failure)
        elif lead_id in letters:
            applied.recovered.append(lead_id)
        if folded.rows:
            applied.positions[lead_id] = folded.state.position
            writes.append(StateWrite(folded.state, before.position if before else None))
            rows += folded.rows
            firings += folded.firings
    await runtime.leads.states.write(writes, session)
    await runtime.leads.history.add(rows, session)
    if firings:
        applied.executions = await runtime.automations.executions.add(firings, runtime.now(), session)
    applied.events = len(rows)
    applied.behind = current if len(events) >= limit else []
    return applied


def _by_lead(events: Sequence[StoredEvent]) -> dict[str, list[StoredEvent]]:
    groups: dict[str, list[StoredEvent]] = defaultdict(list)
    for event in events:
        groups[event.lead_id].append(event)
    return groups


def _fold(
    state: LeadState, events: Sequence[StoredEvent], rulebook: CompiledRulebook
) -> tuple[Folded, FoldFailure | None]:
    """Fold all events; the first one that cannot be folded stops its lead there."""
    try:
        return fold(state, [event.decode() for event in events], rulebook), None
    except Exception:  # noqa: BLE001 - whatever an event does to the rules, other leads go on
        return _fold_one_by_one(state, events, rulebook)


def _fold_one_by_one(
    state: LeadState, events: Sequence[StoredEvent], rulebook: CompiledRulebook
) -> tuple[Folded, FoldFailure | None]:
    rows: tuple[HistoryRow, ...] = ()
    firings: tuple[Firing, ...] = ()
    for event in events:
        try:
            step = fold(state, [event.decode()], rulebook)
        except Exception as error:  # noqa: BLE001 - as above; the reason goes into the dead letter
            reason = f"{type(error).__name__}: {error}"
            failure = FoldFailure(state.lead_id, event.position, event.event_id, reason)
            return Folded(state, rows, firings), failure
        state, rows, firings = step.state, rows + step.rows, firings + step.firings
    return Folded(state, rows, firings), None
