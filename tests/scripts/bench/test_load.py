"""The load generator of the benchmark against a small HTTP server in this process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time

import pytest

from scripts.bench.checks import WrongResult
from scripts.bench.load.generator import Sender
from scripts.bench.load.http_connection import Connection, get, post
from scripts.bench.load.plan import MARK, Load, Outcome, Plan, blocks_of_passes, send
from scripts.bench.load.workload import live, requests_of, sent_week

ACCEPTED = b'{"accepted":2,"duplicates":0}'


@contextlib.asynccontextmanager
async def serving(answer):
    """A server whose every answer is what `answer(head, body)` returns; its port and what it was sent."""
    seen = []

    async def talk(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                sizes = [
                    int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")
                ]
                body = await reader.readexactly(sizes[0]) if sizes else b""
                seen.append((head, body))
                for part in answer(head, body):
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


def response(status, body, *headers):
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def run(plan):
    connections = [await Connection.open("127.0.0.1", plan.port) for _ in range(plan.connections)]
    with contextlib.ExitStack() as stack:
        for connection in connections:
            stack.enter_context(contextlib.closing(connection))
        return await Sender(plan).run(connections)


async def test_an_answer_that_arrives_in_pieces_is_one_answer():
    whole = response(200, b"hello", "X-More: 1")
    async with serving(lambda *_: [whole[:9], whole[9:40], whole[40:]]) as (port, _):
        connection = await Connection.open("127.0.0.1", port)
        with contextlib.closing(connection):
            for _ in range(2):
                answer = await connection.ask(get("/"))
                assert (answer.status, answer.body) == (200, b"hello")


def hang_up(*_):
    raise ConnectionError


async def test_a_server_that_hangs_up_is_an_error():
    async with serving(hang_up) as (port, _):
        connection = await Connection.open("127.0.0.1", port)
        with contextlib.closing(connection), pytest.raises(ConnectionError):
            await connection.ask(get("/"))


async def test_every_request_of_every_pass_is_sent_once_with_the_number_of_its_pass():
    async with serving(lambda *_: [response(202, ACCEPTED)]) as (port, seen):
        requests = [post("/api/events", MARK + b"-a"), post("/api/events", MARK + b"-b")]
        plan = Plan(port=port, connections=3, requests=requests, first_pass=7, passes=2)
        outcome = (await send(plan)).verify_all(202)
    assert sorted(body for _, body in seen) == [b"00007-a", b"00007-b", b"00008-a", b"00008-b"]
    assert (outcome.accepted_events, outcome.requests, len(outcome.seconds)) == (8, 4, 4)
    assert 0 < outcome.elapsed < 10


async def test_refusals_are_counted_apart_and_those_without_retry_after_are_reported():
    answers = iter([response(202, ACCEPTED), response(503, b"{}", "Retry-After: 1"), response(503, b"{}")])
    async with serving(lambda *_: [next(answers)]) as (port, _):
        outcome = await run(Plan(port=port, connections=1, requests=[get("/")] * 3))
    assert outcome.statuses == {202: 1, 503: 2}
    assert (outcome.refused_without_retry_after, len(outcome.seconds)) == (1, 1)
    with pytest.raises(WrongResult, match="503"):
        outcome.verify_all(202)


async def test_a_paced_load_keeps_its_rate_and_counts_time_from_when_a_request_was_due():
    def slow(*_):
        time.sleep(0.03)  # the whole server stands still
        return [response(202, ACCEPTED)]

    async with serving(slow) as (port, _):
        outcome = await run(Plan(port=port, connections=1, requests=[get("/")] * 10, per_second=1000))
    # Due every millisecond, answered every 30: the last waited for all the others.
    assert max(outcome.seconds) > 0.25
    async with serving(lambda *_: [response(202, ACCEPTED)]) as (port, _):
        outcome = await run(Plan(port=port, connections=4, requests=[get("/")], per_second=50, seconds=0.2))
    assert outcome.requests == 10
    assert outcome.elapsed > 0.15


async def test_a_probe_ends_when_the_score_can_be_read_however_often_the_engine_says_not_yet():
    stored = b'{"accepted":1,"results":[{"eventId":"e","leadId":"demo-1","status":"accepted","position":42}]}'
    reads = iter([response(503, b"{}"), response(200, b'{"leadId":"demo-1","position":42}')])

    def answer(head, _):
        return [response(202, stored)] if head.startswith(b"POST") else [next(reads)]

    async with serving(answer) as (port, seen):
        plan = Plan(port=port, connections=1, requests=[post("/api/events", b"{}")], until_visible=True)
        outcome = await run(plan)
    assert [head.split(b" ")[1] for head, _ in seen[1:]] == [b"/api/leads/demo-1/intelligence?after=42"] * 2
    assert outcome.statuses == {200: 1}


async def test_a_generator_that_fails_is_an_error():
    async with serving(lambda *_: [b"HTTP/1.1 200 X\r\n\r\n"]) as (port, _):
        load = await Load.prepare(Plan(port=port, connections=1, requests=[get("/")]))
        with pytest.raises(WrongResult, match="load generator failed"):
            await load.run()


def test_no_two_plans_send_the_same_event():
    first, second = blocks_of_passes(), blocks_of_passes()
    next(second)
    assert next(second) - next(first) >= 500


def test_the_load_is_encoded_before_any_clock_starts_and_differs_from_pass_to_pass():
    week = sent_week(20, 150)
    requests = requests_of(week, 100)
    assert [len(json.loads(request.split(b"\r\n\r\n", 1)[1])) for request in requests] == [100, 50]
    assert len({event.event_id for event in week}) == 150
    assert all(MARK.decode() in event.event_id and MARK.decode() in event.lead_id for event in week)
    assert all(event.occurred_at is None and MARK.decode() not in event.lead_id for event in live(20, 50))


def test_an_outcome_knows_how_long_it_took():
    outcome = Outcome(
        began=1.0,
        ended=3.5,
        accepted_events=0,
        statuses={202: 3, 503: 1},
        seconds=[],
        refused_without_retry_after=0,
        last_pass=0,
    )
    assert (outcome.elapsed, outcome.requests) == (2.5, 4)
