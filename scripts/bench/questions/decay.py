"""How fast the decay job passes over all leads, and that a second run of the same day writes nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from domain.instant import DAY, Millis, from_datetime
from engine.process.gc_tuning import freeze_heap
from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.report.figures import Figure, Row, at_least
from scripts.bench.state.fixtures import apply_to, fill
from scripts.bench.workbench import Question, Workbench
from workflows.decay.decay import apply_decay

__all__ = ["DECAY"]


class _Days:
    """A clock that is advanced by days."""

    def __init__(self, first: Millis) -> None:
        self.at = first

    def __call__(self) -> Millis:
        return self.at


async def _answer(bench: Workbench) -> list[Row]:
    leads = bench.size(3_000, 600)
    until = datetime.now(UTC) - timedelta(days=bench.rounds + 2)
    days = _Days(from_datetime(until))
    written: list[int] = []
    again: list[float] = []
    async with bench.store(now=days) as runtime:
        filled = await fill(runtime, leads, until)
        freeze_heap()  # as `lead-engine decay` does; the baseline gains by it too

        async def decay(number: int) -> float:
            days.at += DAY
            speed, wrote = await _pass(runtime, len(filled))
            await apply_to(runtime, filled)
            second, wrote_again = await _pass(runtime, len(filled))
            verify(wrote > 0, "a day that changed nothing measures nothing")
            verify(wrote_again == 0, f"the second run of the day wrote {wrote_again} events")
            if number:
                written.append(wrote)
                again.append(second)
            return speed

        async def scan(_: int) -> float:
            started = time.monotonic()
            read = len(await runtime.store.database["leads"].find({}).to_list())
            seconds = time.monotonic() - started
            verify(read == len(filled), f"{read} of {len(filled)} leads were read")
            return read / seconds

        samples = await bench.interleave({"decay": decay, "raw scan": scan})
    raw = Figure("leads/s", samples["raw scan"])
    return [
        Row(
            question=9,
            name="decay job over all leads",
            measured=Figure("leads/s", samples["decay"]),
            baseline=raw,
            baseline_name="raw find({}) of the leads",
            reach=at_least(0.3),
            aim=at_least(0.6),
            note=f"{len(filled):,} leads; wrote {min(written):,} to {max(written):,} events per run, then 0 again",
        ),
        Row(
            question=9,
            name="decay job, second run of the day",
            measured=Figure("leads/s", tuple(again)),
            baseline=raw,
            baseline_name="raw find({}) of the leads",
            note="wrote 0 events",
        ),
    ]


async def _pass(runtime: Runtime, leads: int) -> tuple[float, int]:
    """Leads per second, and the number of events written."""
    started = time.monotonic()
    report = await apply_decay(runtime)
    seconds = time.monotonic() - started
    verify(report.leads == leads, f"decay assessed {report.leads} of {leads} leads")
    return leads / seconds, report.written


DECAY = Question("decay", "How fast does the decay job pass over all leads?", _answer, (9,))
