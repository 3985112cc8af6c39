"""The engine's stores on a database in memory. `test_stores.py` holds them and the real ones to the same contract."""

from __future__ import annotations

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import msgspec
from pymongo.errors import DuplicateKeyError

from domain.events.applied_positions import AppliedPositions
from domain.events.log_cursor import LogCursor
from domain.events.partition import partition_at, partition_of, position_in
from domain.identity.membership import Merge
from engine.automations.execution import Execution, execution_id
from engine.capture.codec import decode, to_document
from engine.capture.deduplication import Known
from engine.capture.log.event_log import Span
from engine.capture.log.writer import EventIdConflict, PositionConflict
from engine.capture.stored_event import StoredEvent
from engine.identity.stream_store import Membership
from engine.leads.lead_store import StateConflict
from engine.process.clock import from_bson
from engine.work.store import Candidate
from engine.work.unit import CLAIMABLE, Attempt
from tests.simulation.simulator.memory import Conflict, Key, Memory, View

__all__ = [
    "Checkpoints",
    "DeadLetters",
    "EventStore",
    "ExecutionStore",
    "HistoryStore",
    "LeadStore",
    "StreamStore",
    "TaskStore",
]


class Store:
    """One process's access to the database. Every call takes time, and may fail or never come back."""

    def __init__(self, memory: Memory, process) -> None:
        self._memory = memory
        self._process = process

    async def _view(self, session=None) -> View:
        await self._process.step()
        return self._memory if session is None else session.view

    async def _put(self, collection: str, key: Any, change) -> Any:
        """Change a document outside of transactions; wait for the one that holds it. Returns what it was and is."""
        while True:
            view = await self._view()
            before = view.get(collection, key)
            after = change(before)
            try:
                if after is not before:
                    view.put(collection, key, after)
            except Conflict:
                continue
            return before, after


class StreamStore(Store):
    """The lead of each stream that was ever merged, and its merges."""

    async def membership(self, stream_ids, session=None) -> Membership:
        wanted = set(stream_ids)
        docs = (await self._view(session)).all("leadStreams")
        lead_of = {one: doc[0] for one, doc in docs.items() if one in wanted or doc[0] in wanted}
        if further := set(lead_of.values()) - wanted:
            docs = (await self._view(session)).all("leadStreams")
            lead_of |= {one: doc[0] for one, doc in docs.items() if doc[0] in further}
        streams = defaultdict(list)
        for stream_id in sorted(lead_of):
            if (lead_id := lead_of[stream_id]) != stream_id:
                streams[lead_id].append(stream_id)
        return Membership(
            lead_of, {lead_id: tuple(sorted([lead_id, *parts])) for lead_id, parts in streams.items()}
        )

    async def lead_of(self, stream_id: str, session=None) -> str:
        return (await self._view(session)).all("leadStreams").get(stream_id, (stream_id,))[0]

    async def of_lead(self, lead_id: str, session=None) -> tuple[str, ...]:
        membership = await self.membership([lead_id], session)
        lead_id = membership.lead_of.get(lead_id, lead_id)
        return membership.streams.get(lead_id, (lead_id,))

    async def merges_of(self, lead_id: str, session=None) -> list[Merge]:
        docs = (await self._view(session)).all("leadStreams").values()
        standing = [one for lead, merges in docs if lead == lead_id for one in merges if one.stands(None)]
        return sorted(standing, key=lambda one: (one.since, one.stream))

    async def merge(self, lead_id: str, merge: Merge, session) -> None:
        view = await self._view(session)
        docs = dict(view.all("leadStreams"))
        docs.setdefault(lead_id, (lead_id, ()))
        for stream_id, (lead, merges) in docs.items():
            if stream_id == lead_id:
                view.put("leadStreams", stream_id, (merge.into, (*merges, merge)))
            elif lead == lead_id:
                view.put("leadStreams", stream_id, (merge.into, merges))

    async def unmerge(self, merge: Merge, streams, at: int, session) -> None:
        view = await self._view(session)
        for stream_id in streams:
            _, merges = view.get("leadStreams", stream_id)
            undone = msgspec.structs.replace(merge, until=at)
            view.put(
                "leadStreams",
                stream_id,
                (merge.stream, tuple(undone if one == merge else one for one in merges)),
            )


