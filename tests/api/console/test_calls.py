"""The calls of the first screen: what was asked for is asked again only where something may have been missed."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest
from playwright.async_api import expect

from tests.api.console.axe import settled


@pytest.fixture
async def ada_is_known(api):
    said = {"name": "Ada Probe", "phone": "+49 30 1234"}
    await api.store(
        {"leadId": "ada", "type": "lead.updated", "occurredAt": api.at(hours=-2), "properties": said},
        {"leadId": "ada", "type": "demo_request", "occurredAt": api.at(hours=-1)},
    )
    await api.work()


@pytest.mark.parametrize(("renamed", "contacts"), [(False, 1), (True, 2)])
async def test_after_a_late_hello_the_queue_is_read_again_and_the_contact_if_the_lead_has_moved(
    api, ada_is_known, open_page, renamed, contacts
):
    may_say_hello, read_again, asked = asyncio.Event(), asyncio.Event(), Counter()

    async def say_hello_once(route):
        """The stream says hello, names no lead, and is gone."""
        if read_again.is_set():
            return await route.abort()
        await may_say_hello.wait()
        hello = f"event: hello\ndata: {json.dumps({'position': 1, 'build': '1'})}\n\n"
        return await route.fulfill(content_type="text/event-stream", body=hello)

    def count(request):
        for part in ("/api/session", "/api/queue", "/timeline"):
            asked[part] += part in request.url
        if asked["/api/queue"] == 2:
            read_again.set()

    async with open_page("/me", role="rep") as page:
        await settled(page)
        await page.route("**/api/stream*", say_hello_once)
        page.on("request", count)
        await page.goto("/console/queue")
        await expect(page.locator(".contact")).to_contain_text("Ada Probe")
        assert asked == {"/api/session": 1, "/api/queue": 1, "/timeline": 1}
        if renamed:
            said = {"name": "Ada Proven"}
            await api.store({"leadId": "ada", "type": "lead.updated", "properties": said})
            await api.work()
        may_say_hello.set()
        await read_again.wait()
        await expect(page.locator(".contact")).to_contain_text("Ada Proven" if renamed else "Ada Probe")
        await expect(page.get_by_text("Offline since").first).to_be_visible()
        assert asked["/timeline"] == contacts
