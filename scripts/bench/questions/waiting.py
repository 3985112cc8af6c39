"""The cost of leads that wait in a sequence, and how long after its moment a due step is taken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from itertools import pairwise
from random import Random

from domain.instant import DAY, SECOND, Millis
from domain.sequences.loader import parse_sequence
from engine.operations.audit_log import ENGINE
from engine.outreach.message import Author
from engine.process.clock import to_bson
from engine.runtime import Runtime
from engine.store.mongo import Document
from scripts.bench.checks import verify
from scripts.bench.load.applied import until_settled
from scripts.bench.processes.engine_process import ALL_PARTS
from scripts.bench.processes.process_figures import cpu_seconds, rss_mb
from scripts.bench.report.figures import Figure, Row, below
from scripts.bench.state.fixtures import store_week
from scripts.bench.workbench import Question, Workbench
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.sequences.activate import activate_sequence
from workflows.sequences.enrol import enrol_lead

__all__ = ["WAITING"]

_QUESTION = 29
_AUTHOR = Author("key", "bench")
_SOON: Millis = 4 * SECOND
_TEXTS = (
    "{name: patient, version: 1, steps: [{wait: {days: 60}}, {addTag: patient}]}",
    "{name: prompt, version: 1, steps: [{wait: {minutes: 0.066666666667}}, {addTag: prompt}]}",
)
_INSERTED_AT_A_TIME = 5_000
_CALM_SECONDS, _WINDOW_SECONDS = 12, 10
_PATIENCE_SECONDS = 60.0
_STAGGER_SECONDS = 0.37
"""Between two leads whose steps come due, so that they do not fall together with the polls of the worker."""


async def _answer(bench: Workbench) -> list[Row]:
    size, windows, prompt = bench.size(100_000, 2_000), bench.size(3, 1), bench.size(40, 10)
    async with bench.engine(*ALL_PARTS) as (engine, runtime):
        await store_week(runtime, 500)
        for text in _TEXTS:
            await activate_sequence(runtime, ENGINE, parse_sequence(text), text)
        await ingest(runtime, [EventInput(lead_id="patient", type="signup")])
        await until_settled(runtime)
        enrolment = await enrol_lead(runtime, _AUTHOR, "patient", "patient", "")
        without = await _watch(bench, engine.pids, windows, "one lead waits")
        bench.say(f"{size:,} leads are made to wait")
        await _clone(runtime, enrolment.unit_id, size)
        waiting = await _watch(bench, engine.pids, windows, f"{size:,} leads wait")
        bench.say(f"the steps of {prompt} leads come due")
        lags = await _lags(runtime, prompt)
    return [*_rows(without, waiting, size), _lag_row(lags, size)]


async def _watch(
    bench: Workbench, pids: Mapping[str, int], windows: int, what: str
) -> list[dict[str, tuple[float, float]]]:
    """Per window and part, percent of a core, and megabytes of memory at its end."""
    bench.say("letting it calm down")
    await asyncio.sleep(_CALM_SECONDS)
    found = []
    for number in range(windows):
        bench.say(f"{what}, {_WINDOW_SECONDS} s, for the {number + 1}. time")
        before, started = {name: cpu_seconds([pid]) for name, pid in pids.items()}, time.monotonic()
        await asyncio.sleep(_WINDOW_SECONDS)
        seconds = time.monotonic() - started
        found.append(
            {
                name: (100 * (cpu_seconds([pid]) - before[name]) / seconds, rss_mb(pid) or 0.0)
                for name, pid in pids.items()
            }
        )
    return found


async def _clone(runtime: Runtime, unit_id: str, size: int) -> None:
    """Store so many enrolments like this one, of other leads, that are due in 30 to 60 days."""
    enrolments, chance, at = runtime.store.database["enrolments"], Random(11), runtime.now()
    pattern = await _decided(runtime, unit_id)
    edges = [*range(0, size, _INSERTED_AT_A_TIME), size]
    for first, last in pairwise(edges):
        await enrolments.insert_many(
            [
                pattern
                | {
                    "_id": f"enr_waiting_{number}",
                    "leadId": f"waiting-{number}",
                    "state": "waiting",
                    "attempts": [],
                    "dueAt": to_bson(at + round(chance.uniform(30, 60) * DAY)),
                    "leasedUntil": None,
                }
                for number in range(first, last)
            ],
            ordered=False,
        )
    stored = await enrolments.count_documents({"active": True})
    verify(stored == size + 1, f"{stored} leads wait, not {size + 1}")


async def _decided(runtime: Runtime, unit_id: str) -> Document:
    """The document of the enrolment once a worker has looked at it, so that it waits for its time."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            found = await runtime.store.database["enrolments"].find_one({"_id": unit_id})
            if found is not None and "decidedAt" in found and found.get("leasedUntil") is None:
                return found
            await asyncio.sleep(0.1)


async def _lags(runtime: Runtime, leads: int) -> tuple[float, ...]:
    """Milliseconds from the moment at which the step of each lead was due to the decision that took it."""
    names = [f"prompt-{number}" for number in range(leads)]
    await ingest(runtime, [EventInput(lead_id=name, type="signup") for name in names])
    enrolled = []
    for name in names:
        enrolled.append(await enrol_lead(runtime, _AUTHOR, name, "prompt", ""))
        await asyncio.sleep(_STAGGER_SECONDS)
    store = runtime.sequences.enrolments
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while any([(await store.get(one.unit_id)).is_active for one in enrolled]):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.2)
    ended = [await store.get(one.unit_id) for one in enrolled]
    verify(
        all(one.ending is not None and one.ending.reason == "finished" for one in ended),
        "a step was not taken",
    )
    return tuple(float(one.decided_at - one.enrolled_at - _SOON) for one in ended)


def _rows(
    without: list[dict[str, tuple[float, float]]],
    waiting: list[dict[str, tuple[float, float]]],
    size: int,
) -> list[Row]:
    def total(windows: list[dict[str, tuple[float, float]]], which: int) -> tuple[float, ...]:
        return tuple(sum(figures[which] for figures in window.values()) for window in windows)

    def of_parts(which: int, unit: str) -> str:
        return ", ".join(f"{part} {figures[which]:.1f} {unit}" for part, figures in waiting[-1].items())

    return [
        Row(
            question=_QUESTION,
            name=f"idle processor time with {size:,} leads that wait in a sequence",
            measured=Figure("%", total(waiting, 0)),
            baseline=Figure("%", total(without, 0)),
            baseline_name="with one",
            reach=below(1.2),
            note="of one core, all parts; " + of_parts(0, "%"),
        ),
        Row(
            question=_QUESTION,
            name="memory meanwhile",
            measured=Figure("MB", total(waiting, 1)),
            baseline=Figure("MB", total(without, 1)),
            baseline_name="with one",
            reach=below(1.05),
            note="all parts; " + of_parts(1, "MB"),
        ),
    ]


def _lag_row(lags: tuple[float, ...], size: int) -> Row:
    return Row(
        question=_QUESTION,
        name="from the moment of a due step to its decision",
        measured=Figure("ms", lags),
        reach=below(1000),
        note=f"{len(lags)} leads beside {size:,} that wait; the highest is {max(lags):,.0f} ms",
    )


WAITING = Question("waiting", "What do 100,000 leads that wait in a sequence cost?", _answer, (_QUESTION,))
