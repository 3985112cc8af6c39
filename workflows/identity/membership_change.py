"""Changes of membership: a pair of events, one in each lead's stream, with all that follows from them in one transaction.

Both leads are brought up to date first, so that every event before the change has fired what it should under its own lead,
and nothing fires twice. The transaction is short, since it takes the next positions of the log, in two partitions if the streams lie in two; the leads are folded again
after it, and reads fold them themselves until then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TypeVar

from pymongo.errors import PyMongoError

from domain.errors import Conflict, Unavailable
from domain.events.applied_positions import NOTHING_APPLIED
from domain.events.event import ENGINE_SOURCE, Json, NewEvent
from domain.events.partition import partition_at, partition_of
from domain.instant import Millis
from domain.leads.state import initial_state
from engine.capture.codec import encode
from engine.capture.log.writer import AppendConflict
from engine.leads.lead_document import StateWrite
from engine.leads.lead_store import StateConflict
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.leads.fold_failure import record
from workflows.leads.owners_on_tasks import settle_owners
from workflows.leads.process import process_leads
from workflows.leads.rebuild import try_rebuild
from workflows.leads.shown import shown_at
from workflows.privacy.encrypt import encrypt_personal_fields

__all__ = [
    "Behind",
    "MovedMeanwhile",
    "append_pair",
    "change_membership",
    "drop_earlier_states",
    "fold_again",
    "fold_from_now",
    "membership_event",
    "require_applied",
]

_SECONDS = 15.0
"""Longest that a change is tried while other writers take the positions, or events of the leads keep coming."""

R = TypeVar("R")


class Behind(Exception):
    """A lead has events that are not applied yet."""


class MovedMeanwhile(Exception):
    """The leads are others than those that the events were made for."""


async def change_membership(
    runtime: Runtime,
    actor: Actor,
    lead_ids: Sequence[str],
    do: Callable[[Session], Awaitable[tuple[R, AuditAction | None]]],
) -> R:
    """Run `do` in an audited transaction with these leads up to date. Raises what `do` does, and `Unavailable`."""
    clock = asyncio.get_running_loop()
    until, is_behind = clock.time() + _SECONDS, True
    while clock.time() < until:
        try:
            if is_behind:
                await process_leads(runtime, lead_ids)
            result = await audited(runtime, actor, do)
        except (AppendConflict, Behind, MovedMeanwhile, StateConflict) as conflict:
            is_behind = isinstance(conflict, Behind)
            await asyncio.sleep(0)
            continue
        except PyMongoError as error:
            raise Unavailable("The store is not available; repeat the request.") from error
        runtime.capture.appender.forget()
        runtime.capture.notifications.publish()
        return result
    raise Unavailable("Events of these leads keep coming; repeat the request.")


async def require_applied(runtime: Runtime, lead_id: str, pair: Collection[int], session: Session) -> None:
    """Raise `Behind` for a lead with events beside the pair that are not applied, `Conflict` if it is blocked at one of them."""
    applied = (await runtime.leads.states.positions([lead_id], session)).get(lead_id, NOTHING_APPLIED)
    waiting = await runtime.capture.events.after({lead_id: applied}, len(pair) + 1, session)
    if all(one.position in pair for one in waiting):
        return
    if (await runtime.operations.dead_letters.states([lead_id], session)).get(lead_id) == "quarantined":
        raise Conflict(f"Lead '{lead_id}' is blocked at an event that cannot be folded; release it first.")
    raise Behind


async def membership_event(  # noqa: PLR0917 - the parts of an event
    runtime: Runtime, event_id: str, stream: str, kind: str, properties: dict[str, Json], at: Millis
) -> NewEvent:
    """An event of the engine in a stream; its reason is encrypted if it names a person."""
    event = NewEvent(
        event_id=event_id,
        lead_id=stream,
        type=kind,
        occurred_at=at,
        received_at=at,
        body_hash="",
        source=ENGINE_SOURCE,
        properties=properties,
    )
    (sealed,) = await encrypt_personal_fields(runtime, [event])
    return sealed


async def append_pair(runtime: Runtime, events: Sequence[NewEvent], session: Session) -> list[int]:
    """Append the events as part of the transaction, of which it is the first step. Returns their positions.

    First, because every append in between makes the transaction begin again. Each takes the next position of its stream's
    partition. Raises `AppendConflict` when another process takes one of them: so of two changes that name the same lead,
    which both append to its stream, one comes after the other.
    """
    writer, encoded = runtime.capture.writer, [encode(event) for event in events]
    partitions = writer.partitions_of(encoded)
    newest, positions = await writer.newest(set(partitions), session), []
    for partition in partitions:
        newest[partition] += 1
        positions.append(newest[partition])
    await writer.append(encoded, positions, session)
    return positions


async def fold_from_now(
    runtime: Runtime, lead_id: str, streams: Sequence[str], position: int, session: Session
) -> None:
    """Note that the lead has applied all events of its streams, of which that at `position` is its newest in that partition.

    It is to be folded again, without its checkpoints.
    """
    rulebook, partitions = runtime.rulebook, runtime.capture.writer.partitions
    applied = NOTHING_APPLIED.moved_to([position])
    if others := [one for one in streams if partition_of(one, partitions) != partition_at(position)]:
        found = await runtime.capture.events.newest_of_streams(others, partitions, session)
        applied = applied.moved_to(found.positions)
    empty = initial_state(lead_id, rulebook)
    shown = shown_at(empty, runtime.now(), rulebook)
    await runtime.leads.states.restart(StateWrite(empty, None, shown), applied, session)
    await drop_earlier_states(runtime, lead_id, session)


async def drop_earlier_states(runtime: Runtime, lead_id: str, session: Session) -> None:
    """Delete the lead's checkpoints, and end the fold in slices that may be under way."""
    await runtime.leads.checkpoints.drop(lead_id, session)
    await runtime.leads.slices.end(lead_id, session)


async def fold_again(runtime: Runtime, lead_ids: Sequence[str]) -> None:
    """Fold the leads again. If this process ends before, the background rebuild of outdated leads does it."""
    for lead_id in lead_ids:
        if failure := await try_rebuild(runtime, lead_id):
            await record(runtime, failure)
    await settle_owners(runtime, lead_ids)
    runtime.leads.notifications.publish(await runtime.leads.states.positions(lead_ids))
