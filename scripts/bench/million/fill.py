"""The filling of a store, block by block, through HTTP while all parts of the engine run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from statistics import median

from msgspec.structs import replace

from domain.events.vocabulary import LEAD_ASSIGNED, TAG_ADDED
from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.load.applied import until_applied
from scripts.bench.load.pipeline import BATCH, CONNECTIONS
from scripts.bench.load.plan import MARK, Plan, send
from scripts.bench.load.workload import requests_of, sent_week
from scripts.bench.million.journal import Block, Journal
from scripts.bench.processes.engine_process import EngineUnderTest
from scripts.bench.processes.process_figures import cpu_seconds
from scripts.bench.state.cloned_leads import OWNERS, TAG
from scripts.bench.workbench import Workbench
from workflows.capture.event_input import EventInput

__all__ = ["Fill", "block_events"]

_ACCEPTED = 202
_ATTEMPTS = 5
_TAGGED = 20
"""One lead of so many has the tag, every other one an owner."""
_RECENT = 20
"""Blocks that an estimate goes by."""
_SAY_SECONDS = 15.0
_PATIENCE_SECONDS = 600.0
_PASS = MARK.decode()


class Fill:
    """Fills the store of a journal as far as it is told, and records each block."""

    def __init__(
        self,
        journal: Journal,
        engine: EngineUnderTest,
        runtime: Runtime,
        bench: Workbench,
    ) -> None:
        self._journal = journal
        self._engine = engine
        self._runtime = runtime
        self._processes = [*engine.pids.values(), bench.services.mongod.pid]
        self._say = bench.say
        self._said = 0.0
        events = block_events(journal.block_leads, journal.block_events, journal.until)
        self._plan = Plan(
            port=engine.settings.port, connections=CONNECTIONS, requests=requests_of(events, BATCH)
        )

    async def up_to(self, blocks: int, of_blocks: int) -> None:
        """Go on until so many blocks are stored and applied. Raises `WrongResult` if one cannot be."""
        while (number := len(self._journal.blocks)) < blocks:
            block = await self._block(number)
            self._engine.verify_running()
            self._journal.blocks.append(block)
            self._journal.position = await self._runtime.capture.log.last_position()
            self._journal.save()
            self._tell(of_blocks)

    async def _block(self, number: int) -> Block:
        """Send a block, again if it was refused in part: what is stored already is a duplicate."""
        size, started, cpu = self._journal.block_events, time.monotonic(), cpu_seconds(self._processes)
        first, plan = self._journal.position + 1, replace(self._plan, first_pass=number)
        outcome = await send(plan)
        for _ in range(_ATTEMPTS - 1):
            if set(outcome.statuses) == {_ACCEPTED}:
                break
            outcome = await send(plan)
        outcome.verify_all(_ACCEPTED)
        done = await until_applied(
            self._runtime, first, await self._runtime.capture.log.last_position(), _PATIENCE_SECONDS
        )
        used = 1_000_000 * (cpu_seconds(self._processes) - cpu)
        return Block(
            ingest=size / outcome.elapsed,
            end_to_end=size / (done - outcome.began),
            lag=max(done - outcome.ended, 0.0),
            processor_us=used / size,
            seconds=time.monotonic() - started,
            repeated=outcome.accepted_events < size,
        )

    def _tell(self, of_blocks: int) -> None:
        """Say how far it is and how long the rest takes, now and then."""
        blocks, now = self._journal.blocks, time.monotonic()
        if now < self._said + _SAY_SECONDS and len(blocks) < of_blocks:
            return
        self._said = now
        last = blocks[-1]
        left = (of_blocks - len(blocks)) * median(block.seconds for block in blocks[-_RECENT:])
        self._say(
            f"{len(blocks) * self._journal.block_leads:,} of {of_blocks * self._journal.block_leads:,} leads, "
            f"{last.end_to_end:,.0f} events/s to applied, lag {last.lag:.1f} s; about {_duration(left)} left"
        )


def block_events(leads: int, events: int, until: datetime) -> list[EventInput]:
    """The events of one block: weeks of its leads that end at `until`; half have an owner, some a tag.

    The number of the pass stands in all ids.
    """
    names = [f"{_PASS}-demo-{number:03}" for number in range(1, leads + 1)]
    marks = list(_marks(names, until - timedelta(days=7)))
    first = [
        EventInput(
            lead_id=name,
            type="page_view",
            event_id=f"{_PASS}:first:{name}",
            occurred_at=until - timedelta(days=7),
        )
        for name in names
    ]
    rest = events - len(marks) - len(first)
    verify(rest >= 0, "a lead has two events at least")
    return list(chain(marks, first, sent_week(leads, rest, until) if rest else []))


def _marks(names: list[str], at: datetime) -> Iterator[EventInput]:
    for number, name in enumerate(names):
        if number % 2 == 0:
            yield EventInput(
                lead_id=name,
                type=LEAD_ASSIGNED,
                event_id=f"{_PASS}:owner:{name}",
                occurred_at=at,
                properties={"ownerId": f"person_{number // 2 % OWNERS}"},
            )
        if number % _TAGGED == 0:
            yield EventInput(
                lead_id=name,
                type=TAG_ADDED,
                event_id=f"{_PASS}:tag:{name}",
                occurred_at=at,
                properties={"tag": TAG},
            )


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004 - an hour
