"""The browser client of Segment in a real Chromium, on a page of another origin than the API."""

from __future__ import annotations

import asyncio
import functools
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.api.connect.conftest import program_of
from tests.api.connect.test_pages import requested_a_demo
from tests.clients.node import CLIENTS, require_node
from tests.clients.programs import Program

PAGE = """<!doctype html><title>Pricing</title>
<script src="/client/index.js"></script>
<script type="importmap">{"imports": {"@segment/analytics-next": "/client.mjs"}}</script>
<script type="module">PROGRAM
window.done = true;</script>
"""
SECONDS = 30


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def website(tmp_path):
    """The folder and the origin of a web site that ships the client as it is published."""
    require_node()
    client = CLIENTS / "node_modules/@segment/analytics-next/dist/umd"
    shutil.copytree(client, tmp_path / "client")
    # The published bundle is no module; this one only gives its names to the import of the program.
    (tmp_path / "client.mjs").write_text("export const { AnalyticsBrowser } = window.AnalyticsNext;")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path, f"http://localhost:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture
async def visit(api, url, browser, website, new_source):
    """Visit a page that runs a program with the write key of a source for it; returns the sender."""
    folder, origin = website
    sender = await new_source("website", origins=[origin], events={"Demo Requested": "demo.requested"})
    await api.authenticator.context.keyring.refresh()

    async def visit(program, *, expected):
        (folder / "pricing.html").write_text(PAGE.replace("PROGRAM", program.filled(url, sender.write_key)))
        async with await browser.new_context() as context:
            page = await context.new_page()
            errors = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            await page.goto(f"{origin}/pricing.html?utm_source=google&utm_campaign=launch")
            await page.wait_for_function("window.done")
            async with asyncio.timeout(SECONDS):
                while await api.stored() < expected:
                    await asyncio.sleep(0.05)
        assert errors == []
        return sender

    return visit


async def test_what_the_page_shows_brings_the_events_of_a_visitor(api, visit):
    sender = await visit(program_of("segment-browser"), expected=3)
    await requested_a_demo(api, sender, of_acme=True)
    asked = next(event for event in await sender.events() if event.type == "demo.requested")
    assert (asked.properties["utm_source"], asked.properties["utm_campaign"]) == ("google", "launch")
    assert asked.properties["envelope"]["context"]["page"]["path"] == "/pricing.html"


async def test_the_batching_strategy_and_an_anonymous_visitor_who_becomes_known(api, visit):
    program = Program(
        "js",
        """
import { AnalyticsBrowser } from "@segment/analytics-next";
const analytics = AnalyticsBrowser.load(
  { writeKey: "WRITE_KEY", cdnURL: "https://leads.example.com" },
  { integrations: { "Segment.io": { deliveryStrategy: { strategy: "batching", config: { size: 3, timeout: 200 } } } } },
);
await analytics.page();
await analytics.track("Video Played");
await analytics.identify("user-7", { email: "grace@example.com" });
await analytics.track("Demo Requested");
""",
    )
    sender = await visit(program, expected=4)
    events = await sender.events()
    assert sorted(event.type for event in events) == [
        *("Video Played", "demo.requested", "lead.updated", "page_view")
    ]
    assert len({event.lead_id for event in events}) == 1
    assert len({event.event_id for event in events}) == 4
