"""A lead in a real store: its batches are ingested and processed as in production, at moments that the test sets."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from domain.instant import to_datetime
from domain.leads.intelligence import Intelligence
from domain.rulebooks.rulebook import Rulebook
from engine.queue.work_queue import WorkQueue
from engine.runtime import Runtime, open_runtime
from engine.schema import create_schema
from engine.settings import Settings
from tests.clock import Clock
from tests.reference.calculation import Fact
from tests.reference.deliveries import Batch, Then
from tests.reference.engine import LEAD
from tests.reference.rulebooks import written
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.decay.decay import apply_decay
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads.process import process_leads


class StoredLead:
    """A lead in an empty store, and the facts of it that have arrived."""

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self._runtime, self._clock = runtime, clock
        self._arrived: dict[int, Fact] = {}

    @property
    def facts(self) -> list[Fact]:
        """What has arrived, with the positions at which it is stored."""
        return list(self._arrived.values())

    async def take(self, batch: Batch, check: Callable[[Intelligence, list[Fact]], None]) -> None:
        """Ingest a batch at its moment and do what comes after it; every answer that is read is checked."""
        self._clock.at = batch.at
        answers = await ingest(self._runtime, [_input(fact) for fact in batch.facts])
        for fact, stored in zip(batch.facts, answers, strict=True):
            occurred_at = fact.occurred_at - batch.sender_ahead
            corrected = replace(fact, occurred_at=occurred_at, position=stored.position)
            self._arrived.setdefault(fact.occurred_at, corrected)
        if batch.then is Then.NOTHING:
            return
        await process_leads(self._runtime, [LEAD])
        if batch.then is Then.READ:
            check(await self.read(), self.facts)
        if batch.then is Then.DECAY:
            await apply_decay(self._runtime)

    async def settle(self, at: int) -> None:
        """Process what waits and run the decay job at a moment after all arrivals."""
        self._clock.at = at
        await process_leads(self._runtime, [LEAD])
        await apply_decay(self._runtime)
        await process_leads(self._runtime, [LEAD])

    async def read(self, as_of: int | None = None, known_at: int | None = None) -> Intelligence:
        return await read_intelligence(self._runtime, LEAD, as_of=as_of, known_at=known_at)


def _input(fact: Fact) -> EventInput:
    return EventInput(
        lead_id=LEAD,
        type=fact.type,
        event_id=f"at-{fact.occurred_at}",
        occurred_at=to_datetime(fact.occurred_at),
        properties=dict(fact.properties),
        source=fact.source,
    )


@contextlib.asynccontextmanager
async def stored_lead(settings: Settings, rulebook: str | Mapping[str, Any]) -> AsyncIterator[StoredLead]:
    """A lead in the empty database of these settings, under a rulebook."""
    clock, rules = Clock(), Rulebook.model_validate(written(rulebook))
    async with open_runtime(settings, rulebook=rules, work_queue=SilentQueue(), now=clock) as runtime:
        await create_schema(runtime.store.database)
        yield StoredLead(runtime, clock)


class SilentQueue(WorkQueue):
    """A queue that sends nothing: the test itself says when leads are processed."""

    def __init__(self) -> None:
        pass

    async def enqueue_leads(self, lead_ids: Iterable[str]) -> None:
        pass

    async def enqueue_due(self, kind: str) -> None:
        pass
