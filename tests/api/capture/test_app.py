"""The ingest routes: served by the capture application or by the framework, a request gets the same response."""

from __future__ import annotations

import contextlib
import gc
import gzip
import json
import logging
import weakref
from codecs import BOM_UTF8
from collections.abc import AsyncIterator

import pytest
from pymongo.errors import ServerSelectionTimeoutError

from api.capture.app import ROUTES
from api.http.problems import problem_of
from api.http.request_ids import current_request_id
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
    "with a byte order mark": (202, BOM_UTF8 + json.dumps(STORED).encode()),
    "nulls": (202, json.dumps({**STORED, "properties": None, "source": None, "occurredAt": None}).encode()),
    "ids not in their normal form": (202, json.dumps({**STORED, "leadId": " a\u00adda\ufeff"}).encode()),
    "an id of nothing": (400, json.dumps({**STORED, "leadId": "\u200b \u2066"}).encode()),
    "another type": (409, json.dumps({**STORED, "type": "Page Viewed ($)"}).encode()),
    "other names": (409, json.dumps({**STORED, "properties": {"$a": {"b.c": 1}}}).encode()),
    "a name that cannot be stored": (400, json.dumps({**STORED, "properties": {"a\0": 1}}).encode()),
}

WAYS = ("plain", "in chunks", "with a parameter", "in chunks with a parameter")
"""The first two are for the capture application; a parameter of the media type is for the framework."""
_OF_ITS_OWN = ("date", "ratelimit")
"""Prefixes of headers that differ from request to request."""


async def _in_chunks(body: bytes) -> AsyncIterator[bytes]:
    size = max(1, len(body) // 7)
    for at in range(0, len(body), size):
        yield body[at : at + size]


async def _send(api, body: bytes, way: str):
    """Status, headers and body, without those that differ from request to request."""
    kind = "application/json; charset=utf-8" if "parameter" in way else "application/json"
    content = _in_chunks(body) if "chunks" in way else body
    answer = await api.http.post(
        "/api/events", content=content, headers={"content-type": kind, "x-request-id": "same"}
    )
    headers = {name: value for name, value in answer.headers.items() if not name.startswith(_OF_ITS_OWN)}
    return answer.status_code, headers, answer.json()


@pytest.fixture
def by_framework(monkeypatch):
    """The requests that the framework's handler serves."""
    served = []
    monkeypatch.setattr("api.capture.events.require_events", served.append)
    return served


@pytest.mark.parametrize(("status", "body"), BODIES.values(), ids=BODIES.keys())
async def test_both_ways_give_the_same_response(api, cached_key, status, body):
    await api.store(STORED)
    first, *others = [await _send(api, body, way) for way in WAYS]
    assert first[0] == status
    for other in others:
        assert other == first
    assert await api.stored() == 1


@pytest.mark.parametrize(("status", "body"), BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize(
    "headers",
    [
        {"content-encoding": "gzip"},
        {"content-type": "text/plain;charset=UTF-8"},
        {"content-type": "application/json; charset=utf-8", "content-encoding": "x-gzip"},
        {"prefer": "handling=strict"},
    ],
    ids=str,
)
async def test_other_writings_of_a_request_give_the_same_response(api, cached_key, status, body, headers):
    await api.store(STORED)
    expected = await _send(api, body, "plain")
    sent = gzip.compress(body) if "content-encoding" in headers else body
    answer = await api.send(sent, **headers)
    assert (answer.status_code, _comparable(answer.json())) == (status, _comparable(expected[2]))
    assert await api.stored() == 1


def _comparable(body):
    return {name: value for name, value in body.items() if name != "requestId"}


async def test_both_ways_store_the_same_new_event(api, cached_key):
    answers = []
    for way in WAYS:
        answers.append(await _send(api, json.dumps(STORED).encode(), way))
        await api.reset()
    assert answers[0][2]["accepted"] == 1
    assert all(answer == answers[0] for answer in answers)


async def test_only_plain_requests_are_served_without_the_framework(api, cached_key, by_framework):
    """The control: were both ways one, the tests here would compare it with itself."""
    served = []
    for way in WAYS:
        await _send(api, json.dumps(STORED).encode(), way)
        served.append(len(by_framework))
    assert served == [0, 0, 1, 2]


async def test_a_key_that_is_not_cached_is_looked_up_by_the_framework(
    api, cached_key, by_framework, monkeypatch
):
    monkeypatch.setattr(api.authenticator, "authenticate_cached", lambda *_: None)
    assert (await api.send(STORED)).status_code == 202
    assert len(by_framework) == 1


async def test_both_ways_refuse_alike_when_the_queue_is_full(api, cached_key, monkeypatch):
    async with api.runtime.capture.appender.reserve(1_000_000):
        first, *others = [await _send(api, json.dumps(STORED).encode(), way) for way in WAYS]
    assert (first[0], first[1]["retry-after"], first[2]["code"]) == (503, "1", "unavailable")
    for other in others:
        assert other == first
    assert await api.stored() == 0


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ServerSelectionTimeoutError("mongodb.internal:27017"), (503, "WARNING")),
        (ZeroDivisionError("a secret"), (500, "ERROR")),
    ],
    ids=["store", "fault"],
)
async def test_both_ways_answer_alike_when_something_else_fails(  # noqa: PLR0917
    api, cached_key, monkeypatch, caplog, error, expected
):
    async def failing(*_, **__):
        raise error

    monkeypatch.setattr("api.capture.events.ingest", failing)
    first, *others = [await _send(api, json.dumps(STORED).encode(), way) for way in WAYS]
    (line,) = {(record.levelname, record.getMessage()) for record in caplog.records}
    assert (first[0], line[0]) == expected
    assert str(error) not in json.dumps(first[2])
    for other in others:
        assert other == first