class EventStore(Store):
    """Events by position; `eventIds` is the unique index, per partition of the log."""

    partitions = 1

    def __init__(self, memory: Memory, process) -> None:
        super().__init__(memory, process)
        self._streams = StreamStore(memory, process)

    def partitions_of(self, events) -> list[int]:
        return [partition_of(event.lead_id, self.partitions) for event, *_ in events]

    async def newest(self, partitions, session=None) -> dict[int, int]:
        events = (await self._view(session)).all("events")
        return {
            one: max((at for at in events if partition_at(at) == one), default=position_in(one, 0))
            for one in partitions
        }

    async def known(self, event_ids, partitions, session) -> dict[tuple[int, str], Known]:
        view = await self._view(session)
        found = {(one, name): view.get("eventIds", (one, name)) for one in partitions for name in event_ids}
        return {name: known for name, known in found.items() if known is not None}

    async def append(self, events, positions, session=None) -> None:
        if session is not None:
            view = await self._view(session)
            for position, (event, *_) in zip(positions, events, strict=True):
                for (collection, key), document in self._writes(view, event, position).items():
                    view.put(collection, key, document)
            return
        for number, (event, *_) in enumerate(events):
            await self._append_alone(event, positions[number], number)
        await self._process.step()  # here the answer can get lost

    async def _append_alone(self, event, position: int, stored: int) -> None:
        """Store one of several, each of which is whole by itself; wait for a transaction that holds its place."""
        while True:
            view = await self._view()
            try:
                view.put_together(self._writes(view, event, position, stored))
            except Conflict:
                continue
            return

    def _writes(self, view: View, event, position: int, stored: int = 0) -> dict[Key, Any]:
        if view.get("events", position) is not None:
            raise PositionConflict(stored)
        unique = partition_at(position), event.event_id
        if view.get("eventIds", unique) is not None:
            raise EventIdConflict(stored)
        return {
            ("eventIds", unique): Known(position, event.lead_id, event.body_hash),
            ("events", position): to_document(event, position),
        }

    async def last_position(self, session=None) -> int:
        return max((await self._view(session)).all("events"), default=0)

    async def leads_in(self, stretches, limit: int) -> dict[str, Span]:
        events = (await self._view()).all("events")
        wanted = (
            at
            for at in events
            for after, up_to in stretches
            if after < at and partition_at(at) == partition_at(after) and (up_to is None or at <= up_to)
        )
        leads: dict[str, Span] = {}
        for at in sorted(wanted)[:limit]:
            lead_id = events[at]["leadId"]
            leads[lead_id] = Span(leads[lead_id].first if lead_id in leads else at, at)
        return leads

    async def after(self, applied, limit: int, session=None, *, streams=None) -> list[StoredEvent]:
        if streams is None:
            streams = (await self._streams.membership(applied, session)).streams
        lead_of = {stream: lead_id for lead_id in applied for stream in streams.get(lead_id, (lead_id,))}
        events = (await self._view(session)).all("events")
        wanted = sorted(
            (lead_of[doc["leadId"]], at)
            for at, doc in events.items()
            if doc["leadId"] in lead_of and not applied[lead_of[doc["leadId"]]].includes(at)
        )
        return [StoredEvent.of(events[at], lead_id) for lead_id, at in wanted[:limit]]

    async def of_leads(self, lead_ids, session=None) -> dict[str, list[StoredEvent]]:
        wanted = list(lead_ids)
        streams = (await self._streams.membership(wanted, session)).streams
        lead_of = {stream: lead_id for lead_id in wanted for stream in streams.get(lead_id, (lead_id,))}
        events = (await self._view(session)).all("events")
        found = defaultdict(list)
        for at in sorted(events):
            if lead_id := lead_of.get(events[at]["leadId"]):
                found[lead_id].append(StoredEvent.of(events[at], lead_id))
        return found

    async def last_of_lead(self, lead_id: str) -> int:
        streams = await self._streams.of_lead(lead_id)
        events = (await self._view()).all("events")
        return max((at for at, doc in events.items() if doc["leadId"] in streams), default=0)

    async def newest_of_streams(self, streams, partitions: int, session) -> AppliedPositions:
        events = (await self._view(session)).all("events")
        return AppliedPositions.of(at for at, doc in events.items() if doc["leadId"] in streams)

    async def of_lead(self, lead_id: str, *, until=None, known_at=None, up_to=None):
        streams = await self._streams.of_lead(lead_id)
        events = (await self._view()).all("events")
        return [
            decode(events[at], None, lead_id)
            for at in sorted(events)
            if events[at]["leadId"] in streams
            and (up_to is None or up_to.includes(at))
            and (until is None or from_bson(events[at]["occurredAt"]) <= until)
            and (known_at is None or from_bson(events[at]["receivedAt"]) <= known_at)
        ]

    async def slices_of_lead(self, lead_id: str, *, up_to=None):
        yield await self.of_lead(lead_id, up_to=up_to)


