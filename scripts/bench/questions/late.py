"""The cost of late events: streams of which a fifth is late, and one event late by a day on a very long lead."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from domain.instant import to_datetime
from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.report.figures import Figure, Row, at_least, below
from scripts.bench.rounds import Measure
from scripts.bench.workbench import Question, Workbench
from workflows.capture.event_input import MAX_EVENTS, EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.replay.replay import replay

__all__ = ["LATE"]

_PER_LEAD = 10
_TYPES = ("page_view", "email_open", "download", "page_view", "form_submitted")
_MILLISECONDS = 1000
_LONG = "long"


async def _answer(bench: Workbench) -> list[Row]:
    return [await _fifth_late(bench), await _late_by_a_day(bench)]


async def _fifth_late(bench: Workbench) -> Row:
    leads, names = bench.size(1_000, 300), count()
    async with bench.store() as runtime:
        samples = await bench.interleave(
            {
                "late": _delivering(runtime, leads, names, [1, 0, 2, 3, 4, 6, 5, 7, 8, 9]),
                "in order": _delivering(runtime, leads, names, range(_PER_LEAD)),
            }
        )
        report = await replay(runtime, "verify")
        verify(not report.drifted, f"{len(report.drifted)} leads have drifted")
    return Row(
        question=17,
        name="a fifth of the events is late by up to 5 s",
        measured=Figure("events/s", samples["late"]),
        baseline=Figure("events/s", samples["in order"]),
        baseline_name="the same events in order",
        reach=at_least(0.7),
        note=f"{leads:,} leads of {_PER_LEAD} events each, one delivery of all leads after the other, stored and applied by one process",
    )


def _delivering(runtime: Runtime, leads: int, names: count[int], order: Sequence[int]) -> Measure:
    """Events per second of deliveries in this order, each with one event per lead."""

    async def measure(_: int) -> float:
        number, began = next(names), datetime.now(UTC) - timedelta(hours=1)
        chosen = [f"lead-{number}-{lead}" for lead in range(leads)]
        started = time.monotonic()
        for place in order:
            at = began + timedelta(seconds=5 * place)
            kind = _TYPES[place % len(_TYPES)]
            events = [EventInput(lead_id=lead, type=kind, occurred_at=at) for lead in chosen]
            await _store(runtime, events)
            await process_leads(runtime, chosen)
        return leads * _PER_LEAD / (time.monotonic() - started)

    return measure


async def _late_by_a_day(bench: Workbench) -> Row:
    size = bench.size(100_000, 20_000)
    async with bench.store() as runtime:
        now = to_datetime(runtime.now())
        step = timedelta(days=400) / size
        for start in range(0, size, MAX_EVENTS):
            await _store(
                runtime,
                [
                    EventInput(
                        lead_id=_LONG,
                        type=_TYPES[number % len(_TYPES)],
                        occurred_at=now - timedelta(days=400) + step * number,
                    )
                    for number in range(start, min(start + MAX_EVENTS, size))
                ],
            )
            await process_leads(runtime, [_LONG])
        samples = await bench.interleave(
            {"late": _one_event(runtime, timedelta(days=1)), "in order": _one_event(runtime, timedelta())}
        )
        report = await replay(runtime, "verify")
        verify(not report.drifted, "the long lead has drifted")
    return Row(
        question=17,
        name=f"one event late by a day on a lead of {size:,} events over 400 days",
        measured=Figure("ms", samples["late"]),
        baseline=Figure("ms", samples["in order"]),
        baseline_name="one in order",
        judged="measured",
        reach=below(50),
        note="stored and applied by one process",
    )


def _one_event(runtime: Runtime, late_by: timedelta) -> Measure:
    """Milliseconds until one event is stored and applied."""

    async def measure(_: int) -> float:
        event = EventInput(lead_id=_LONG, type="download", occurred_at=datetime.now(UTC) - late_by)
        started = time.monotonic()
        await ingest(runtime, [event])
        applied = await process_leads(runtime, [_LONG])
        verify(applied == 1, f"{applied} events were applied")
        return (time.monotonic() - started) * _MILLISECONDS

    return measure


async def _store(runtime: Runtime, events: Sequence[EventInput]) -> None:
    for start in range(0, len(events), MAX_EVENTS):
        await ingest(runtime, events[start : start + MAX_EVENTS])


LATE = Question("late", "What do late events cost?", _answer, (17,))
