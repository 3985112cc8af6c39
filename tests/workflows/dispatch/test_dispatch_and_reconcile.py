"""No lead is overlooked: the dispatcher follows positions, the reconciler finds leads that stayed behind."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

import workflows.dispatch.dispatch
from domain.errors import Unavailable
from domain.events.log_cursor import LogCursor
from engine.process.tasks import cancel_and_wait
from workflows.dispatch.dispatch import CHECKPOINT, dispatch_for_ever, dispatch_once
from workflows.dispatch.reconcile import APPLIED, reconcile
from workflows.leads.process import process_leads


async def test_leads_with_new_events_are_enqueued_once(runtime, send):
    for lead in ("ada", "bob", "ada", "ada"):
        await send(lead, "page_view")
    assert await dispatch_once(runtime) == 2
    assert sorted(runtime.work_queue.leads) == ["ada", "bob"]
    assert await dispatch_once(runtime) == 0
    assert await runtime.store.checkpoints.cursor(CHECKPOINT, 1) == LogCursor((4,))


async def test_a_dispatcher_that_cannot_enqueue_keeps_its_checkpoint(runtime, send, monkeypatch):
    await send("ada", "page_view")

    async def deaf(lead_ids):
        raise Unavailable("Redis does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(runtime.work_queue, "enqueue_leads", deaf)
        with pytest.raises(Unavailable):
            await dispatch_once(runtime)
    assert await runtime.store.checkpoints.cursor(CHECKPOINT, 1) == LogCursor((0,))
    assert await dispatch_once(runtime) == 1


async def test_the_dispatcher_wakes_up_when_an_event_arrives(runtime, send):
    patient = runtime.with_settings(dispatch_poll_seconds=600)
    running = asyncio.create_task(dispatch_for_ever(patient))
    await asyncio.sleep(0.5)
    await send("ada", "page_view")
    await _rung(runtime, 1)
    await cancel_and_wait(running)
    assert runtime.work_queue.leads == ["ada"]


async def test_a_lead_whose_message_was_lost_is_enqueued_again(runtime, send):
    await send("ada", "page_view")
    await send("bob", "page_view")
    await dispatch_once(runtime)
    await process_leads(runtime, ["bob"])
    runtime.work_queue.leads.clear()
    assert await reconcile(runtime) == 1
    assert runtime.work_queue.leads == ["ada"]


async def test_the_mark_moves_up_to_the_first_event_that_is_not_applied(runtime, send):
    for lead in ("ada", "bob", "cid", "bob"):
        await send(lead, "page_view")
    await dispatch_once(runtime)
    await process_leads(runtime, ["ada", "cid"])
    await reconcile(runtime)
    assert await runtime.store.checkpoints.cursor(APPLIED, 1) == LogCursor((1,))
    await process_leads(runtime, ["bob"])
    assert await reconcile(runtime) == 0
    assert await runtime.store.checkpoints.cursor(APPLIED, 1) == LogCursor((4,))


async def test_nobody_counts_as_left_behind_while_messages_wait(runtime, send):
    await send("ada", "page_view")
    await dispatch_once(runtime)
    runtime.work_queue.quiet = False
    assert await reconcile(runtime) == 0
    runtime.work_queue.quiet = True
    assert await reconcile(runtime) == 1


async def test_events_not_yet_dispatched_are_not_the_reconcilers_business(runtime, send):
    await send("ada", "page_view")
    assert await reconcile(runtime) == 0
    assert await runtime.store.checkpoints.cursor(APPLIED, 1) == LogCursor((0,))


async def test_the_mark_does_not_pass_an_event_that_is_not_dispatched_yet(runtime, send):
    await send("ada", "page_view")
    await dispatch_once(runtime)
    await send("bob", "page_view")
    await send("ada", "page_view")
    await process_leads(runtime, ["ada"])  # further than what is dispatched
    await send("ada", "page_view")
    assert await reconcile(runtime) == 0
    assert await runtime.store.checkpoints.cursor(APPLIED, 1) == LogCursor((1,))
    await dispatch_once(runtime)
    await process_leads(runtime, ["ada"])  # the message for bob is lost
    runtime.work_queue.leads.clear()
    assert await reconcile(runtime) == 1
    assert runtime.work_queue.leads == ["bob"]


async def test_a_quarantined_lead_does_not_hold_the_mark_back(runtime, send):
    position = await send("sick", "page_view")
    await send("ada", "page_view")
    for _ in range(runtime.settings.fold_attempts):
        await runtime.operations.dead_letters.record_failure("sick", position, "e", "reason", runtime.now())
    await dispatch_once(runtime)
    await process_leads(runtime, ["ada"])
    assert await reconcile(runtime) == 0
    assert await runtime.store.checkpoints.cursor(APPLIED, 1) == LogCursor((2,))


async def test_a_long_backlog_is_found_page_by_page(runtime, send, monkeypatch):
    monkeypatch.setattr("workflows.dispatch.reconcile._PAGE", 3)
    for n in range(10):
        await send(f"lead-{n}", "page_view")
    await dispatch_once(runtime)
    await process_leads(runtime, ["lead-0", "lead-1", "lead-5"])
    runtime.work_queue.leads.clear()
    assert await reconcile(runtime) == 7
    assert await runtime.store.checkpoints.cursor(APPLIED, 1) == LogCursor((2,))


async def test_while_workers_are_busy_events_gather_and_a_lead_is_enqueued_once(runtime, send, monkeypatch):
    monkeypatch.setattr("workflows.dispatch.dispatch._MAX_DELAY_SECONDS", 60)
    runtime.work_queue.quiet = False
    running = asyncio.create_task(dispatch_for_ever(runtime))
    try:
        for _ in range(5):
            await send("ada", "page_view")
        assert runtime.work_queue.leads == []
        runtime.work_queue.quiet = True
        async with asyncio.timeout(60):
            while not runtime.work_queue.leads:
                await asyncio.sleep(0.01)
    finally:
        await cancel_and_wait(running)
    assert runtime.work_queue.leads == ["ada"]


async def test_messages_that_nobody_takes_hold_the_dispatcher_up_for_a_moment_only(runtime, send):
    runtime.work_queue.quiet = False
    await send("ada", "page_view")
    running = asyncio.create_task(dispatch_for_ever(runtime))
    try:
        async with asyncio.timeout(60):
            while not runtime.work_queue.leads:
                await asyncio.sleep(0.01)
    finally:
        await cancel_and_wait(running)


async def test_an_event_after_a_pause_is_enqueued_at_once(runtime, send, monkeypatch):
    """The interval is over, so that the dispatcher has nothing left of it to wait for."""
    waited = []

    async def sleep(seconds):
        waited.append(seconds)
        await asyncio.sleep(seconds)

    passes, enqueue = [], workflows.dispatch.dispatch._enqueue_after

    async def counted(*given):
        passes.append(await enqueue(*given))
        return passes[-1]

    monkeypatch.setattr(workflows.dispatch.dispatch, "_enqueue_after", counted)
    clock = SimpleNamespace(sleep=sleep, get_running_loop=asyncio.get_running_loop)
    monkeypatch.setattr("workflows.dispatch.dispatch.asyncio", clock)
    patient = runtime.with_settings(dispatch_min_interval_ms=500, dispatch_poll_seconds=600)
    running = asyncio.create_task(dispatch_for_ever(patient))
    try:
        async with asyncio.timeout(60):
            while len(passes) < 2:  # the second is for what may have been missed before it had subscribed
                await asyncio.sleep(0.01)
        await asyncio.sleep(1)
        waited.clear()
        await send("ada", "page_view")
        await _rung(runtime, 1)
        assert waited[0] <= 0
    finally:
        await cancel_and_wait(running)


async def test_events_of_a_stream_gather(runtime, send):
    patient = runtime.with_settings(dispatch_min_interval_ms=1500)
    clock = asyncio.get_running_loop()
    running = asyncio.create_task(dispatch_for_ever(patient))
    try:
        sent = clock.time()
        await send("ada", "page_view")
        await _rung(runtime, 1)
        for lead in ("bob", "cid", "bob"):
            await send(lead, "page_view")
        await _rung(runtime, 3)
        assert clock.time() - sent >= 1.5
    finally:
        await cancel_and_wait(running)
    assert sorted(runtime.work_queue.leads) == ["ada", "bob", "cid"]


async def _rung(runtime, leads: int) -> None:
    async with asyncio.timeout(60):
        while len(runtime.work_queue.leads) < leads:
            await asyncio.sleep(0.005)
