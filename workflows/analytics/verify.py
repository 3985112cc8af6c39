"""Verification and rebuild of message results: each compared with the events of its lead, or made again from them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial

from msgspec import Struct

from domain.events.log_cursor import LogCursor
from domain.outreach.vocabulary import MESSAGE_PLANNED
from engine.capture.log.subscription import Subscription
from engine.runtime import Runtime
from workflows.analytics.project import (
    LEASE,
    checkpoint_name,
    project_results,
    project_waiting,
    results_now,
)
from workflows.sole_projector import in_batches, sole_projector

__all__ = ["ResultDrift", "ResultReport", "rebuild_results", "verify_results"]

_BATCH = 50
_REMEMBERED = 100_000
"""Streams that are not read twice, as long as there are no more."""

Progress = Callable[[int], None]
"""Called with the number of streams that are done."""


class ResultDrift(Struct, frozen=True):
    """A stored result that is not what the events say, and in what."""

    message_id: str
    what: str


class ResultReport(Struct, frozen=True):
    """How many messages were compared, and those that differ."""

    messages: int
    drifts: tuple[ResultDrift, ...]


async def rebuild_results(runtime: Runtime, on_progress: Progress = lambda _: None) -> int:
    """Work out every result from the events; remove those without. Returns how many streams were read.

    Raises `Unavailable` while another process projects results for longer than a minute.
    """
    done = 0
    async with sole_projector(runtime, LEASE, "the results of messages"):
        async for streams in in_batches(_streams(runtime), _BATCH):
            await project_results(runtime, streams)
            await runtime.store.leases.take(LEASE)
            done += len(streams)
            on_progress(done)
        await _catch_up(runtime)
    return done


async def verify_results(runtime: Runtime, on_progress: Progress = lambda _: None) -> ResultReport:
    """Compare every stored result with the events in the log; waiting events are projected first.

    Raises `Unavailable` as `rebuild_results` does.
    """
    drifts: list[ResultDrift] = []
    done, messages = 0, set[str]()
    async with sole_projector(runtime, LEASE, "the results of messages"):
        await _catch_up(runtime)
        async for streams in in_batches(_streams(runtime), _BATCH):
            found = await _compared(runtime, streams, messages)
            if found:  # by events that came meanwhile, perhaps
                await _catch_up(runtime)
                found = await _compared(runtime, streams, messages)
            drifts += found
            await runtime.store.leases.take(LEASE)
            done += len(streams)
            on_progress(done)
    return ResultReport(len(messages), tuple({one.message_id: one for one in drifts}.values()))


async def _compared(runtime: Runtime, streams: list[str], messages: set[str]) -> list[ResultDrift]:
    of_streams, now = await results_now(runtime, streams)
    stored = await runtime.analytics.results.of_streams(of_streams)
    messages |= now.keys() | stored.keys()
    drifts = []
    for message_id in sorted(now.keys() | stored.keys()):
        right, ours = now.get(message_id), stored.get(message_id)
        if right is None:
            drifts.append(ResultDrift(message_id, "is in no events"))
        elif ours is None:
            drifts.append(ResultDrift(message_id, "is not stored"))
        elif right != ours:
            fields = [name for name in right.__struct_fields__ if getattr(right, name) != getattr(ours, name)]
            drifts.append(ResultDrift(message_id, f"differs in {', '.join(fields)}"))
    return drifts


async def _catch_up(runtime: Runtime) -> None:
    """Project up to the event that is the newest now; one call of the projection is bounded."""
    name, end = checkpoint_name(runtime), await runtime.capture.log.end()
    while (await runtime.store.checkpoints.cursor(name, runtime.capture.log.partitions)).events_until(end):
        await project_waiting(runtime)


async def _streams(runtime: Runtime) -> AsyncIterator[str]:
    """The streams in which a message was planned, and then those that have results; some more than once."""
    subscription, begin = Subscription(runtime.capture.log), LogCursor.start(runtime.capture.log.partitions)
    read = partial(runtime.capture.by_type.after, types={MESSAGE_PLANNED})
    seen: set[str] = set()
    async for events, _ in subscription.slices(begin, read, up_to=await subscription.end()):
        for stream in dict.fromkeys(one.stream_id for one in events):
            if stream not in seen:
                seen.add(stream)
                yield stream
        if len(seen) > _REMEMBERED:
            seen.clear()
    async for stream in runtime.analytics.results.streams():
        if stream not in seen:
            yield stream
