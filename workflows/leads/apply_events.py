"""Applies the new events of a batch of leads in one transaction: states, history rows and due automations together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pymongo.errors import PyMongoError

from domain.automations.firing import Firing
from domain.errors import LeadEngineError, Unavailable
from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from domain.events.event import Event
from domain.leads.history_row import HistoryRow
from domain.leads.late import FoldedAgain
from domain.leads.state import LeadState, initial_state
from engine.capture.stored_event import StoredEvent
from engine.identity.stream_store import Membership
from engine.leads.lead_document import StateWrite, UnreadableLead
from engine.leads.lead_store import StateConflict
from engine.runtime import Runtime
from engine.store.mongo import Session, transact
from workflows.leads.accounts import accounts_of
from workflows.leads.fold_arrived import decode_arrived, fold_arrived
from workflows.leads.fold_failure import FoldFailure, failure_of
from workflows.leads.fold_in_slices import MOST_AT_ONCE
from workflows.leads.fold_start import keep_checkpoints, starts_of
from workflows.leads.long_folds import set_long_folds_apart
from workflows.leads.owners_on_tasks import changed_owners
from workflows.leads.public_senders import late_by_public_senders
from workflows.leads.retractions import apply_retractions
from workflows.leads.shown import shown_at
from workflows.teams.routing_trigger import to_be_routed

__all__ = ["Applied", "apply_events"]

_TRIES = 10
"""Attempts of a transaction while other workers move its leads on."""


@dataclass
class Applied:
    """The result of one transaction."""

    events: int = 0
    positions: dict[str, AppliedPositions] = field(default_factory=dict)
    """The new applied positions of each lead that has moved."""
    types: set[str] = field(default_factory=set)
    """The types of the events of these leads."""
    executions: list[str] = field(default_factory=list)
    routing: list[str] = field(default_factory=list)
    """Requests to route leads that wait for an owner now."""
    owners: dict[str, str | None] = field(default_factory=dict)
    """The new owner of each stream of leads that have got another one."""
    failures: list[FoldFailure] = field(default_factory=list)
    recovered: list[str] = field(default_factory=list)
    """Leads that failed before and have applied an event now."""
    outdated: list[str] = field(default_factory=list)
    """Leads to rebuild first: folded under another rulebook or version of the fold, or with a state that cannot be read."""
    behind: list[str] = field(default_factory=list)
    """Leads that may have further events."""
    long: list[str] = field(default_factory=list)
    """Leads that are to be folded again or rebuilt in slices, because they have too many events for one transaction."""
    postponed: dict[str, str] = field(default_factory=dict)
    """Leads that wait because the public sender of their late events has spent its budget; and the sender."""
    refolded: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Leads folded again because of a public sender; the sender, and how many events."""

    def moved(self, state: LeadState, events: Sequence[Event]) -> None:
        """Note that the lead has moved to this state, by these events."""
        self.positions[state.lead_id] = state.applied
        self.types |= {event.type for event in events}

    @property
    def unfinished(self) -> set[str]:
        """Leads to process again at once."""
        done = {*self.long, *self.postponed, *(failure.lead_id for failure in self.failures)}
        return {*self.outdated, *self.behind} - done


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
    membership = await runtime.identity.streams.membership(lead_ids, session)
    letters = await runtime.operations.dead_letters.states(membership.leads(lead_ids), session)
    active = [lead_id for lead_id in membership.leads(lead_ids) if letters.get(lead_id) != "quarantined"]
    stored = await runtime.leads.states.get_encoded(active, session)
    states = {lead_id: lead.decode() for lead_id, lead in stored.items()}
    outdated = [lead_id for lead_id, lead in stored.items() if not lead.is_current(rulebook.label)]
    applied.long = [lead_id for lead_id in outdated if states[lead_id].events > MOST_AT_ONCE]
    applied.outdated = [lead_id for lead_id in outdated if lead_id not in applied.long]
    current = [lead_id for lead_id in active if lead_id not in outdated]
    positions = {
        lead_id: states[lead_id].applied if lead_id in states else NOTHING_APPLIED for lead_id in current
    }
    waiting = await runtime.capture.events.after(positions, limit, session, streams=membership.streams)
    applied.behind = current if len(waiting) >= limit else []
    public = await late_by_public_senders(runtime, states, waiting)
    events = _within_budget(runtime, waiting, public, applied)
    apart = await set_long_folds_apart(runtime, states, events, session)
    found, replaced = await apply_retractions(runtime, apart.events, positions, session)
    replaced |= apart.replaced
    arrived = {
        lead_id: decode_arrived(of_lead, replaced.get(lead_id, ()))
        for lead_id, of_lead in _by_lead(found).items()
    }
    starts = apart.starts | await starts_of(
        runtime, states, {lead: one for lead, one in arrived.items() if lead not in apart.starts}, session
    )
    writes, now = _Writes(membership), runtime.now()
    routed: dict[str, int] = {}
    for lead_id, of_lead in arrived.items():
        before, start = states.get(lead_id), starts.get(lead_id)
        result = fold_arrived(before or initial_state(lead_id, rulebook), of_lead, start, rulebook)
        if result.failure is not None:
            applied.failures.append(result.failure)
        elif lead_id in letters:
            applied.recovered.append(lead_id)
        if result.folded.new_rows or result.folded.changed_rows:
            applied.moved(result.folded.state, of_lead.events)
            applied.events += result.folded.state.events - (before.events if before else 0)
            await keep_checkpoints(runtime, before, of_lead, result.folded, session)
            if lead_id in apart.starts:
                await runtime.leads.slices.end(lead_id, session)
            read_at = before.applied if before else None
            shown = shown_at(result.folded.state, now, rulebook)
            writes.add(before, result.folded, StateWrite(result.folded.state, read_at, shown))
            if to_be_routed(runtime.teams.routing.current, before, result.folded.state, of_lead.events):
                routed[lead_id] = result.folded.state.position
    applied.owners = await writes.store(runtime, session)
    if writes.firings:
        applied.executions = await runtime.automations.executions.add(writes.firings, now, session)
    if routed:
        applied.routing = await runtime.teams.requests.add(routed, now, session)
    applied.behind += apart.starts
    applied.long += apart.long
    refolded = {lead_id: len(start.events) for lead_id, start in starts.items()}
    refolded |= {lead_id: states[lead_id].events for lead_id in apart.long}
    applied.refolded = {lead_id: (sender, refolded.get(lead_id, 0)) for lead_id, sender in public.items()}
    return applied


