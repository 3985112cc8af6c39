"""`lead-engine top`: the best leads, live where a person looks."""

from __future__ import annotations

import asyncio
import io

import pytest
from rich.console import Console

from domain.instant import to_datetime
from scripts.cli.leads.top import watch
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads


@pytest.fixture
def send(runtime):
    """Send events that happen now and apply them."""

    async def send(lead_id, *types):
        at = to_datetime(runtime.now())
        await ingest(runtime, [EventInput(lead_id=lead_id, type=name, occurred_at=at) for name in types])
        await process_leads(runtime, [lead_id])

    return send


def console(*, terminal):
    return Console(file=io.StringIO(), width=80, force_terminal=terminal, highlight=False, markup=False)


def said(where):
    return where.file.getvalue()


async def see(runtime, **asked):
    where = console(terminal=False)
    options = {"stage": None, "limit": 20, "every": 1, "once": False, **asked}
    await asyncio.wait_for(watch(runtime, where, **options), 10)
    return said(where)


async def test_without_a_terminal_the_table_is_printed_once(runtime, send):
    await send("bob", "page_view")
    await send("ada", "demo_request", "signup", "download")
    lines = (await see(runtime)).splitlines()
    assert lines[0].split() == ["Best", "leads", "2026-11-22", "12:00", "UTC"]
    assert lines[2].split() == ["ada", "qualified", "60.00", "9.00", "low", "immediate_outreach"]
    assert lines[3].split() == ["bob", "cold", "1.00", "3.00", "low", "monitor"]
    assert len(lines) == 4


async def test_no_more_leads_are_shown_than_asked_for(runtime, send):
    for lead_id in ("ada", "bob", "eve"):
        await send(lead_id, "signup")
    text = await see(runtime, limit=2)
    assert "ada" in text
    assert "eve" not in text


async def test_only_the_stage_asked_for_is_shown(runtime, send):
    await send("ada", "demo_request", "signup", "download")
    await send("bob", "signup")
    text = await see(runtime, stage="warm")
    assert "bob" in text
    assert "ada" not in text


async def test_an_engine_without_leads_says_so(runtime):
    assert await see(runtime) == "No leads yet.\n"


async def test_a_long_id_is_cut_and_the_line_stays_whole(runtime, send):
    await send("x" * 150, "demo_request", "signup", "download")
    lines = (await see(runtime)).splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) <= 80
    assert lines[2].rstrip().endswith("immediate_outreach")


async def test_on_a_terminal_with_once_it_ends_after_one_table(runtime, send):
    await send("ada", "signup")
    where = console(terminal=True)
    await asyncio.wait_for(watch(runtime, where, None, 20, 1, once=True), 10)
    assert said(where).count("Best leads") == 1


async def test_on_a_terminal_it_shows_what_changed_since_the_last_refresh_until_it_is_stopped(runtime, send):
    await send("ada", "signup")
    where = console(terminal=True)
    watching = asyncio.create_task(watch(runtime, where, None, 20, 0.2, once=False))
    await until(lambda: "ada" in said(where))
    assert "+10.00" not in said(where)
    await send("ada", "download")
    await send("bob", "signup")
    await until(lambda: "+10.00" in said(where) and "new" in said(where))
    watching.cancel()  # as Ctrl-C does
    await asyncio.wait_for(watching, 5)
    assert said(where).endswith("\x1b[?25h")  # the cursor is there again


async def until(holds):
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.02)
