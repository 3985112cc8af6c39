"""What runs in the background of a process goes on, whatever a turn of it raises."""

from __future__ import annotations

import asyncio
import importlib
from types import SimpleNamespace

from domain.rulebooks.compiled import compile_rulebook
from engine.operations.audit_log import ENGINE
from engine.rulebooks.library import load_rulebook
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.rulebooks.activate import activate_rulebook


class OnceBroken:
    """Raises at the first call what no part of the engine ever raises, then does what it stands for."""

    def __init__(self, function) -> None:
        self.calls = 0
        self._function = function

    def __call__(self, *args, **kwargs):
        self.calls += 1
        if self.calls == 1:
            raise AttributeError("a fault of a library")
        return self._function(*args, **kwargs)


async def until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_process_still_learns_which_rulebook_is_active(runtime, monkeypatch):
    monkeypatch.setattr(importlib.import_module("engine.rulebooks.active"), "_REFRESH_SECONDS", 0.02)
    active = runtime.rulebooks.active
    broken = OnceBroken(active._pointers.find_one)
    newer = load_rulebook("classic").model_copy(update={"version": 3})
    async with active.kept_current():
        monkeypatch.setattr(active, "_pointers", SimpleNamespace(find_one=broken))
        await until(lambda: broken.calls > 1)
        monkeypatch.undo()
        await activate_rulebook(runtime, ENGINE, newer)
        monkeypatch.setattr(active, "_current", compile_rulebook(load_rulebook("classic")))
        await until(lambda: runtime.rulebook.label == newer.label)


async def test_a_dispatcher_is_still_notified_of_new_events(runtime, monkeypatch):
    broken = OnceBroken(runtime.capture.notifications._channel._redis.pubsub)
    monkeypatch.setattr(runtime.capture.notifications._channel._redis, "pubsub", broken)
    async with runtime.capture.notifications.subscribed() as notifications:
        await until(lambda: broken.calls > 1)
        await notifications.wait(5)  # a subscription begins with a gap
        await ingest(runtime, [check_event({"leadId": "ada", "type": "signup"})])
        async with asyncio.timeout(2):
            await notifications.wait(60)
