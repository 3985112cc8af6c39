"""The demo's three sequences against a real engine: each lead's calendar is printed, and its reply ends the sequence."""

from __future__ import annotations

import asyncio
import io

import pytest
from rich.console import Console

from engine.process.tasks import cancel_and_wait
from engine.sequences.built_in import built_in_sequences
from scripts.demo import three_sequences as module
from scripts.demo.client import DemoClient
from scripts.demo.three_sequences import show_sequences
from workflows.work.loops import drain


@pytest.fixture
async def worker(api, monkeypatch):
    """Folds events and does what is due, as a worker does."""
    monkeypatch.setattr(module, "_POLL_SECONDS", 0.05)

    async def work():
        while True:
            await api.work()
            await drain(api.runtime)
            await asyncio.sleep(0.05)

    working = asyncio.create_task(work())
    yield
    await cancel_and_wait(working)


async def test_each_sequence_that_ships_is_shown_and_ended_by_a_reply(api, worker):
    shown = io.StringIO()
    await show_sequences(DemoClient(api.http), Console(file=shown, width=300), "1")
    said = shown.getvalue()
    assert said.count("The sequence has ended: reply.") == 3
    for name in built_in_sequences():
        assert f"is enrolled in {name}@1" in said
    for line in (
        "send: email: Your demo",
        "send: email: A guide to begin with",
        "send: email: We close the file",
    ):
        assert line in said