class LeadStore(Store):
    """States by lead, guarded by the applied positions."""

    async def get_many(self, lead_ids, session=None):
        leads = (await self._view(session)).all("leads")
        return {lead_id: leads[lead_id] for lead_id in lead_ids if lead_id in leads}

    async def get(self, lead_id: str):
        return (await self.get_many([lead_id])).get(lead_id)

    async def get_encoded(self, lead_ids, session=None):
        found = await self.get_many(list(lead_ids), session)
        return {lead_id: _stored(state) for lead_id, state in found.items()}

    async def refresh(self, shown) -> None:
        """Lists are not simulated."""
        await self._view()

    async def postpone(self, lead_ids, until: int) -> None:
        """Nor is when a lead is looked at again."""

    async def positions(self, lead_ids, session=None) -> dict[str, AppliedPositions]:
        return {lead: state.applied for lead, state in (await self.get_many(lead_ids, session)).items()}

    async def accounts(self, lead_ids, session=None) -> dict[str, str]:
        """Nobody says a company."""
        return {}

    async def keeps_owner(self, lead_id: str, owner_id: str | None, session=None) -> bool:
        """Nobody has a lead."""
        return owner_id is None

    async def write(self, changes, session) -> None:
        view = await self._view(session)
        for state, read_at, _ in changes:
            before = view.get("leads", state.lead_id)
            if (None if before is None else before.applied) != read_at:
                raise StateConflict("another worker was faster")
            view.put("leads", state.lead_id, state)

    async def remove(self, lead_id: str, session) -> None:
        (await self._view(session)).remove("leads", lead_id)

    async def restart(self, empty, applied: AppliedPositions, session) -> None:
        view = await self._view(session)
        state = view.get("leads", empty.state.lead_id) or empty.state
        outdated = msgspec.structs.replace(
            state, position=applied.last, elsewhere=applied.elsewhere or msgspec.UNSET, rulebook=""
        )
        view.put("leads", empty.state.lead_id, outdated)

    async def stale_under(self, rulebook: str, limit: int) -> list[str]:
        leads = (await self._view()).all("leads")
        return sorted(one for one, state in leads.items() if state.rulebook != rulebook)[:limit]

    async def scan(self, after: str = "", *, at_a_time: int):
        leads = dict((await self._view()).all("leads"))
        left = [leads[lead_id] for lead_id in sorted(leads) if lead_id > after]
        for start in range(0, len(left), at_a_time):
            yield [_stored(state) for state in left[start : start + at_a_time]]


def _stored(state) -> SimpleNamespace:
    """A lead as the real store gives it when it does not decode its state."""
    return SimpleNamespace(
        lead_id=state.lead_id,
        applied=state.applied,
        shown_score=state.assessment.score,
        is_current=lambda label: state.rulebook == label,
        decode=lambda: state,
    )


class HistoryStore(Store):
    """Rows by position."""

    async def add(self, rows, session, *, changed=()) -> None:
        view = await self._view(session)
        for row in changed:
            view.put("history", row.position, row)
        for row in rows:
            if view.get("history", row.position) is not None:
                raise DuplicateKeyError("this event has a row already")
            view.put("history", row.position, row)

    async def correct(self, stored, right, session) -> None:
        view = await self._view(session)
        for row in stored:
            view.remove("history", row.position)
        for row in right:
            view.put("history", row.position, row)

    async def of_leads(self, lead_ids, session=None):
        rows = (await self._view(session)).all("history")
        found = defaultdict(list)
        for row in sorted(rows.values(), key=lambda row: (row.at, row.position)):
            if row.lead_id in lead_ids:
                found[row.lead_id].append(row)
        return found