@pytest.mark.parametrize("way", WAYS)
async def test_a_request_is_counted_once_whatever_becomes_of_it(api, cached_key, monkeypatch, way):
    counted, acquire = [], api.authenticator.context.keys.try_acquire_local
    monkeypatch.setattr(
        api.authenticator.context.keys,
        "try_acquire_local",
        lambda name: counted.append(name) or acquire(name),
    )
    assert (await _send(api, b"[]", way))[0] == 400
    assert counted == [api.key.key.key_id]


async def test_the_log_names_the_request_as_the_response_does(api, cached_key, monkeypatch, caplog):
    async def failing(*_, **__):
        logging.getLogger("test").warning("here", extra={"seen": current_request_id()})
        raise Unavailable("Too many events wait.")

    monkeypatch.setattr("api.capture.events.ingest", failing)
    answer = await api.send(STORED)
    (line,) = (one for one in caplog.records if one.name == "test")
    assert line.seen == answer.headers["x-request-id"] == answer.json()["requestId"] != ""


@pytest.mark.parametrize("failing", [(), ("insert", "aggregate", "find")], ids=["invalid", "too late"])
async def test_nothing_keeps_an_error_when_its_request_is_answered(api, cached_key, monkeypatch, failing):
    """Garbage in cycles would grow until the next collection, which stops the whole process."""
    errors = []

    def remembering(error, scope):
        errors.append(weakref.ref(error))
        return problem_of(error, scope)

    monkeypatch.setattr("api.capture.app.problem_of", remembering)
    monkeypatch.setattr("engine.capture.log.admission.APPEND_SECONDS", 0.1)
    event, status = (STORED, 503) if failing else ({"leadId": 5}, 400)
    async with api.failing(*failing, errorCode=11600) if failing else contextlib.nullcontext():
        gc.disable()
        try:
            assert (await api.send(event)).status_code == status
            assert [error() for error in errors] == [None]
        finally:
            gc.enable()


def test_every_ingest_route_has_a_handler_in_the_framework(api):
    handled = {route.path for route in api.framework.routes if "POST" in getattr(route, "methods", ())}
    assert ROUTES.keys() <= handled
