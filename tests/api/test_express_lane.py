"""The express lane of POST /api/events: whichever way a request goes, its answer is the same."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import pytest
from litestar import Litestar, Request, Response, post
from litestar.datastructures import State

from api.express_lane import ExpressLane
from domain.errors import Unavailable

STORED = {"eventId": "evt-1", "leadId": "ada", "type": "page_view"}
OTHER = {**STORED, "type": "download"}
MIB = 1024 * 1024

BODIES: dict[str, tuple[int, bytes]] = {
    "duplicate": (202, json.dumps(STORED).encode()),
    "conflict": (409, json.dumps(OTHER).encode()),
    "duplicate and conflict": (202, json.dumps([STORED, OTHER]).encode()),
    "invalid": (400, b'{"leadId":5}'),
    "some invalid": (400, json.dumps([STORED, {"leadId": "ada"}]).encode()),
    "none": (400, b"[]"),
    "empty": (400, b""),
    "not JSON": (400, b'{"leadId":'),
    "not UTF-8": (400, b'{"leadId":"\xff","type":"t"}'),
    "too deep": (400, b"[" * 100_000),
    "too many": (400, json.dumps([STORED] * 1001).encode()),
    "as large as may be": (202, json.dumps(STORED).encode().ljust(MIB)),
    "too large": (413, json.dumps(STORED).encode().ljust(MIB + 1)),
}

WAYS = ("express", "with a parameter", "in chunks", "in chunks with a parameter")
_OF_ITS_OWN = ("date", "ratelimit")
"""Beginnings of headers that differ from request to request."""


async def _in_chunks(body: bytes) -> AsyncIterator[bytes]:
    size = max(1, len(body) // 7)
    for at in range(0, len(body), size):
        yield body[at : at + size]


async def _send(api, body: bytes, way: str):
    """Status, headers and body, without what is another for each request."""
    kind = "application/json; charset=utf-8" if "parameter" in way else "application/json"
    content = _in_chunks(body) if "chunks" in way else body
    answer = await api.http.post(
        "/api/events", content=content, headers={"content-type": kind, "x-request-id": "same"}
    )
    headers = {name: value for name, value in answer.headers.items() if not name.startswith(_OF_ITS_OWN)}
    return answer.status_code, headers, answer.json()


@pytest.mark.parametrize(("status", "body"), BODIES.values(), ids=BODIES.keys())
async def test_both_lanes_give_the_same_answer(api, status, body):
    await api.store(STORED)
    first, *others = [await _send(api, body, way) for way in WAYS]
    assert first[0] == status
    for other in others:
        assert other == first
    assert await api.stored() == 1


async def test_only_what_is_plain_goes_by_the_express_lane(api, monkeypatch):
    """The control: were both ways one, the tests here would compare a lane with itself."""
    handled = []
    monkeypatch.setattr("api.events.require_json", handled.append)
    went = []
    for way in WAYS:
        await _send(api, json.dumps(STORED).encode(), way)
        went.append(len(handled))
    assert went == [0, 1, 2, 3]


async def test_both_lanes_take_in_the_same_new_event(api):
    answers = []
    for way in WAYS:
        answers.append(await _send(api, json.dumps(STORED).encode(), way))
        await api.reset()
    assert answers[0][2]["accepted"] == 1
    assert all(answer == answers[0] for answer in answers)


async def test_both_lanes_refuse_alike_when_the_queue_is_full(api, monkeypatch):
    monkeypatch.setattr(api.runtime.appender, "_queue_events", 0)
    first, *others = [await _send(api, json.dumps(STORED).encode(), way) for way in WAYS]
    assert (first[0], first[1]["retry-after"], first[2]["code"]) == (503, "1", "unavailable")
    for other in others:
        assert other == first
    assert await api.stored() == 0


# --- Without the engine behind it ---


@post("/", status_code=HTTPStatus.ACCEPTED)
async def forgetful(request: Request[Any, Any, Any]) -> bytes:
    """A handler that knows nothing of the lane."""
    return await request.body()


async def _post(app: Litestar, body: bytes) -> int:
    """Send a request to the application itself. Returns the status."""
    statuses, parts = [], [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return parts.pop() if parts else await asyncio.Event().wait()  # as a server: nothing more comes

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "raw_path": b"/",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))],
        "state": {},
    }
    async with asyncio.timeout(5):
        await app(scope, receive, send)
    return statuses[0]


def _app(answer) -> Litestar:
    lane = ExpressLane(answer, HTTPStatus.ACCEPTED, MIB)
    return Litestar(
        [forgetful],
        middleware=[lane],
        state=State({"runtime": None}),
        logging_config=None,
        openapi_config=None,
        exception_handlers={Unavailable: lambda *_: Response(b"", status_code=503)},
    )


async def test_a_handler_that_knows_nothing_of_the_lane_refuses_what_the_lane_refused():
    async def full(runtime, body):
        raise Unavailable("Too many events wait.")

    assert await _post(_app(full), b"{}") == 503


async def test_nothing_keeps_an_error_when_its_request_is_answered():
    seen = []

    def remembered() -> Unavailable:
        error = Unavailable("Too many events wait.")
        seen.append(weakref.ref(error))
        return error

    async def full(runtime, body):
        raise remembered()  # without a name here, which would be a cycle of its own

    app = _app(full)
    assert await _post(app, b"{}") == 503  # the first request fills the framework's caches
    gc.disable()
    try:
        assert await _post(app, b"{}") == 503
        assert seen[-1]() is None
    finally:
        gc.enable()
