"""The projection of message results: a catch-up subscription that reads the log after its checkpoint, from the first event on.

The results of a lead are worked out whole from its events whenever one of them arrives, so neither the order of arrival nor a
repetition makes a difference, and a retraction or an un-merge needs nothing of its own.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import aclosing
from functools import partial

from domain.analytics.message_result import MessageResult
from domain.analytics.results import message_results
from domain.analytics.vocabulary import COUNTED
from domain.events.event import Event
from domain.events.vocabulary import EVENT_RETRACTED, MEMBERSHIP
from domain.outreach.vocabulary import MESSAGE_PLANNED
from engine.capture.lenient import decode_lenient
from engine.capture.log.subscription import Subscription
from engine.capture.stored_event import StoredEvent
from engine.runtime import Runtime
from workflows.analytics.wins import win_types

__all__ = ["LEASE", "checkpoint_name", "follow_results", "project_results", "project_waiting", "results_now"]

_log = logging.getLogger(__name__)

LEASE = "analytics"
"""Held by the process that projects: of two at a time the one that has read earlier could write later."""

_VERSION = 1
"""Changes with what results say, so that all are worked out again."""
_SLICES = 100
"""Slices of the log that one call reads."""
_EVENTS = 4000
"""Events whose leads are worked out together, so that a lead with many of them is read a few times only."""
_LEADS = 50
"""Leads whose events are read together."""
_ALWAYS = MEMBERSHIP | {MESSAGE_PLANNED, EVENT_RETRACTED}
"""Types after which a lead without results may have some."""


def checkpoint_name(runtime: Runtime) -> str:
    """The checkpoint, one per version of results and per set of types that are a win: another one begins at the first event."""
    digest = hashlib.blake2b("\x1f".join(sorted(win_types(runtime))).encode(), digest_size=6).hexdigest()
    return f"analytics:{_VERSION}:{digest}"


async def follow_results(runtime: Runtime) -> int:
    """Project the next events, unless another process does. Returns how many events were read that are counted."""
    if not await runtime.store.leases.take(LEASE):
        return 0
    try:
        return await project_waiting(runtime)
    finally:
        await runtime.store.leases.release(LEASE)


async def project_waiting(runtime: Runtime) -> int:
    """The same for a caller that holds the lease. One call is bounded; most often it comes to the newest event."""
    name, types = checkpoint_name(runtime), COUNTED | win_types(runtime)
    subscription = Subscription(runtime.capture.log)
    begin = await runtime.store.checkpoints.cursor(name, runtime.capture.log.partitions)
    end = await subscription.end()
    read, waiting, slices, changed = 0, 0, 0, _Changed()
    slice_of = partial(runtime.capture.by_type.after, types=types)
    async with aclosing(subscription.slices(begin, slice_of, up_to=end)) as reading:
        async for events, cursor in reading:
            read, waiting, slices = read + len(events), waiting + len(events), slices + 1
            for event in events:
                changed.add(event)
            left = cursor.events_until(end)
            if waiting < _EVENTS and left and slices < _SLICES:
                continue
            await _project(runtime, changed)
            await runtime.store.checkpoints.advance(name, cursor)
            waiting, changed = 0, _Changed()
            if left:
                _log.info("Results of messages are projected of %s events, %s are left.", cursor.events, left)
            if not await runtime.store.leases.take(LEASE) or slices == _SLICES:
                break
    return read


async def project_results(runtime: Runtime, streams: Iterable[str]) -> None:
    """Work out the results of the leads of these streams, and write those that differ from what is stored."""
    wanted = list(dict.fromkeys(streams))
    for start in range(0, len(wanted), _LEADS):
        of_streams, now = await results_now(runtime, wanted[start : start + _LEADS])
        stored = await runtime.analytics.results.of_streams(of_streams)
        changed = [one for message_id, one in now.items() if stored.get(message_id) != one]
        await runtime.analytics.results.write(changed, stored.keys() - now.keys())
        # An erasure may have passed between the reading and the writing.
        gone = await runtime.outreach.messages.forgotten([one.message_id for one in changed])
        await runtime.analytics.results.write((), gone)


async def results_now(
    runtime: Runtime, streams: Collection[str]
) -> tuple[Sequence[str], dict[str, MessageResult]]:
    """All streams of the leads of these streams, and the results of their messages by the events in the log."""
    membership = await runtime.identity.streams.membership(streams)
    of_lead = {lead: membership.streams.get(lead, (lead,)) for lead in membership.leads(streams)}
    lead_of = {stream: lead for lead, several in of_lead.items() for stream in several}
    wins = win_types(runtime)
    events: dict[str, list[Event]] = defaultdict(list)
    async for stored in runtime.capture.by_type.as_appended(list(lead_of), COUNTED | wins):
        events[lead_of[stored.stream_id]].append(decode_lenient(stored))
    results = [one for lead, stream in events.items() for one in message_results(lead, stream, wins)]
    gone = await runtime.outreach.messages.forgotten([one.message_id for one in results])
    return list(lead_of), {one.message_id: one for one in results if one.message_id not in gone}


class _Changed:
    """The streams whose leads have news: those that may have results now, and those that may have had some before."""

    def __init__(self) -> None:
        self.certain: set[str] = set()
        self.others: set[str] = set()

    def add(self, event: StoredEvent) -> None:
        if event.type in _ALWAYS:
            self.certain.update(_streams(event))
        else:
            self.others.add(event.stream_id)


async def _project(runtime: Runtime, changed: _Changed) -> None:
    others = await _with_results(runtime, changed.others - changed.certain)
    await project_results(runtime, [*sorted(changed.certain), *others])


def _streams(event: StoredEvent) -> Iterable[str]:
    """The stream of an event, and the other one of a merge."""
    yield event.stream_id
    properties = event.raw.get("properties")
    if event.type in MEMBERSHIP and isinstance(properties, dict):
        for name in ("into", "from", "stream"):
            if isinstance(other := properties.get(name), str):
                yield other


async def _with_results(runtime: Runtime, streams: Collection[str]) -> list[str]:
    """Those of the streams whose leads have results: the others were never written to."""
    if not streams:
        return []
    membership = await runtime.identity.streams.membership(streams)
    of_lead = {
        stream: membership.streams.get(membership.lead_of.get(stream, stream), (stream,))
        for stream in streams
    }
    having = await runtime.analytics.results.having({one for several in of_lead.values() for one in several})
    return sorted(stream for stream, several in of_lead.items() if not having.isdisjoint(several))
