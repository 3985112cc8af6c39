"""The demo's conversation against a real engine: it sends, is answered, and stops."""

from __future__ import annotations

import asyncio
import io

import pytest
from rich.console import Console

from engine.process.tasks import cancel_and_wait
from scripts.demo import correspondence as module
from scripts.demo.client import DemoClient
from scripts.demo.correspondence import correspond
from workflows.work.loops import drain


@pytest.fixture
async def worker(api):
    """Sends what is due, as a worker does; time goes on once the answer is there."""

    async def work():
        while True:
            await drain(api.runtime)
            await asyncio.sleep(0.05)
            stream = await api.runtime.capture.events.of_lead("demo-grace-1")
            if any(event.type == "message.received" for event in stream):
                api.wait(days=30)

    working = asyncio.create_task(work())
    yield
    await cancel_and_wait(working)


async def test_a_mail_goes_out_and_the_follow_up_is_withheld_after_the_answer(api, worker, monkeypatch):
    monkeypatch.setattr(module, "_POLL_SECONDS", 0.05)
    shown = io.StringIO()
    await correspond(DemoClient(api.http), Console(file=shown, width=200), "1")
    said = shown.getvalue()
    assert "the message is sent" in said
    assert "The follow-up is withheld: the lead has replied since the message was planned" in said
    assert len(list(api.runtime.outreach.outbox.glob("*.eml"))) == 1
