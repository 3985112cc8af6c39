"""Exports and streams at a time are bounded, per caller and in all; one that ends makes room for the next."""

from __future__ import annotations

import asyncio

import pytest

from api.http.long_responses import LongResponses


@pytest.fixture
async def slow(api, monkeypatch):
    """Exports that go on until the event is set."""
    await api.store({"leadId": "ada", "type": "page_view"})
    may_end = asyncio.Event()

    async def write(_):
        yield b"{"
        await may_end.wait()
        yield b"}"

    monkeypatch.setattr("api.privacy.personal_data.write_export", write)
    return may_end


@pytest.mark.parametrize(("limits", "status"), [((1, 9), 429), ((9, 1), 503)])
async def test_one_export_too_many_is_refused_and_not_audited(api, slow, monkeypatch, limits, status):
    exports = LongResponses("exports", *limits)
    monkeypatch.setattr(api.framework.state, "open_exports", exports)
    async with api.http.stream("GET", "/api/leads/ada/export") as first:
        assert first.status_code == 200
        refused = await api.http.get("/api/leads/ada/export")
        assert api.problem(refused, status)["code"] == "too-many-exports"
        assert refused.headers["retry-after"] == "30"
        slow.set()
        await first.aread()
    assert exports.count == 0
    assert (await api.http.get("/api/leads/ada/export")).status_code == 200
    entries = (await api.get("/api/audit", target="ada"))["items"]
    assert [one["action"] for one in entries] == ["personal_data.exported"] * 2


async def test_the_limit_of_a_caller_does_not_touch_another(api, slow, monkeypatch):
    monkeypatch.setattr(api.framework.state, "open_exports", LongResponses("exports", 1, 9))
    other = await api.new_key("manage", "read")
    async with api.http.stream("GET", "/api/leads/ada/export"):
        slow.set()
        assert (await api.ask("GET", "/api/leads/ada/export", other.token.text)).status_code == 200


async def test_a_client_that_leaves_makes_room(api, slow, monkeypatch):
    exports = LongResponses("exports", 1, 1)
    monkeypatch.setattr(api.framework.state, "open_exports", exports)
    async with api.http.stream("GET", "/api/leads/ada/export"):
        assert exports.count == 1
    async with asyncio.timeout(5):
        while exports.count:
            await asyncio.sleep(0.01)


async def test_an_export_that_cannot_begin_is_not_counted(api):
    assert (await api.http.get("/api/leads/nobody/export")).status_code == 404
    assert api.framework.state.open_exports.count == 0


async def test_by_default_two_exports_at_a_time(api, slow):
    async with (
        api.http.stream("GET", "/api/leads/ada/export"),
        api.http.stream("GET", "/api/leads/ada/export"),
    ):
        assert (await api.http.get("/api/leads/ada/export")).status_code == 429
        slow.set()
