"""How fast events become durable over HTTP, with only the API running."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import count

from msgspec.structs import replace

from engine.runtime import Runtime
from engine.store.mongo import Collection, Document
from scripts.bench.baselines.raw import copy_indexes, insert_batches, insert_ones, renumbered
from scripts.bench.checks import verify
from scripts.bench.load.plan import Plan, send
from scripts.bench.load.workload import requests_of, sent_week
from scripts.bench.report.figures import Figure, Row, at_least
from scripts.bench.workbench import Question, Workbench

__all__ = ["INGEST_BATCHES", "INGEST_ONES"]

_BATCH = 100
_BATCH_CONNECTIONS = 16
_ONE_CONNECTIONS = 64
_LEADS = 2_000

Insert = Callable[[Collection, Sequence[Document]], Awaitable[float]]


async def _batches(bench: Workbench) -> list[Row]:
    async def insert(target: Collection, documents: Sequence[Document]) -> float:
        return await insert_batches(target, documents, _BATCH, _BATCH_CONNECTIONS)

    events = bench.size(40_000, 8_000)
    ingest, raw = await _compare(bench, events, _BATCH, _BATCH_CONNECTIONS, insert)
    return [
        Row(
            question=1,
            name=f"ingest, {_BATCH} events per request, {_BATCH_CONNECTIONS} connections",
            measured=ingest,
            baseline=raw,
            baseline_name="raw insert_many",
            reach=at_least(0.5),
            aim=at_least(0.7),
            note=f"{events:,} events per round, HTTP to durable",
        )
    ]


async def _ones(bench: Workbench) -> list[Row]:
    async def insert(target: Collection, documents: Sequence[Document]) -> float:
        return await insert_ones(target, documents, _ONE_CONNECTIONS)

    events = bench.size(20_000, 2_000)
    ingest, raw = await _compare(bench, events, 1, _ONE_CONNECTIONS, insert)
    return [
        Row(
            question=2,
            name=f"ingest, 1 event per request, {_ONE_CONNECTIONS} connections",
            measured=ingest,
            baseline=raw,
            baseline_name="raw insert_one",
            reach=at_least(2.4),
            aim=at_least(3),
            note=f"{events:,} events per round, HTTP to durable",
        )
    ]


async def _compare(
    bench: Workbench, events: int, per_request: int, connections: int, insert: Insert
) -> tuple[Figure, Figure]:
    """Rounds of the engine, and of plain inserts of the documents that it makes, with its indexes."""
    async with bench.engine("api") as (engine, runtime):
        requests = requests_of(sent_week(_LEADS, events), per_request)
        plan = Plan(port=engine.settings.port, connections=connections, requests=requests)
        passes = count()
        await _send(runtime, replace(plan, first_pass=next(passes)), events)
        stored = await runtime.store.database["events"].find().sort("_id", 1).to_list()
        raw = runtime.store.database["rawEvents"]
        await copy_indexes(runtime.store.database["events"], raw)

        async def ingest(_: int) -> float:
            return await _send(runtime, replace(plan, first_pass=next(passes)), events)

        async def plain(number: int) -> float:
            return await insert(raw, renumbered(stored, number))

        samples = await bench.interleave({"the engine": ingest, "plain inserts": plain})
    return Figure("events/s", samples["the engine"]), Figure("events/s", samples["plain inserts"])


async def _send(runtime: Runtime, plan: Plan, events: int) -> float:
    """Events per second of one pass; every one must be stored."""
    before = await runtime.capture.log.last_position()
    outcome = (await send(plan)).verify_all(202)
    stored = await runtime.capture.log.count()
    verify(outcome.accepted_events == events, f"{outcome.accepted_events} of {events} events were accepted")
    verify(stored == before + events, f"{stored} events are stored instead of {before + events}")
    return events / outcome.elapsed


INGEST_BATCHES = Question("ingest-batches", "How fast do batches of events become durable?", _batches, (1,))
INGEST_ONES = Question("ingest-ones", "How fast do single events become durable?", _ones, (2,))
