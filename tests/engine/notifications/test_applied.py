"""News of applied events: who waits for a lead is woken when it has come far enough, and only then."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from engine.notifications.applied import AppliedNotifications
from engine.runtime import open_runtime
from workflows.capture.event_input import check_event
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads


@pytest.fixture
async def news(runtime):
    """The news of a runtime that listens."""
    async with runtime.leads.notifications.subscribed() as news:
        async with asyncio.timeout(5):
            while not news.is_subscribed:
                await asyncio.sleep(0.005)
        yield news


async def test_what_another_process_applies_is_heard_once_it_can_be_read(news, settings, runtime):
    async with open_runtime(settings, work_queue=runtime.work_queue) as other:
        await ingest(
            other, [check_event({"leadId": lead, "type": "signup"}) for lead in ("ada", "bob", "ada")]
        )
        with news.waiter("ada", 3) as ada, news.waiter("bob", 2) as bob:
            assert not await ada.reached(0.1)
            await process_leads(other, ["ada", "bob"])
            assert await ada.reached(5)
            assert await bob.reached(5)
    assert await runtime.leads.states.positions(["ada", "bob"]) == {"ada": 3, "bob": 2}


async def test_what_has_not_come_far_enough_wakes_nobody(news):
    with news.waiter("ada", 5) as ada:
        news.publish({"ada": 4, "bob": 9})
        clock = asyncio.get_running_loop()
        began = clock.time()
        assert not await ada.reached(0.3)
        assert clock.time() - began > 0.2
        news.publish({"ada": 5})
        assert await ada.reached(5)


async def test_news_of_several_workers_may_come_in_any_order(news):
    with news.waiter("ada", 7) as ada, news.waiter("bob", 1) as bob:
        news.publish({"ada": 6})
        while news._pending:
            await asyncio.sleep(0)  # it goes by a message of its own
        news.publish({"ada": 3, "bob": 1})
        assert await bob.reached(5)  # so the older one has been heard too
        assert not await ada.reached(0)
        ada.position = 6
        assert await ada.reached(0)


async def test_when_less_turns_out_to_be_enough_what_was_heard_before_counts(news):
    with news.waiter("ada", 9) as ada:
        news.publish({"ada": 6})
        assert not await ada.reached(0.3)
        ada.position = 6
        assert await ada.reached(0)


async def test_when_something_may_have_been_missed_whoever_waits_looks_at_once(news):
    clock = asyncio.get_running_loop()
    with news.waiter("ada", 5) as ada:
        waiting = asyncio.create_task(ada.reached(60))
        await asyncio.sleep(0)
        began = clock.time()
        await news._channel._redis.client_kill_filter(_type="pubsub")
        assert not await waiting
        assert clock.time() - began < 30
        news.publish({"ada": 5})
        assert await ada.reached(5)


async def test_what_is_told_while_a_message_is_on_its_way_is_told_together():
    published = []

    class Slow:
        async def publish(self, _, message):
            published.append(msgspec.msgpack.decode(message))
            await asyncio.sleep(0.05)

    news = AppliedNotifications(Slow(), "database")
    news.publish({})
    for position in range(1, 5):
        news.publish({"ada": position, f"lead-{position}": position})
        await asyncio.sleep(0)
    await asyncio.sleep(0.2)
    assert published == [{"ada": 1, "lead-1": 1}, {"ada": 4, "lead-2": 2, "lead-3": 3, "lead-4": 4}]


async def test_what_is_not_news_is_passed_over(news):
    with news.waiter("ada", 1) as ada:
        for nonsense in (b"", b"\xc1", b"\x93\x01\x02\x03", b"\x81\xa3ada\xa1x", b"\x81\xa1\xff\x01"):
            news._channel.publish(lambda nonsense=nonsense: nonsense)
            assert not await ada.reached(0.05)
            assert news.is_subscribed
        news.publish({"ada": 1})
        assert await ada.reached(5)


async def test_nothing_is_kept_of_leads_that_nobody_waits_for(news):
    with news.waiter("ada", 1), news.waiter("ada", 2):
        assert set(news._waiters) == {"ada"}
    assert not news._waiters


async def test_while_redis_does_not_answer_only_so_much_is_kept(monkeypatch):
    class Hung:
        async def publish(self, *_):
            await asyncio.Event().wait()

    monkeypatch.setattr("engine.notifications.applied._MAX_PENDING", 100)
    news = AppliedNotifications(Hung(), "database")
    for number in range(1000):
        news.publish({f"lead-{number}": 1})
        assert len(news._pending) <= 101
    await news.close()
