"""What 500 open live streams cost, and how soon they name a lead that has changed."""

from __future__ import annotations

import time
from contextlib import closing

import msgspec

from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.load.applied import until_settled
from scripts.bench.load.http_connection import Connection, get, post
from scripts.bench.load.pipeline import BATCH, CONNECTIONS, LEADS, apply_pass
from scripts.bench.load.plan import Plan, blocks_of_passes
from scripts.bench.load.streams import OpenStream, open_streams
from scripts.bench.load.workload import live, requests_of
from scripts.bench.processes.engine_process import ALL_PARTS, EngineUnderTest
from scripts.bench.processes.process_figures import rss_mb
from scripts.bench.report.figures import Figure, Row, at_least, below, percentile
from scripts.bench.workbench import Question, Workbench

__all__ = ["STREAMS"]

_KILOBYTES = 1000
_ACCEPTED, _OK = 202, 200
_WITH, _WITHOUT = "with streams", "without"


async def _answer(bench: Workbench) -> list[Row]:
    number, events, probes = 500, bench.size(20_000, 6_000), bench.size(100, 30)
    settings = bench.settings().model_copy(update={"streams_per_caller": 1_000})
    passes = blocks_of_passes()
    frames: list[float] = []
    scores: list[float] = []
    sizes: list[float] = []
    async with bench.engine_on(settings, *ALL_PARTS) as (engine, runtime):

        async def speed() -> float:
            plan = Plan(
                port=settings.port,
                connections=CONNECTIONS,
                requests=requests_of(live(LEADS, events), BATCH),
                first_pass=next(passes),
            )
            return await apply_pass(runtime, plan, events)

        async def with_streams(round_number: int) -> float:
            before = _memory(engine)
            async with open_streams(settings.host, settings.port, number) as streams:
                reached = await speed()
                if round_number:
                    sizes.append((_memory(engine) - before) * _KILOBYTES / number)
                await until_settled(runtime)
                taken = await _probed(engine, runtime, streams[0], probes)
            if round_number:
                frames.append(percentile(taken[0], 95))
                scores.append(percentile(taken[1], 95))
            return reached

        async def without(_: int) -> float:
            await until_settled(runtime)
            return await speed()

        samples = await bench.interleave({_WITH: with_streams, _WITHOUT: without})
    return [
        Row(
            question=23,
            name=f"end to end with {number} open streams",
            measured=Figure("events/s", samples[_WITH]),
            baseline=Figure("events/s", samples[_WITHOUT]),
            baseline_name="without streams",
            reach=at_least(0.9),
            note=f"{events:,} events of {LEADS:,} leads a round; the streams are read by the process that sends",
        ),
        Row(
            question=24,
            name="memory of the API for each of them, under that load",
            measured=Figure("kB", tuple(sizes)),
            reach=below(64),
            note="growth of the resident memory from before they were opened",
        ),
        Row(
            question=25,
            name=f"event accepted to frame received, {number} streams, p95",
            measured=Figure("ms", tuple(frames)),
            note=f"{probes} single events, one after another",
        ),
        Row(
            question=25,
            name="of which after its score could be read, p95 against p95",
            measured=Figure("ms", tuple(frame - score for frame, score in zip(frames, scores, strict=True))),
            reach=below(200),
            note="the score is waited for with `?after=`",
        ),
    ]


async def _probed(
    engine: EngineUnderTest, runtime: Runtime, stream: OpenStream, probes: int
) -> tuple[list[float], list[float]]:
    """Milliseconds from each event's acknowledgement to its frame, and to its score."""
    frames: list[float] = []
    scores: list[float] = []
    host, port = engine.settings.host, engine.settings.port
    first = await runtime.capture.log.last_position()
    with closing(await Connection.open(host, port)) as connection:
        for index in range(probes):
            lead_id = f"probe-{first}-{index}"
            body = msgspec.json.encode({"leadId": lead_id, "type": "page_view"})
            answer = await connection.ask(post("/api/events", body))
            accepted = time.monotonic()
            verify(answer.status == _ACCEPTED, f"the event was answered with {answer.status}")
            position = msgspec.json.decode(answer.body)["results"][0]["position"]
            score = await connection.ask(get(f"/api/leads/{lead_id}/intelligence?after={position}"))
            verify(score.status == _OK, f"the score was answered with {score.status}")
            scores.append(1000 * (time.monotonic() - accepted))
            frames.append(1000 * (await stream.named(lead_id, position) - accepted))
    return frames, scores


def _memory(engine: EngineUnderTest) -> float:
    """Resident memory of the API process, in megabytes."""
    memory = rss_mb(engine.pids["api"])
    verify(memory is not None, "the API has ended")
    return memory or 0.0


STREAMS = Question(
    "streams", "What do 500 live streams cost, and how soon do they name a lead?", _answer, (23, 24, 25)
)
