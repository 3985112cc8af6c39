"""Graceful shutdown: requests that the server cancels get a retryable 503."""

from __future__ import annotations

import asyncio
import json

import pytest

from api.http.request_ids import RequestIds, with_request_ids
from api.transport.shutdown import answer_on_shutdown


async def _hang(scope, receive, send):
    await asyncio.Event().wait()


async def _hang_in_answer(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await asyncio.Event().wait()


async def _run(app, scope, send):
    await app(scope, None, send)


async def _cut_off(app, kind: str = "http") -> list[dict]:
    """What is sent when the application is cancelled in the middle of a request."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "path": "/api/ä", "headers": [(b"x-request-id", b"req-1")]}
    task = asyncio.create_task(_run(with_request_ids(answer_on_shutdown(app), RequestIds()), scope, send))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return sent


async def test_it_is_answered_503_with_the_time_to_wait_and_the_code_unavailable():
    start, end = await _cut_off(_hang)
    headers = dict(start["headers"])
    problem = json.loads(end["body"])
    assert (start["status"], problem["status"], problem["code"]) == (503, 503, "unavailable")
    assert headers[b"retry-after"] == b"1"
    assert headers[b"x-request-id"].decode() == problem["requestId"] == "req-1"
    assert headers[b"content-type"] == b"application/problem+json"
    assert problem["instance"] == "/api/%C3%A4"
    assert "repeat" in problem["detail"]


async def test_a_response_that_has_begun_is_not_begun_again():
    assert len(await _cut_off(_hang_in_answer)) == 1


async def test_a_scope_that_is_no_request_is_not_answered():
    assert await _cut_off(_hang, kind="lifespan") == []


@pytest.mark.parametrize("status", [200, 404])
async def test_a_finished_response_passes_unchanged(status):
    async def answer(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": []})

    assert [message["status"] for message in await _cut_off(answer)] == [status]
