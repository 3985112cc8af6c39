"""The capture application on the wire: bodies in pieces, pipelining, slow readers, hang-ups and stops."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
import uvicorn
from uvicorn.server import ServerState

import engine.capture.log.admission
from api.transport.connection import bounded_connections
from api.transport.connection_limits import ConnectionLimits
from workflows.capture.ingest import ingest

STORED = {"eventId": "evt-1", "leadId": "ada", "type": "page_view"}


def _request(api, event_id: str, *more: bytes, method: bytes = b"POST", version: bytes = b"1.1") -> bytes:
    body = json.dumps({**STORED, "eventId": event_id}).encode()
    head = (
        b"%b /api/events HTTP/%b" % (method, version),
        b"Host: x",
        api.key_header,
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(body),
        *more,
    )
    return b"\r\n".join(head) + b"\r\n\r\n" + body


class _Wire(asyncio.Transport):
    """A client's end of a connection; what the server writes is here."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False
        self.reading = True

    def write(self, data) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    async def answers(self, number: int) -> list[tuple[int, str]]:
        """The status of so many answers, and the id of the first event in each."""
        async with asyncio.timeout(10):
            while len(found := self._answered()) < number:
                await asyncio.sleep(0.001)
        return found

    def _answered(self) -> list[tuple[int, str]]:
        parts = (part for part in self.written.split(b"HTTP/1.1 ") if not part.startswith(b"100 "))
        return [(int(part[:3]), name[1].decode()) for part in parts if (name := _NAME.search(part))]


_NAME = re.compile(rb'"(?:eventId|code)":"([\w-]+)')


@pytest.fixture
async def wire(api, cached_key, monkeypatch):
    """A connection of the server, what is on the wire, and the requests that the framework's handler served."""
    handled: list[object] = []
    monkeypatch.setattr("api.capture.events.require_events", handled.append)
    made = bounded_connections(ConnectionLimits(20))
    config = uvicorn.Config(
        api.app,
        interface="asgi3",
        proxy_headers=False,
        log_config=None,
        access_log=False,
        server_header=False,
        http=made,
    )
    config.load()
    connection, wire = made(config, ServerState(), {}), _Wire()
    connection.connection_made(wire)
    yield connection, wire, handled
    connection.connection_lost(None)


async def test_pipelined_requests_are_answered_in_their_order(api, wire):
    connection, written, handled = wire
    slow = _request(api, "b", b"X-A: 1", b"X-A: 2")  # a header that occurs twice is for the framework
    connection.data_received(_request(api, "a") + slow + _request(api, "c") + _request(api, "d"))
    assert await written.answers(4) == [(202, "a"), (202, "b"), (202, "c"), (202, "d")]
    assert len(handled) == 1
    assert written.reading


async def test_a_pipelined_request_keeps_its_place_behind_one_that_is_refused(api, wire):
    connection, written, _ = wire
    await api.store({**STORED, "eventId": "a", "type": "download"})
    connection.data_received(_request(api, "a") + _request(api, "b"))
    assert await written.answers(2) == [(409, "conflict"), (202, "b")]


async def test_a_body_in_pieces_is_plain_too(api, wire):
    connection, written, handled = wire
    request = _request(api, "a")
    for at in range(0, len(request), 20):
        connection.data_received(request[at : at + 20])
    assert await written.answers(1) == [(202, "a")]
    assert handled == []


@pytest.mark.parametrize(
    "header",
    [b"Origin: https://example.com", b"Content-Encoding: identity", b"Content-Type: application/json"],
    ids=lambda header: header.decode().partition(":")[0],
)
async def test_requests_that_are_not_plain_are_for_the_framework(api, wire, header):
    connection, written, handled = wire
    connection.data_received(_request(api, "a", header))
    assert await written.answers(1) == [(202, "a")]
    assert len(handled) == 1


@pytest.mark.parametrize(
    ("how", "closes"),
    [
        ({"version": b"1.0"}, True),
        ({"more": b"Connection: close"}, True),
        ({"more": b"Expect: 100-continue"}, False),
    ],
    ids=str,
)
async def test_the_server_looks_after_the_connection_of_a_plain_request(api, wire, how, closes):
    connection, written, handled = wire
    more = (how.pop("more"),) if "more" in how else ()
    connection.data_received(_request(api, "a", *more, **how))
    assert await written.answers(1) == [(202, "a")]
    assert (written.closed, handled) == (closes, [])


async def test_a_host_that_the_framework_refuses_is_refused(api, wire):
    connection, written, handled = wire
    connection.data_received(_request(api, "a").replace(b"Host: x", b'Host: x"y'))
    assert await written.answers(1) == [(400, "bad-request")]
    assert handled == []
    assert await api.stored() == 0


async def test_a_response_to_a_client_that_reads_too_slowly_waits(api, wire):
    connection, written, _ = wire
    connection.pause_writing()
    connection.data_received(_request(api, "a"))
    while await api.stored() == 0:
        await asyncio.sleep(0.001)
    assert written.written == b""
    connection.resume_writing()
    assert await written.answers(1) == [(202, "a")]


async def test_a_request_under_way_is_answered_and_its_connection_closed_when_the_server_stops(api, wire):
    connection, written, handled = wire
    connection.data_received(_request(api, "a"))
    connection.shutdown()
    assert not written.closed
    assert await written.answers(1) == [(202, "a")]
    assert b"\r\nconnection: close\r\n" in written.written
    assert (written.closed, handled) == (True, [])


@pytest.fixture
def ingesting(monkeypatch):
    """Set as soon as the events of a request are on their way into the store."""
    begun = asyncio.Event()

    async def noting(runtime, events, **options):
        begun.set()
        return await ingest(runtime, events, **options)

    monkeypatch.setattr("api.capture.events.ingest", noting)
    return begun


async def test_a_request_that_the_stop_of_its_server_cuts_off_is_refused_503(api, wire, ingesting):
    connection, written, _ = wire
    async with api.failing("insert", blockConnection=True, blockTimeMS=300):
        connection.data_received(_request(api, "a"))
        await ingesting.wait()
        connection.shutdown()
        (waiting,) = connection.tasks
        waiting.cancel()  # as the server does when it has waited long enough
        assert await written.answers(1) == [(503, "unavailable")]
    assert b"retry-after: 1\r\n" in written.written
    assert (written.closed, connection.tasks) == (True, set())


async def test_a_client_that_hangs_up_is_not_answered_and_its_event_is_stored(api, wire, ingesting, caplog):
    connection, written, _ = wire
    connection.data_received(_request(api, "a"))
    await ingesting.wait()
    written.close()
    connection.connection_lost(None)
    while await api.stored() == 0:
        await asyncio.sleep(0.001)
    await api.store({**STORED, "eventId": "b"})
    assert written.written == b""
    assert caplog.records == []


async def test_a_client_that_hangs_up_before_its_event_cannot_be_stored_is_not_answered(
    api, wire, ingesting, monkeypatch
):
    connection, written, handled = wire
    monkeypatch.setattr(engine.capture.log.admission, "APPEND_SECONDS", 0.05)
    async with api.failing("insert", blockConnection=True, blockTimeMS=200):
        connection.data_received(_request(api, "a"))
        await ingesting.wait()
        written.close()
        connection.connection_lost(None)
        async with asyncio.timeout(10):
            while connection.tasks:
                await asyncio.sleep(0.001)
    assert (written.written, handled) == (b"", [])
