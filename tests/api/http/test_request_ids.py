"""Request ids: every response, its errors and the log name the request."""

from __future__ import annotations

import asyncio

import pytest
from structlog.contextvars import get_contextvars


@pytest.mark.parametrize(
    "path", ["/health/live", "/api/leads", "/api/leads/nobody", "/nope", "/docs", "/openapi.json"]
)
async def test_every_answer_has_an_id_of_its_own(api, path):
    ids = [(await api.http.get(path)).headers["x-request-id"] for _ in range(3)]
    assert len(set(ids)) == 3


@pytest.mark.parametrize("given", ["req-1", "01JABC", "a" * 128, "5e1f/7:x=+~_.@-"])
async def test_the_id_of_the_caller_is_kept(api, given):
    answer = await api.http.get("/api/leads/nobody", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == given
    assert answer.headers.get_list("x-request-id") == [given]
    assert api.problem(answer, 404)["requestId"] == given


@pytest.mark.parametrize("given", ["", "two words", "a" * 129, '"quoted"', "a;b", "ä", "<x>", "%0a"])
async def test_an_id_that_could_break_a_log_is_replaced(api, given):
    answer = await api.http.get("/api/leads/nobody", headers={"x-request-id": given.encode()})
    assert answer.headers["x-request-id"] != given
    assert api.problem(answer, 404)["requestId"] == answer.headers["x-request-id"]


async def test_refusals_of_authentication_name_their_request_too(api):
    answer = await api.ask("get", "/api/leads", None, **{"x-request-id": "req-2"})
    assert api.problem(answer, 401)["requestId"] == answer.headers["x-request-id"] == "req-2"


async def test_the_log_names_the_request_that_failed(api, monkeypatch, caplog):
    seen = []

    async def broken(*_):
        raise RuntimeError("broken")

    caplog.handler.addFilter(lambda record: seen.append(get_contextvars()) or True)
    monkeypatch.setattr(api.runtime.leads.lists, "summary", broken)
    answers = await asyncio.gather(
        *(api.http.get("/api/leads/ada", headers={"x-request-id": f"req-{n}"}) for n in range(4))
    )
    assert {answer.status_code for answer in answers} == {500}
    assert {one["requestId"] for one in seen if "requestId" in one} == {"req-0", "req-1", "req-2", "req-3"}
