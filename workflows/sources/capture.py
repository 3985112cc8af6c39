"""Capture of the messages of a source: sound ones are durable events, all others are kept as rejected, before this returns."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from domain.capture.formats import Format
from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.instant import Millis
from engine.runtime import Runtime
from engine.sources.bundle import CaptureOutcome
from engine.sources.source import Source
from workflows.capture.event_input import MAX_EVENTS
from workflows.capture.ingest import ingest
from workflows.capture.page_events import MAX_AGE
from workflows.identity.former_ids import join_former_id
from workflows.sources.keep_rejected import Rejection, keep_rejected
from workflows.sources.to_event import SourceEvent, message_id_of, to_event

__all__ = ["Captures", "capture", "store_events"]

_MESSAGES_PER_TURN = 100
"""Messages that are mapped before other tasks get their turn: about two milliseconds."""


class Captures(NamedTuple):
    """How many messages became events, were known already, were of erased and blocked people, or were rejected."""

    accepted: int = 0
    duplicates: int = 0
    blocked: int = 0
    rejected: int = 0


async def capture(
    runtime: Runtime, source: Source, wire_format: Format, messages: Sequence[Json]
) -> Captures:
    """Take the messages of a request; none fails because of another one.

    A message is known by its id: sent again, it is a duplicate, whatever else it says then. One without an id is new.
    Raises `Unavailable` when the store cannot take them now; the same request is safe to repeat.
    """
    runtime.capture.appender.require_room()
    events: list[SourceEvent] = []
    rejections: list[Rejection] = []
    at = runtime.now()
    for number, message in enumerate(messages):
        if number and number % _MESSAGES_PER_TURN == 0:
            await _give_turn(runtime)
        event_id = message_id_of(source, wire_format, message) or f"{source.source_id}:{uuid.uuid4().hex}"
        try:
            events.append(to_event(runtime, source, wire_format, message, event_id))
        except Invalid as error:
            rejections.append(Rejection(event_id, message, error.faults or (Fault("", error.message),)))
    stored = await store_events(runtime, source, events)
    kept = await keep_rejected(runtime, source, wire_format, rejections, at)
    captures = stored._replace(rejected=len(rejections))
    _count(runtime, wire_format, captures, not_kept=len(rejections) - kept)
    return captures


async def store_events(runtime: Runtime, source: Source, events: Sequence[SourceEvent]) -> Captures:
    """Store the events, as many at a time as a request may have. Raises `Unavailable`."""
    oldest: Millis = runtime.now() - MAX_AGE if source.origins else 0
    statuses: list[str] = []
    for start in range(0, len(events), MAX_EVENTS):
        part = events[start : start + MAX_EVENTS]
        sent_at = [one.sent_at for one in part]
        results = await ingest(
            runtime, [one.event for one in part], sent_at=sent_at if any(sent_at) else None, oldest=oldest
        )
        statuses += [result.status for result in results]
        for one, result in zip(part, results, strict=True):
            if one.former_id and result.status in {"accepted", "duplicate"}:
                await join_former_id(runtime, result.lead_id, one.former_id, trusted=not source.origins)
    accepted, blocked = statuses.count("accepted"), statuses.count("blocked")
    return Captures(accepted, len(statuses) - accepted - blocked, blocked)


def _count(runtime: Runtime, wire_format: Format, captures: Captures, not_kept: int) -> None:
    counts: dict[CaptureOutcome, int] = {
        "accepted": captures.accepted,
        "duplicate": captures.duplicates,
        "blocked": captures.blocked,
        "rejected": captures.rejected - not_kept,
        "not-kept": not_kept,
    }
    for outcome, number in counts.items():
        runtime.sources.captured[wire_format, outcome] += number


async def _give_turn(runtime: Runtime) -> None:
    """Let others have their turn: one long request goes on per turn, however many there are."""
    async with runtime.capture.large_bodies:
        await asyncio.sleep(0)
