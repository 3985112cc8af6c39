"""The speed of a preview of a rulebook, beside a replay of the same leads."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from engine.operations.audit_log import ENGINE
from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.report.figures import Figure, Row, at_least, below
from scripts.bench.rule_lab.histories import DAYS, EVENTS, store_histories, tried
from scripts.bench.workbench import Question, Workbench
from workflows.replay.replay import replay
from workflows.rule_lab.run_preview import run_preview
from workflows.rule_lab.start import Wanted, start_preview

__all__ = ["PREVIEW"]

_SECONDS = 20


async def _answer(bench: Workbench) -> list[Row]:
    leads = bench.size(2_000, 100)
    async with bench.store() as runtime:
        await store_histories(runtime, leads)
        events, seconds = await runtime.capture.log.count(), list[float]()
        samples = await bench.interleave(
            {
                "preview": _timed(lambda: _preview(runtime, leads), events, seconds),
                "replay": _timed(lambda: _replay(runtime, leads), events),
            }
        )
    preview, replayed = Figure("events/s", samples["preview"]), Figure("events/s", samples["replay"])
    note = f"{leads:,} leads of {EVENTS} events over {DAYS[0]} to {DAYS[1]} days, `standard` and other points"
    return [
        Row(
            question=32,
            name="preview of a rulebook, one process",
            measured=preview,
            baseline=replayed,
            baseline_name="`replay` of the same leads, which are right",
            reach=at_least(0.45),
            note=f"{note}; both are folded; by processor time of one process",
        ),
        Row(
            question=32,
            name=f"sample preview of {leads:,} leads",
            measured=Figure("s", tuple(seconds[1:])),
            reach=None if bench.quick else below(_SECONDS),
            note=note,
        ),
    ]


def _timed(
    work: Callable[[], Awaitable[None]], events: int, seconds: list[float] | None = None
) -> Callable[[int], Awaitable[float]]:
    """Events per second of processor time of something that looks at so many; `seconds` gets how long each takes.

    A preview computes at a low priority: how long it takes depends on whatever else the machine does.
    """

    async def measure(_: int) -> float:
        started, used = time.monotonic(), time.process_time()
        await work()
        if seconds is not None:
            seconds.append(time.monotonic() - started)
        return events / (time.process_time() - used)

    return measure


async def _preview(runtime: Runtime, leads: int) -> None:
    """A preview of all leads from its start to its last figure."""
    wanted = Wanted(sample=leads, all_leads=False)
    started = await start_preview(runtime, ENGINE, tried(runtime), "", wanted, claim=True)
    done = await run_preview(runtime, started)
    figures = done.shown
    verify(
        (done.progress.state, figures.leads, figures.failed) == ("done", leads, 0),
        f"the preview is {done.progress.state}, with {figures.leads} leads and {figures.failed} failed ones",
    )


async def _replay(runtime: Runtime, leads: int) -> None:
    report = await replay(runtime)
    verify(
        (report.leads, report.drifted) == (leads, []),
        f"{report.leads} leads were replayed, {len(report.drifted)} had drifted",
    )


PREVIEW = Question("preview", "How fast is a preview of a rulebook?", _answer, (32,))
