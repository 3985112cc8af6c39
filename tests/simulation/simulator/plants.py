"""Bugs that engines of this kind have had, planted on purpose: the simulation has to find each of them."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from msgspec.structs import replace
from pymongo.errors import PyMongoError

from domain.errors import Unavailable
from domain.events.partition import partition_at, position_in
from domain.events.vocabulary import SCORE_DECAYED
from engine.automations.actions.task import CreateTask
from engine.capture.log.subscription import Subscription
from engine.capture.stored_event import StoredEvent
from engine.process.clock import to_bson
from engine.queue.broker import LEADS
from tests.simulation.simulator.memory import Client, Session
from tests.simulation.simulator.process import WorkQueue
from tests.simulation.simulator.world import World
from workflows.dispatch.dispatch import CHECKPOINT

__all__ = ["PLANTS", "checkpoint_before_enqueueing", "positions_handed_out"]


def no_compare_and_set(world: World) -> None:
    """Leads are written over whatever another worker has made of them, and the database does not mind."""

    class Blind(world.stores.LeadStore):
        async def write(self, changes, session) -> None:
            view = await self._view(session)
            for state, *_ in changes:
                view.put("leads", state.lead_id, state)

    class Forgiving(world.stores.HistoryStore):
        async def add(self, rows, session, *, changed=()) -> None:
            view = await self._view(session)
            for row in (*rows, *changed):
                view.put("history", row.position, row)

    world.stores.LeadStore, world.stores.HistoryStore, world.without_isolation = Blind, Forgiving, "worker"


def newest_by_timestamp(world: World) -> None:
    """New events are recognised by the time when they occurred, so that late ones are passed over."""

    class ByTime(world.stores.EventStore):
        async def after(self, applied, limit, session=None, *, streams=None):
            found = await super().after(applied, limit, session, streams=streams)
            leads = session.view.all("leads")
            return [
                event
                for event in found
                if event.lead_id not in leads or event.decode().occurred_at > leads[event.lead_id].clock
            ]

    world.stores.EventStore = ByTime


def folded_as_they_arrive(world: World) -> None:
    """Events count in the order of their arrival: a late one as if it happened when its lead's last event did."""

    class AsTheyArrive(world.stores.EventStore):
        async def after(self, applied, limit, session=None, *, streams=None):
            clocks = {lead_id: state.clock for lead_id, state in session.view.all("leads").items()}
            found = []
            for event in await super().after(applied, limit, session, streams=streams):
                at = max(clocks.get(event.lead_id, 0), event.decode().occurred_at)
                clocks[event.lead_id] = at
                found.append(
                    StoredEvent.of(
                        {**event.raw, "occurredAt": to_bson(at), "receivedAt": to_bson(at)}, event.lead_id
                    )
                )
            return found

    world.stores.EventStore = AsTheyArrive


def enqueue_before_commit(world: World) -> None:
    """Leads are enqueued when their events are about to be stored, and not afterwards."""

    class Hasty(world.stores.EventStore):
        async def append(self, events, positions, session=None) -> None:
            world.queue += [(LEADS, [one.event.lead_id]) for one in events]
            world.enqueued.set()
            await super().append(events, positions, session)

    async def nothing(_: Any) -> int:
        return 0

    world.stores.EventStore, world.dispatch, world.reconcile = Hasty, nothing, nothing


def publish_before_commit(world: World) -> None:
    """Applied positions are published before the commit."""

    class Hasty(world.stores.LeadStore):
        async def write(self, changes, session) -> None:
            await super().write(changes, session)
            world.publish({one.state.lead_id: one.state.applied for one in changes})

    world.stores.LeadStore = Hasty


def checkpoint_before_enqueueing(world: World) -> None:
    """The dispatcher advances its checkpoint before it enqueues, and there is no reconciler."""

    async def dispatch(runtime: Any) -> int:
        cursor = await runtime.store.checkpoints.cursor(CHECKPOINT, runtime.capture.log.partitions)
        leads, last = await Subscription(runtime.capture.log).leads_after(cursor, 100)
        if leads:
            await runtime.store.checkpoints.advance(CHECKPOINT, last)
            await runtime.work_queue.enqueue_leads(leads)
        return len(leads)

    async def nothing(_: Any) -> int:
        return 0

    world.dispatch, world.reconcile = dispatch, nothing


class _EarlySession(Session):
    """Says what a transaction has done when it is about to be committed."""

    async def with_transaction(self, body, **options: object) -> Any:
        early = asyncio.get_running_loop().create_future()

        async def body_with_early_result(session: Session) -> Any:
            result = await body(session)
            if not early.done():
                early.set_result(result)
            return result

        committing = asyncio.ensure_future(super().with_transaction(body_with_early_result, **options))
        committing.add_done_callback(_Failed(early))
        self._process.tasks.append(committing)
        return await early


class _Failed:
    """Hands the failure of a transaction on to the caller that still waits for its result."""

    def __init__(self, early) -> None:
        self._early = early

    def __call__(self, committing) -> None:
        error = None if committing.cancelled() else committing.exception()
        if error is not None and not self._early.done():
            self._early.set_exception(error)


