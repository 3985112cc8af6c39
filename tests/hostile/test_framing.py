"""Framing compared with a strict parser (h11): no byte of a body is ever run as a request, however it is sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import Iterator

import h11
import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.transport.connection import bounded_connections
from api.transport.connection_limits import ConnectionLimits
from tests.api.conftest import QuietServer

EXAMPLES = 150


async def echo(scope, receive, send):
    """Answers with what the server takes for the request."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return
        body += message["body"]
        if not message["more_body"]:
            break
    seen = json.dumps([scope["method"], scope["path"], body.decode("latin-1")]).encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(seen))]}
    )
    await send({"type": "http.response.body", "body": seen, "more_body": False})


@pytest.fixture(scope="module")
async def port():
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    server = QuietServer(
        uvicorn.Config(
            echo,
            interface="asgi3",
            lifespan="off",
            log_config=None,
            http=bounded_connections(ConnectionLimits(0.3)),
            timeout_keep_alive=30,
        )
    )
    running = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.001)
    yield listening.getsockname()[1]
    server.should_exit = True
    await running


INNER = "GET /inner HTTP/1.1\r\nHost: x\r\n\r\n"
bodies = st.sampled_from(["", "x", INNER, "0\r\n\r\n" + INNER, "5\r\nhello\r\n0\r\n\r\n", "\r\n\r\n"])
extra = st.lists(
    st.sampled_from(
        [
            "Connection: Upgrade\r\nUpgrade: h2c\r\n",
            "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n",
            "Upgrade: foo\r\n",
            "Connection: close\r\n",
            "Expect: 100-continue\r\n",
            "X-A: b\r\n",
        ]
    ),
    max_size=2,
)


@st.composite
def requests(draw):
    """A request: framed by length, by chunks, by both, by a wrong length, or not at all."""
    body, framing = (
        draw(bodies),
        draw(st.sampled_from(["none", "length", "chunks", "both", "long", "short", "twice"])),
    )
    chunks = "".join(f"{len(part):x}\r\n{part}\r\n" for part in (body[:3], body[3:]) if part) + "0\r\n\r\n"
    head = f"POST /{framing} HTTP/1.1\r\nHost: x\r\n" + "".join(draw(extra))
    return {
        "none": head + "\r\n",
        "length": f"{head}Content-Length: {len(body)}\r\n\r\n{body}",
        "chunks": f"{head}Transfer-Encoding: chunked\r\n\r\n{chunks}",
        "both": f"{head}Transfer-Encoding: chunked\r\nContent-Length: {len(body)}\r\n\r\n{chunks}",
        "long": f"{head}Content-Length: {len(body) + 7}\r\n\r\n{body}",
        "short": f"{head}Content-Length: {len(body)}\r\n\r\n{body}z",
        "twice": f"{head}Content-Length: {len(body)}\r\nContent-Length: {len(body) + 1}\r\n\r\n{body}",
    }[framing]


def strict(sent: bytes) -> list[list[str]]:
    """The requests that h11 finds, up to the first fault, or to one after which the connection ends."""
    connection, found, body, method, target = h11.Connection(h11.SERVER), [], b"", "", ""
    connection.receive_data(sent)
    connection.receive_data(b"")
    with contextlib.suppress(h11.RemoteProtocolError):
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                method, target, body = event.method.decode(), event.target.decode(), b""
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                found.append([method, target, body.decode("latin-1")])
                connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                connection.send(h11.EndOfMessage())
            elif event is h11.PAUSED:
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    return found
                connection.start_next_cycle()
            else:
                return found
    return found


async def ours(port: int, sent: bytes, cuts: list[int]) -> list[list[str]]:
    """The requests that our connection runs, sent in segments."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(OSError):
        for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
            writer.write(sent[start:end])
            await writer.drain()
            await asyncio.sleep(0.002)
        writer.write_eof()
    answers = b""
    with contextlib.suppress(OSError):
        answers = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return [json.loads(body) for status, body in _answers(answers) if status == b"200"]


def _answers(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The status and the body of each answer; an interim one has no body."""
    while raw:
        head, _, rest = raw.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        size = int(length[1]) if length else 0
        yield head.split(b" ")[1], rest[:size]
        raw = rest[size:]


@given(st.lists(requests(), min_size=1, max_size=3), st.lists(st.floats(0, 1), max_size=2), st.booleans())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_nothing_is_run_that_a_strict_parser_does_not_see_at_this_place(port, sent, cuts, is_whole):
    raw = "".join(sent).encode("latin-1")
    places = [] if is_whole else sorted({round(cut * len(raw)) for cut in cuts})
    run, seen = await ours(port, raw, places), strict(raw)
    assert run == seen[: len(run)], (raw, places)


@pytest.mark.parametrize("cuts", [[], [40], [20, 150]])
async def test_sound_requests_are_all_run(port, cuts):
    """A control: the comparison above would hold if nothing were run."""
    one = f"POST /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: {len(INNER)}\r\n\r\n{INNER}"
    two = "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    last = "GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    raw = (one + two + last).encode()
    expected = [["POST", "/a", INNER], ["POST", "/b", "hi"], ["GET", "/c", ""]]
    assert strict(raw) == expected
    assert await ours(port, raw, cuts) == expected
