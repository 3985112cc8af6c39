"""The cost of a merge: the last of many streams joins a very long lead, while other leads go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count

from domain.instant import to_datetime
from engine.operations.audit_log import Actor
from engine.process.tasks import cancel_and_wait
from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.report.figures import Figure, Row, below
from scripts.bench.workbench import Question, Workbench
from workflows.capture.event_input import MAX_EVENTS, EventInput
from workflows.capture.ingest import ingest
from workflows.identity.merge import merge, unmerge
from workflows.leads.process import process_leads
from workflows.replay.replay import replay

__all__ = ["MERGE"]

_PERSON = Actor("key", "bench")
_STREAMS = 50
_DAYS = 400
_TYPES = ("page_view", "email_open", "download", "page_view", "form_submitted")
_MILLISECONDS = 1000
_PAUSE_SECONDS = 0.02
_ALONE_SECONDS = 1
_MOST_SECONDS = 5


async def _answer(bench: Workbench) -> list[Row]:
    size = bench.size(100_000, 10_000)
    seconds: list[float] = []
    meanwhile: list[float] = []
    alone: list[float] = []
    names = count()
    async with bench.store() as runtime:
        bench.say(f"a lead of {_STREAMS} streams and {size:,} events")
        whole, part = await _two_leads(runtime, size)
        for number in range(bench.rounds):
            bench.say(f"merge {number + 1} of {bench.rounds}")
            async with _others_going_on(runtime, names) as delays:
                await asyncio.sleep(_ALONE_SECONDS)
            alone.append(max(delays))
            async with _others_going_on(runtime, names) as delays:
                seconds.append(await _merge(runtime, part, whole))
            meanwhile.append(max(delays))
            await unmerge(runtime, _PERSON, part, "")
        report = await replay(runtime, "verify")
        verify(not report.drifted and not report.outdated, "a lead has drifted")
    note = f"{_STREAMS} streams, {_DAYS} days, of which one stream joins the others; other leads go on in the same process"
    return [
        Row(
            question=26,
            name=f"the merge of a lead of {size:,} events",
            measured=Figure("s", tuple(seconds)),
            judged="measured",
            reach=below(_MOST_SECONDS),
            note=note,
        ),
        Row(
            question=27,
            name="longest time for an event of another lead during the merge",
            measured=Figure("ms", tuple(meanwhile)),
            baseline=Figure("ms", tuple(alone)),
            baseline_name="longest without a merge",
            note="stored and applied, one event after the other",
        ),
    ]


async def _two_leads(runtime: Runtime, size: int) -> tuple[str, str]:
    """A lead of all streams but the last one, and this stream. Events of all streams alternate in time."""
    now = to_datetime(runtime.now())
    step = timedelta(days=_DAYS) / size
    streams = [f"stream-{number}" for number in range(_STREAMS)]
    whole, part = streams[0], streams[-1]
    events = [
        EventInput(
            lead_id=streams[number % _STREAMS],
            type=_TYPES[number // _STREAMS % len(_TYPES)],
            occurred_at=now - timedelta(days=_DAYS) + step * number,
        )
        for number in range(size)
    ]
    await ingest(runtime, events[:_STREAMS])
    await process_leads(runtime, streams)
    for stream in streams[1:-1]:
        await merge(runtime, _PERSON, stream, whole, "")
    for start in range(_STREAMS, size, MAX_EVENTS):
        await ingest(runtime, events[start : start + MAX_EVENTS])
        await process_leads(runtime, [whole, part])
    return whole, part


async def _merge(runtime: Runtime, part: str, whole: str) -> float:
    started = time.monotonic()
    merged = await merge(runtime, _PERSON, part, whole, "")
    verify(merged.position > 0, "the lead was merged already")
    return time.monotonic() - started


@asynccontextmanager
async def _others_going_on(runtime: Runtime, names: count[int]) -> AsyncIterator[list[float]]:
    """Events of other leads, one after the other, and the milliseconds that each takes."""
    delays: list[float] = []

    async def go_on() -> None:
        for number in names:
            delays.append(await _one_event(runtime, f"other-{number}"))
            await asyncio.sleep(_PAUSE_SECONDS)

    going_on = asyncio.create_task(go_on())
    try:
        yield delays
    finally:
        await cancel_and_wait(going_on)


async def _one_event(runtime: Runtime, lead_id: str) -> float:
    """Milliseconds until one event is stored and applied."""
    started = time.monotonic()
    await ingest(runtime, [EventInput(lead_id=lead_id, type="download")])
    verify(await process_leads(runtime, [lead_id]) == 1, "the event was not applied")
    return (time.monotonic() - started) * _MILLISECONDS


MERGE = Question("merge", "What does a merge cost?", _answer, (26, 27))
