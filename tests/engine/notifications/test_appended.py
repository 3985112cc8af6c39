"""Notifications of appended events reach every subscriber at once."""

from __future__ import annotations

import asyncio

import pytest

from engine.notifications.appended import AppendNotifications
from engine.runtime import open_runtime
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest


@pytest.fixture
async def subscribed(runtime):
    """The notifications of a runtime, subscribed and without the gap of the beginning."""
    async with runtime.capture.notifications.subscribed() as notifications:
        async with asyncio.timeout(5):
            await notifications.wait(60)
        yield notifications


async def notified(notifications: AppendNotifications, within: float) -> bool:
    """Whether a notification arrives within this time."""
    began = asyncio.get_running_loop().time()
    await notifications.wait(within)
    return asyncio.get_running_loop().time() - began < within


async def test_an_append_of_another_process_is_notified_at_once(subscribed, settings, runtime):
    assert not await notified(subscribed, 0.2)
    async with open_runtime(settings, work_queue=runtime.work_queue) as other:
        await ingest(other, [check_event({"leadId": "ada", "type": "signup"})])
        assert await notified(subscribed, 5)
    assert not await notified(subscribed, 0.2)


async def test_an_append_to_another_database_is_not_notified(subscribed, settings, runtime):
    elsewhere = settings.model_copy(update={"mongodb_database": f"{settings.mongodb_database}-2"})
    async with open_runtime(elsewhere, work_queue=runtime.work_queue) as other:
        other.capture.notifications.publish()
        assert not await notified(subscribed, 0.3)