def _within_budget(
    runtime: Runtime, events: Sequence[StoredEvent], public: Mapping[str, str], applied: Applied
) -> Sequence[StoredEvent]:
    """The events without those of leads that have to wait, because their public sender has spent its budget."""
    budget, now = runtime.leads.refolds, runtime.now()
    applied.postponed = {
        lead_id: sender for lead_id, sender in public.items() if not budget.may_fold(sender, lead_id, now)
    }
    return [event for event in events if event.lead_id not in applied.postponed]


@dataclass
class _Writes:
    """The results of one transaction, lead by lead."""

    membership: Membership
    states: list[StateWrite] = field(default_factory=list)
    new_rows: list[HistoryRow] = field(default_factory=list)
    changed_rows: list[HistoryRow] = field(default_factory=list)
    firings: list[Firing] = field(default_factory=list)
    accounts: set[str] = field(default_factory=set)
    """The accounts that the leads belonged to, or belong to now."""
    owners: dict[str, str | None] = field(default_factory=dict)
    """The new owner of each stream of leads that have got another one."""

    def add(self, before: LeadState | None, folded: FoldedAgain, state: StateWrite) -> None:
        """Add a lead that has moved on."""
        self.accounts |= accounts_of(before, folded.state)
        self.owners |= changed_owners(before, folded.state, self.membership)
        self.states.append(state)
        self.new_rows += folded.new_rows
        self.changed_rows += folded.changed_rows
        self.firings += folded.firings

    async def store(self, runtime: Runtime, session: Session) -> dict[str, str | None]:
        """Write states, rows and owners on tasks, and note the accounts. Returns the new owners. Executions are for the caller to add."""
        await runtime.leads.states.write(self.states, session)
        await runtime.leads.history.add(self.new_rows, session, changed=self.changed_rows)
        await runtime.accounts.changes.add(self.accounts, session)
        if self.owners:
            await runtime.automations.task_owners.write(self.owners, session)
        return self.owners


def _by_lead(events: Sequence[StoredEvent]) -> dict[str, list[StoredEvent]]:
    groups: dict[str, list[StoredEvent]] = defaultdict(list)
    for event in events:
        groups[event.lead_id].append(event)
    return groups
