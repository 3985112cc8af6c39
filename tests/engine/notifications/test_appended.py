"""News of appended events, heard at once by whoever listens."""

from __future__ import annotations

import asyncio

import pytest

from engine.notifications.appended import AppendNotifications
from engine.runtime import open_runtime
from workflows.capture.event_input import check_event
from workflows.capture.ingest import ingest


@pytest.fixture
async def listening(runtime):
    """The news of a runtime that listens, with what is said at the beginning heard already."""
    async with runtime.capture.notifications.subscribed() as news:
        async with asyncio.timeout(5):
            await news.wait(60)
        yield news


async def heard(news: AppendNotifications, within: float) -> bool:
    """Whether something is heard within this time."""
    began = asyncio.get_running_loop().time()
    await news.wait(within)
    return asyncio.get_running_loop().time() - began < within


async def test_what_another_process_appends_is_heard_at_once(listening, settings, runtime):
    assert not await heard(listening, 0.2)
    async with open_runtime(settings, work_queue=runtime.work_queue) as other:
        await ingest(other, [check_event({"leadId": "ada", "type": "signup"})])
        assert await heard(listening, 5)
    assert not await heard(listening, 0.2)


async def test_what_is_appended_to_another_database_is_not_heard(listening, settings, runtime):
    elsewhere = settings.model_copy(update={"mongodb_database": f"{settings.mongodb_database}-2"})
    async with open_runtime(elsewhere, work_queue=runtime.work_queue) as other:
        other.capture.notifications.publish()
        assert not await heard(listening, 0.3)
