"""The demo's story of a visitor, run against the real API: every number that it says is one that the engine gives."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re

from rich.console import Console

from engine.process.tasks import cancel_and_wait
from scripts.demo.client import DemoClient
from scripts.demo.visitor import tell
from tests.http_client import open_client


@contextlib.asynccontextmanager
async def working(api):
    """Leads are applied while the context is open."""

    async def work():
        while True:
            await api.work()
            await asyncio.sleep(0.02)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        await cancel_and_wait(task)


async def told(api, key):
    out = io.StringIO()
    shown = {"authorization": f"Bearer {key.token.text}"}
    async with working(api), open_client(api.http.base_url, headers=shown) as http:
        await tell(DemoClient(http), Console(file=out, width=400), "1")
    return out.getvalue()


async def test_a_visitor_becomes_known_and_the_merge_is_undone_and_made_again(api):
    said = await told(api, await api.new_key("ingest", "read", "work"))
    assert "answers as the lead of Ada" in said
    alone, known, both, parted, hers, again = map(int, re.findall(r"(\d+)(?= points| ?\.\n)", said))
    assert (parted, again) == (alone, both)
    assert both == alone + hers
    assert hers > known
    (lead,) = (await api.get("/api/leads?email=ada.1@example.com"))["items"]
    assert round(lead["score"]) == both


async def test_without_the_scope_for_it_nothing_is_undone(api):
    said = await told(api, await api.new_key("ingest", "read"))
    assert "scope `work`" in said
    assert "undone: " not in said