class ExecutionStore(Store):
    """Executions by the id that lead, rule and bucket give, with what a work loop asks of their store."""

    async def add(self, firings, at: int, session) -> list[str]:
        view = await self._view(session)
        new = []
        for firing in firings:
            identity = execution_id(firing.lead_id, firing.rule_id, firing.date_bucket)
            if view.get("executions", identity) is None:
                new.append(identity)
                execution = Execution(
                    unit_id=identity,
                    lead_id=firing.lead_id,
                    rule_id=firing.rule_id,
                    date_bucket=firing.date_bucket,
                    cause_position=firing.cause_position,
                    action=firing.action,
                    facts=firing.facts,
                    state="waiting",
                    created_at=at,
                    due_at=at,
                )
                view.put("executions", identity, execution)
        return new

    async def soonest(self, until: int, limit: int, passing_over=()) -> list[Candidate]:
        executions = (await self._view()).all("executions").values()
        due = [one for one in executions if one.state in CLAIMABLE and one.due_at <= until]
        due.sort(key=lambda one: (one.due_at, one.unit_id))
        return [Candidate(one.unit_id, one.due_at, "") for one in due[:limit]]

    async def claim(self, unit_ids, at: int, lease: int):
        def claimed(one):
            if one is None or one.state not in CLAIMABLE or one.due_at > at:
                return one
            attempts = (*one.attempts, Attempt(number=len(one.attempts) + 1, at=at))
            until = at + lease
            return msgspec.structs.replace(
                one, due_at=until, leased_until=until, tries=one.tries + 1, attempts=attempts
            )

        changes = [await self._put("executions", unit_id, claimed) for unit_id in unit_ids]
        return [after for before, after in changes if after is not before]

    async def finish(self, unit, outcome, settlement) -> bool:
        def finished(one):
            if one.leased_until is None or len(one.attempts) != len(unit.attempts):
                return one
            ended = "done" if outcome.verdict == "done" else "failed"
            last = msgspec.structs.replace(one.attempts[-1], outcome=ended, detail=outcome.detail)
            return msgspec.structs.replace(
                one,
                state=settlement.state,
                due_at=settlement.due_at,
                leased_until=None,
                attempts=(*one.attempts[:-1], last),
            )

        before, after = await self._put("executions", unit.unit_id, finished)
        return after is not before

    async def release(self, unit, at: int) -> None:
        def released(one):
            if one.leased_until is None or len(one.attempts) != len(unit.attempts):
                return one
            return msgspec.structs.replace(one, due_at=at, leased_until=None)

        await self._put("executions", unit.unit_id, released)


class DeadLetters(Store):
    """Failed folds by lead: here every fold that fails is a fault of the engine."""

    async def states(self, lead_ids, session=None) -> dict[str, str]:
        letters = (await self._view(session)).all("deadLetters")
        return {lead_id: "retrying" for lead_id in lead_ids if lead_id in letters}

    async def record_failure(self, lead_id, position, event_id, reason, at):
        await self._put("deadLetters", lead_id, lambda _: reason)
        return SimpleNamespace(state="retrying")

    async def retrying(self, limit: int) -> list[SimpleNamespace]:
        letters = (await self._view()).all("deadLetters")
        return [SimpleNamespace(lead_id=lead_id) for lead_id in letters][:limit]

    async def resolve(self, lead_ids) -> None:
        for lead_id in lead_ids:
            await self._put("deadLetters", lead_id, lambda _: None)

    async def drop_if_idle(self, lead_ids) -> None:
        await self.resolve(lead_ids)


class Checkpoints(Store):
    """Marks by name."""

    async def cursor(self, name: str, partitions: int) -> LogCursor:
        return (await self._view()).get("checkpoints", name) or LogCursor.start(partitions)

    async def advance(self, name: str, cursor: LogCursor) -> None:
        await self._put(
            "checkpoints", name, lambda before: cursor.moved_to(before.positions if before else ())
        )

    async def last_lead(self, name: str) -> str:
        return (await self._view()).get("checkpoints", name) or ""

    async def advance_lead(self, name: str, lead_id: str) -> None:
        await self._put("checkpoints", name, lambda _: lead_id)

    async def clear(self, name: str) -> None:
        await self._put("checkpoints", name, lambda _: None)


class TaskStore(Store):
    """Tasks by id; the same id again changes nothing."""

    async def create(self, task) -> None:
        await self._put("tasks", task.task_id, lambda before: before or task)
