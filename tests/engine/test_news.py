"""News of appended events: heard at once by whoever listens, and nobody waits for their being told."""

from __future__ import annotations

import asyncio
import logging

import pytest

from engine.news import News, open_news
from engine.rate_limits.shared_buckets import connect_redis
from engine.runtime import open_runtime
from workflows.event_input import check_event
from workflows.ingest import ingest

NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture
async def listening(runtime):
    """The news of a runtime that listens, with what is said at the beginning heard already."""
    async with runtime.news.watching() as news:
        async with asyncio.timeout(5):
            await news.wait(60)
        yield news


async def heard(news: News, within: float) -> bool:
    """Whether something is heard within this time."""
    began = asyncio.get_running_loop().time()
    await news.wait(within)
    return asyncio.get_running_loop().time() - began < within


async def test_what_another_process_appends_is_heard_at_once(listening, settings, runtime):
    assert not await heard(listening, 0.2)
    async with open_runtime(settings, doorbell=runtime.doorbell) as other:
        await ingest(other, [check_event({"leadId": "ada", "type": "signup"})])
        assert await heard(listening, 5)
    assert not await heard(listening, 0.2)


async def test_what_is_appended_to_another_database_is_not_heard(listening, settings):
    other = open_news(settings.model_copy(update={"mongodb_database": "another"}))
    other.tell()
    assert not await heard(listening, 0.3)
    await other.close()


async def test_what_is_told_while_a_message_is_on_its_way_shares_the_next(settings):
    class Counting:
        published = 0

        async def publish(self, *_):
            self.published += 1
            await asyncio.sleep(0.01)

        async def aclose(self):
            pass

    counting = Counting()
    news = News(counting, "channel")
    for _ in range(10):
        for _ in range(10):
            news.tell()
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    assert counting.published == 2
    news.tell()
    await asyncio.sleep(0.1)
    assert counting.published == 3
    await news.close()


@pytest.mark.filterwarnings("error")
async def test_without_redis_telling_harms_nobody_and_listening_goes_on(settings, caplog):
    news = News(connect_redis(NOBODY), "channel")
    for _ in range(3):
        news.tell()
        await asyncio.sleep(0.05)
    assert caplog.records == []
    async with news.watching():
        async with asyncio.timeout(5):
            while not caplog.records:
                await asyncio.sleep(0.01)
    assert {one.levelno for one in caplog.records} == {logging.WARNING}
    await news.close()


async def test_closing_ends_what_is_still_being_told(settings):
    class Hung:
        async def publish(self, *_):
            await asyncio.Event().wait()

        async def aclose(self):
            pass

    news = News(Hung(), "channel")
    news.tell()
    await asyncio.sleep(0)
    async with asyncio.timeout(3):
        await news.close()
