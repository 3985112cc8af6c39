"""The express lane of POST /api/events: whichever way a request goes, its answer is the same."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import weakref
from collections.abc import AsyncIterator

import pytest

from domain.errors import Unavailable
from engine.process.log_context import request_id

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
async def test_both_lanes_give_the_same_answer(api, known, status, body):
    await api.store(STORED)
    first, *others = [await _send(api, body, way) for way in WAYS]
    assert first[0] == status
    for other in others:
        assert other == first
    assert await api.stored() == 1


async def test_only_what_is_plain_goes_by_the_express_lane(api, known, monkeypatch):
    """The control: were both ways one, the tests here would compare a lane with itself."""
    handled = []
    monkeypatch.setattr("api.capture.events.require_json", handled.append)
    went = []
    for way in WAYS:
        await _send(api, json.dumps(STORED).encode(), way)
        went.append(len(handled))
    assert went == [0, 1, 2, 3]


async def test_both_lanes_take_in_the_same_new_event(api, known):
    answers = []
    for way in WAYS:
        answers.append(await _send(api, json.dumps(STORED).encode(), way))
        await api.reset()
    assert answers[0][2]["accepted"] == 1
    assert all(answer == answers[0] for answer in answers)


async def test_both_lanes_refuse_alike_when_the_queue_is_full(api, known, monkeypatch):
    monkeypatch.setattr(api.runtime.capture.appender, "_queue_events", 0)
    first, *others = [await _send(api, json.dumps(STORED).encode(), way) for way in WAYS]
    assert (first[0], first[1]["retry-after"], first[2]["code"]) == (503, "1", "unavailable")
    for other in others:
        assert other == first
    assert await api.stored() == 0


async def test_a_request_that_is_handed_on_is_counted_once(api, known, monkeypatch):
    counted, count_held = [], api.access.guard.doors.keys.count_held
    monkeypatch.setattr(
        api.access.guard.doors.keys, "count_held", lambda name: counted.append(name) or count_held(name)
    )
    assert (await _send(api, b"[]", "express"))[0] == 400
    assert counted == [api.key.key.key_id]


async def test_the_lane_names_its_request_to_the_log_and_the_handler_keeps_the_name(
    api, known, monkeypatch, caplog
):
    def failing(runtime, body):
        logging.getLogger("test").warning("here", extra={"seen": request_id.get()})
        raise Unavailable("Too many events wait.")

    monkeypatch.setattr("api.capture.express_lane.begin_to_take_in", failing)
    answer = await api.send(STORED)
    (line,) = (one for one in caplog.records if one.name == "test")
    assert line.seen == answer.headers["x-request-id"] == answer.json()["requestId"] != ""


async def test_nothing_keeps_an_error_when_its_request_is_answered(api, known, monkeypatch):
    seen = []

    def remembered() -> Unavailable:
        error = Unavailable("Too many events wait.")
        seen.append(weakref.ref(error))
        return error

    def refusing(runtime, body):
        raise remembered()  # without a name here, which would be a cycle of its own

    def failing(runtime, body):
        stored = asyncio.get_running_loop().create_future()
        stored.set_exception(remembered())
        return stored, True

    for way in (refusing, failing):
        monkeypatch.setattr("api.capture.express_lane.begin_to_take_in", way)
        assert (await api.send(STORED)).status_code == 503  # the first request fills the framework's caches
        gc.disable()
        try:
            assert (await api.send(STORED)).status_code == 503
            assert seen[-1]() is None
        finally:
            gc.enable()