def answer_before_commit(world: World) -> None:
    """Senders are answered before the commit of their events."""

    class Early(Client):
        session = _EarlySession

    world.client = Early
    world.publish = lambda _: None  # workers publish too early then as well; this is about the senders


async def _quietly(work) -> None:
    try:
        await work
    except (PyMongoError, Unavailable):
        return


def positions_handed_out(world: World) -> None:
    """Positions are given away for good before the events are stored."""

    class Counted(world.stores.EventStore):
        async def append(self, events, positions, session=None) -> None:
            for given in positions:
                await self._put("counters", partition_at(given), lambda last, at=given: max(last or 0, at))
            await super().append(events, positions, session)

        async def newest(self, partitions, session=None) -> dict[int, int]:
            view = await self._view()
            return {one: view.get("counters", one) or position_in(one, 0) for one in partitions}

    world.stores.EventStore = Counted


def effects_without_a_key(world: World) -> None:
    """Each attempt of an automation makes a task of its own."""
    wire = world.wire

    class Keyless(CreateTask):
        async def perform(self, execution, at):
            attempt = len(execution.attempts)
            if attempt > 1:
                execution = replace(execution, unit_id=f"{execution.unit_id} {attempt}")
            return await super().perform(execution, at)

    def wired(process, now):
        runtime = wire(process, now)
        runtime.automations.actions = {
            **runtime.automations.actions,
            "task": Keyless(runtime.automations.tasks),
        }
        return runtime

    world.wire = wired


def history_beside_the_transaction(world: World) -> None:
    """Rows of history are written by a task of their own, once the event that they are of has begun to be applied."""

    class Beside(world.stores.HistoryStore):
        async def add(self, rows, session, *, changed=()) -> None:
            rows = (*rows, *changed)
            self._process.tasks.append(asyncio.ensure_future(_quietly(self._write(rows))))

        async def _write(self, rows) -> None:
            for row in rows:
                await self._put("history", row.position, lambda _, row=row: row)

    world.stores.HistoryStore = Beside


def messages_trusted(world: World) -> None:
    """Nobody makes up for a message that the queue has lost."""

    async def nothing(_: Any) -> int:
        return 0

    world.reconcile = nothing


def executions_by_time_of_day(world: World) -> None:
    """An automation's period comes from the clock of the worker, so that a second attempt may count as another."""

    class ByClock(world.stores.ExecutionStore):
        async def add(self, firings, at, session):
            named = [replace(firing, date_bucket=str(at)) for firing in firings]
            return await super().add(named, at, session)

    world.stores.ExecutionStore = ByClock


def unacknowledged_queue(world: World) -> None:
    """The dispatcher takes a queue that does not answer for one that has taken the message."""

    class Careless(WorkQueue):
        async def _enqueue(self, kind, ids) -> None:
            try:
                await super()._enqueue(kind, ids)
            except Unavailable:
                return

    async def nothing(_: Any) -> int:
        return 0

    world.work_queue, world.reconcile = Careless, nothing


def decay_events_of_no_name(world: World) -> None:
    """Each pass of the decay job gives its events ids of their own."""
    numbers, wire = itertools.count(), world.wire

    def wired(process, now):
        runtime = wire(process, now)
        append = runtime.capture.appender.append

        async def renamed(events):
            return await append(
                [
                    replace(one, event_id=f"{one.event_id} {next(numbers)}")
                    if one.type == SCORE_DECAYED
                    else one
                    for one in events
                ]
            )

        runtime.capture.appender.append = renamed
        return runtime

    world.wire = wired


def membership_beside_the_transaction(world: World) -> None:
    """Which lead a stream is part of is noted whether or not the transaction of its event is committed."""

    class Beside(world.stores.StreamStore):
        async def merge(self, lead_id, merge, session) -> None:
            await super().merge(lead_id, merge, session)
            self._memory.collections["leadStreams"].update(session.view.all("leadStreams"))

    world.stores.StreamStore = Beside


def nothing_folded_after_a_merge(world: World) -> None:
    """A lead counts as folded again after a merge, and is as it was before."""

    class Idle(world.stores.LeadStore):
        async def restart(self, empty, applied, session) -> None:
            view = await self._view(session)
            state = view.get("leads", empty.state.lead_id) or empty.state
            view.put("leads", empty.state.lead_id, replace(state, position=applied.last))

    world.stores.LeadStore = Idle


PLANTS = (
    no_compare_and_set,
    newest_by_timestamp,
    folded_as_they_arrive,
    enqueue_before_commit,
    checkpoint_before_enqueueing,
    answer_before_commit,
    publish_before_commit,
    positions_handed_out,
    effects_without_a_key,
    history_beside_the_transaction,
    messages_trusted,
    executions_by_time_of_day,
    unacknowledged_queue,
    decay_events_of_no_name,
    membership_beside_the_transaction,
    nothing_folded_after_a_merge,
)
