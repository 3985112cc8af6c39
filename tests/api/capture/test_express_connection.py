"""The express lane as it is on the wire: bodies in pieces, pipelining, known heads, slow readers, hang-ups and stops."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
import uvicorn
from uvicorn.server import ServerState

import engine.capture.appender
from api.http.connection import bounded_connections

STORED = {"eventId": "evt-1", "leadId": "ada", "type": "page_view"}


def _request(api, event_id: str, *more: bytes, method: bytes = b"POST", version: bytes = b"1.1") -> bytes:
    body = json.dumps({**STORED, "eventId": event_id}).encode()
    head = (
        b"%b /api/events HTTP/%b" % (method, version),
        b"Host: x",
        api.shown,
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
def wire(api, known, monkeypatch):
    """A connection of the server, how often its handler was asked, and what is on the wire."""
    handled: list[object] = []
    monkeypatch.setattr("api.capture.events.require_json", handled.append)
    made = bounded_connections(20, api.app.state.express_lane)
    config = uvicorn.Config(api.app, log_config=None, access_log=False, server_header=False, http=made)
    config.load()
    connection, wire = made(config, ServerState(), {}), _Wire()
    connection.connection_made(wire)
    yield connection, wire, handled
    connection.connection_lost(None)


async def test_pipelined_requests_are_answered_in_their_order(api, wire):
    connection, written, handled = wire
    slow = _request(api, "b", b"X-A: 1", b"X-A: 2")  # a header twice is for the handler
    connection.data_received(_request(api, "a") + slow + _request(api, "c") + _request(api, "d"))
    assert await written.answers(4) == [(202, "a"), (202, "b"), (202, "c"), (202, "d")]
    assert len(handled) == 3  # what comes while another is answered waits as the server lets it
    assert written.reading
    connection.data_received(_request(api, "e"))
    assert (await written.answers(5))[4] == (202, "e")
    assert len(handled) == 3


async def test_a_pipelined_request_keeps_its_place_behind_one_that_is_handed_on(api, wire):
    connection, written, _ = wire
    await api.store({**STORED, "eventId": "a", "type": "download"})
    connection.data_received(_request(api, "a") + _request(api, "b"))
    assert await written.answers(2) == [(409, "conflict"), (202, "b")]


async def test_a_body_in_pieces_goes_by_the_lane_too(api, wire):
    connection, written, handled = wire
    request = _request(api, "a")
    for at in range(0, len(request), 20):
        connection.data_received(request[at : at + 20])
    assert await written.answers(1) == [(202, "a")]
    assert handled == []


@pytest.fixture
def read(wire, monkeypatch):
    """The pieces that the parser was given."""
    connection, *_ = wire
    pieces: list[bytes] = []

    class Reading:
        def __init__(self, parser):
            self._parser = parser

        def feed_data(self, data):
            pieces.append(data)
            self._parser.feed_data(data)

        def __getattr__(self, name):
            return getattr(self._parser, name)

    monkeypatch.setattr(connection, "parser", Reading(connection.parser))
    return pieces


async def test_a_head_is_read_once_and_its_events_are_taken_in_as_if_it_were_read_each_time(api, wire, read):
    connection, written, handled = wire
    for name in "abc":
        connection.data_received(_request(api, name))
        await written.answers(1 + "abc".index(name))
    assert read == [_request(api, "a")]
    assert await written.answers(3) == [(202, "a"), (202, "b"), (202, "c")]
    connection.data_received(_request(api, "longer"))  # another length of the body, so another head
    assert (await written.answers(4))[3] == (202, "longer")
    assert (len(read), handled, await api.stored()) == (2, [], 4)


@pytest.mark.parametrize(
    "others",
    [
        (lambda request: request[:40], lambda request: request[40:]),
        (lambda request: request[:-3], lambda request: request[-3:]),
        (lambda request: request + request.replace(b'"b"', b'"c"'),),
        (lambda request: request.replace(b"Host: x", b"Host: y"),),
        (lambda request: b"\r\n" + request,),
    ],
    ids=["in pieces", "without its end", "and the next", "another head", "behind an empty line"],
)
async def test_what_is_not_one_whole_request_of_a_known_head_is_read(api, wire, read, others):
    connection, written, _ = wire
    connection.data_received(_request(api, "a"))
    await written.answers(1)
    pieces = [piece(_request(api, "b")) for piece in others]
    for piece in pieces:
        connection.data_received(piece)
    assert (await written.answers(2))[1] == (202, "b")
    assert read == [_request(api, "a"), *pieces]


async def test_the_rest_of_a_head_is_not_taken_for_a_head_though_it_looks_like_one(api, wire, read):
    connection, written, handled = wire
    rest = _request(api, "a", b"X-B: of this test alone")
    connection.data_received(b"POST /api/events HTTP/1.1\r\nX-A: ")
    connection.data_received(rest)
    assert await written.answers(1) == [(202, "a")]
    assert handled == []
    connection.data_received(rest)
    await written.answers(2)
    assert len(read) == 3


async def test_a_known_head_is_read_behind_a_request_that_did_not_go_by_the_lane(api, wire, read):
    connection, written, handled = wire
    connection.data_received(_request(api, "a"))
    await written.answers(1)
    connection.data_received(_request(api, "b", b"Origin: https://example.com"))
    await written.answers(2)
    connection.data_received(_request(api, "c"))
    assert (await written.answers(3))[2] == (202, "c")
    assert (len(read), len(handled)) == (3, 1)
    connection.data_received(_request(api, "d"))
    assert (await written.answers(4))[3] == (202, "d")
    assert len(read) == 3


async def test_a_known_head_waits_its_turn_while_another_request_is_answered(api, wire, read):
    connection, written, _ = wire
    connection.data_received(_request(api, "a"))
    await written.answers(1)
    connection.data_received(_request(api, "b"))
    connection.data_received(_request(api, "c"))
    assert await written.answers(3) == [(202, "a"), (202, "b"), (202, "c")]
    assert len(read) == 2, "c came while b was under way"


async def test_a_known_head_that_is_not_let_in_or_says_what_is_wrong_is_answered_in_full(
    api, wire, read, monkeypatch
):
    connection, written, handled = wire
    connection.data_received(_request(api, "a"))
    await written.answers(1)
    connection.data_received(_request(api, "b").replace(b'"leadId"', b'"leadid"'))
    assert (await written.answers(2))[1] == (400, "invalid")
    monkeypatch.setattr(api.access.guard, "authenticate_cached", lambda *_: None)
    connection.data_received(_request(api, "c"))
    assert (await written.answers(3))[2] == (202, "c")
    assert (len(read), len(handled)) == (1, 2)


@pytest.mark.parametrize(
    "how",
    [
        {"version": b"1.0"},
        {"more": b"Connection: close"},
        {"more": b"Expect: 100-continue"},
        {"more": b"Origin: https://example.com"},
        {"more": b"Content-Encoding: identity"},
    ],
    ids=str,
)
async def test_what_is_not_plain_is_for_the_handler(api, wire, how):
    connection, written, handled = wire
    more = (how.pop("more"),) if "more" in how else ()
    connection.data_received(_request(api, "a", *more, **how))
    assert await written.answers(1) == [(202, "a")]
    assert len(handled) == 1
    assert written.closed == (b"close" in b"".join(more) or "version" in how)


async def test_a_host_that_the_framework_refuses_is_refused(api, wire):
    connection, written, handled = wire
    connection.data_received(_request(api, "a").replace(b"Host: x", b'Host: x"y'))
    assert await written.answers(1) == [(400, "bad-request")]
    assert handled == []
    assert await api.stored() == 0


async def test_an_answer_for_who_reads_too_slowly_waits_as_the_server_lets_it(api, wire):
    connection, written, handled = wire
    connection.pause_writing()
    connection.data_received(_request(api, "a"))
    while not handled:
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


async def test_a_request_that_the_stop_of_its_server_cuts_off_is_refused_503(api, wire):
    connection, written, _ = wire
    async with api.failing("insert", blockConnection=True, blockTimeMS=300):
        connection.data_received(_request(api, "a"))
        connection.shutdown()
        (waiting,) = connection.tasks
        waiting.cancel()  # as the server does when it has waited long enough
        assert await written.answers(1) == [(503, "unavailable")]
    assert b"retry-after: 1\r\n" in written.written
    assert (written.closed, connection.tasks) == (True, set())


async def test_who_hangs_up_is_not_answered_and_the_event_is_stored(api, wire, caplog):
    connection, written, _ = wire
    connection.data_received(_request(api, "a"))
    written.close()
    connection.connection_lost(None)
    while await api.stored() == 0:
        await asyncio.sleep(0.001)
    await api.store({**STORED, "eventId": "b"})
    assert written.written == b""
    assert caplog.records == []


async def test_who_hangs_up_before_the_events_cannot_be_stored_is_not_answered_either(api, wire, monkeypatch):
    connection, written, handled = wire
    monkeypatch.setattr(engine.capture.appender, "APPEND_SECONDS", 0.05)
    async with api.failing("insert", blockConnection=True, blockTimeMS=200):
        connection.data_received(_request(api, "a"))
        written.close()
        connection.connection_lost(None)
        await asyncio.sleep(0.3)
    assert (written.written, handled) == (b"", [])
