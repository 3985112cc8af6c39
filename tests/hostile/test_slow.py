"""Requests that come slowly, or not to their end: each is ended in time, and nobody else waits for it."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from tests.hostile.conftest import REQUEST_SECONDS
from tests.hostile.wire import EVENT, JSON, POST, code, has_no_key, status


async def test_a_head_that_does_not_end_is_408_in_time(attacked):
    began = time.monotonic()
    answer = await attacked.raw(b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    assert (status(answer), code(answer)) == (408, "request-timeout")
    assert time.monotonic() - began >= REQUEST_SECONDS


async def test_a_connection_on_which_nothing_comes_is_closed_in_time(attacked):
    assert status(await attacked.raw()) == 408


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
async def test_a_body_that_does_not_end_is_408_in_time_and_stores_nothing(attacked, framing):
    before = await attacked.stored()
    answer = await attacked.raw(attacked.head(POST, JSON, framing))
    assert (status(answer), code(answer)) == (408, "request-timeout")
    assert await attacked.stored() == before


async def test_bytes_that_drip_in_do_not_buy_more_time(attacked):
    """The time runs from the beginning of a request to its end, not from byte to byte."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
    writer.write(attacked.head(POST, JSON, "Content-Length: 100000"))
    answering = asyncio.create_task(reader.read())
    async with asyncio.timeout(60):
        while not answering.done():
            writer.write(b" ")
            await asyncio.wait({answering}, timeout=0.05)
    writer.close()
    assert status(await answering) == 408
    assert time.monotonic() - began >= REQUEST_SECONDS


async def test_blank_lines_between_requests_do_not_hold_a_connection_for_ever(attacked):
    reader, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
    writer.write(attacked.head("GET /health/live HTTP/1.1"))
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    rest = asyncio.create_task(reader.read())
    async with asyncio.timeout(60):
        while not rest.done():
            writer.write(b"\r\n")
            await asyncio.wait({rest}, timeout=0.05)
    writer.close()


async def test_a_busy_connection_of_which_every_read_ends_within_a_request_is_not_cut_off(attacked):
    """The time is that of each request, however long they follow each other without a gap."""
    one = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
    began, answered = time.monotonic(), 0
    writer.write(one[:20])
    while time.monotonic() - began < 2.5 * REQUEST_SECONDS:
        writer.write(one[20:] + one[:20])
        head = await reader.readuntil(b"\r\n\r\n")
        assert status(head) == 200, f"after {answered} answers"
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0]))
        answered += 1
        await asyncio.sleep(0.01)
    writer.close()


async def test_a_body_that_comes_in_pieces_but_in_time_is_taken(attacked):
    pieces = [EVENT[at : at + 7] for at in range(0, len(EVENT), 7)]
    answer = await attacked.raw(attacked.head(POST, JSON, f"Content-Length: {len(EVENT)}"), *pieces)
    assert status(answer) == 202


async def test_while_three_hundred_connections_drip_others_are_answered(attacked, flat):
    dripping = [await asyncio.open_connection("127.0.0.1", attacked.port) for _ in range(300)]
    for number, (_, writer) in enumerate(dripping):
        writer.write(attacked.head(POST, JSON, "Content-Length: 1000")[: None if number % 2 else 40])
    for _ in range(20):
        assert (await attacked.http.post("/api/events", json=json.loads(EVENT))).status_code == 202
    answers = await asyncio.gather(*(reader.read() for reader, _ in dripping))
    for _, writer in dripping:
        writer.close()
    assert {status(answer) for answer in answers} == {408}


async def test_a_sender_that_hangs_up_in_the_middle_is_no_error(attacked):
    before = await attacked.stored()
    for part in (b"", EVENT[:10]):
        for path in ("/api/events", "/api/keys", "/api/webhook-endpoints"):
            _, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
            writer.write(attacked.head(f"POST {path} HTTP/1.1", JSON, "Content-Length: 1000") + part)
            await asyncio.sleep(0.05)
            writer.transport.abort()
    assert (await attacked.http.get("/health/live")).status_code == 200
    assert await attacked.stored() == before  # and no error is logged: see `unhurt`


async def test_no_key_and_no_password_is_in_the_log_after_all_this(attacked):
    assert has_no_key(attacked)
