"""What one address may hold: connections, unread responses, lines of the log. Each row of the table in SECURITY.md."""

from __future__ import annotations

import asyncio
import socket
import struct
import time

import pytest

from tests.hostile.conftest import ASSET, CONNECTIONS, REQUEST_SECONDS, aborted
from tests.hostile.wire import JSON, MIB, POST, code, status


@pytest.mark.parametrize(
    ("path", "number"),
    [(ASSET, 6), ("/openapi.json", 200)],
    ids=["file", "document"],
)
async def test_responses_that_nobody_reads_end_the_connection(attacked, flat, path, number):
    request = attacked.head(f"GET {path} HTTP/1.1", key=False)
    held = [await attacked.connect() for _ in range(100)]
    for sock in held:
        await asyncio.get_running_loop().sock_sendall(sock, request * number)
    assert all(await asyncio.gather(*map(aborted, held)))
    for sock in held:
        sock.close()


async def test_a_client_that_reads_slowly_but_steadily_gets_everything(attacked):
    """A control: it takes longer than the time for one piece, and its connection stays."""
    sock = await attacked.connect(16 * 1024)
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, attacked.head(f"GET {ASSET} HTTP/1.1", "Connection: close", key=False))
    began, got = time.monotonic(), 0
    while part := await loop.sock_recv(sock, 8 * 1024):
        got += len(part)
        if time.monotonic() - began < 2.5 * REQUEST_SECONDS:
            await asyncio.sleep(0.02)
    assert got > MIB
    sock.close()


async def test_connections_beyond_the_limit_of_an_address_are_429(attacked, flat):
    opened = [await asyncio.open_connection("127.0.0.1", attacked.port) for _ in range(CONNECTIONS + 50)]
    ended = await asyncio.gather(*(reader.read() for reader, _ in opened))
    for _, writer in opened:
        writer.close()
    refused = [answer for answer in ended if status(answer) == 429]
    assert len(refused) >= 50
    assert {code(answer) for answer in refused} == {"too-many-connections"}
    assert {status(answer) for answer in ended} == {408, 429}  # 408: nothing was sent on the others
    assert (await attacked.http.get("/health/live")).status_code == 200  # and there is room again


async def test_hanging_up_within_a_response_is_no_error(attacked):
    """And nothing of it is logged: see `unhurt`."""
    before = len(attacked.log.entries())
    for number in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
        writer.write(attacked.head(f"GET {ASSET} HTTP/1.1", key=False) * 4)
        await asyncio.sleep(0.01 * (number % 3))
        writer.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        writer.transport.abort()
    assert (await attacked.http.get("/health/live")).status_code == 200
    await asyncio.sleep(0.3)
    slow_redis = "limited per process"  # is not about these connections
    assert [one for one in attacked.log.entries()[before:] if slow_redis not in one["message"]] == []


async def test_a_long_path_is_not_repeated_in_the_log(attacked):
    """And a refusal costs no more than another: the path once took a quadratic pattern half a minute."""
    before = attacked.log.path.stat().st_size
    path = "/" + "a" * 60_000
    head = attacked.head(f"POST {path} HTTP/1.1", "Transfer-Encoding: chunked", key=False)
    statuses = {status(await attacked.raw(head + b"1;" + b"b" * 90_000, seconds=60)) for _ in range(5)}
    assert 431 in statuses  # 404 if the head arrives apart from the rest
    assert attacked.log.path.stat().st_size - before < 5 * 700


@pytest.mark.parametrize("body_first", [False, True])
async def test_a_request_gets_one_answer(attacked, body_first):
    """It is answered before its body, which then does not come, or is malformed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
    framing = "Transfer-Encoding: chunked" if body_first else "Content-Length: 10"
    writer.write(attacked.head("POST /nope HTTP/1.1", JSON, framing))
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0]))
    assert status(head) == 404
    if body_first:
        writer.write(b"no chunk\r\n")
    assert await reader.read() == b""
    writer.close()


@pytest.mark.parametrize("size", [66, 90, 200])
async def test_the_limit_of_the_head_holds_if_it_arrives_in_one_read(attacked, size):
    answers = {
        status(await attacked.raw(attacked.head("GET /health/live HTTP/1.1", "X-Long: " + "a" * size * 1024)))
        for _ in range(5)
    }
    assert answers == {431}
    many = [f"X-{number}: v" for number in range(size * 90)]
    answer = await attacked.raw(attacked.head("GET /health/live HTTP/1.1", *many))
    assert status(answer) == (200 if size == 66 else 431)


async def test_a_head_below_the_limit_with_a_long_body_in_one_read_is_served(attacked):
    """A control: what counts is the head, not the read."""
    body = b" " * 200_000
    sent = attacked.head(POST, JSON, "X-Long: " + "a" * 60_000, f"Content-Length: {len(body)}") + body
    assert status(await attacked.raw(sent)) == 400  # the body is not JSON
