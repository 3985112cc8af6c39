"""News of applied events: who waits for a lead is woken when it has come far enough, and only then."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from domain.events.applied_positions import AppliedPositions
from engine.notifications.applied import AppliedNotifications
from engine.runtime import open_runtime
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads


@pytest.fixture
async def notifications(runtime):
    """The notifications of a runtime that listens."""
    async with runtime.leads.notifications.subscribed() as notifications:
        async with asyncio.timeout(5):
            while not notifications.is_subscribed:
                await asyncio.sleep(0.005)
        yield notifications


async def test_a_position_that_another_process_applied_is_notified_once_it_can_be_read(
    notifications, settings, runtime
):
    async with open_runtime(settings, work_queue=runtime.work_queue) as other:
        await ingest(
            other, [check_event({"leadId": lead, "type": "signup"}) for lead in ("ada", "bob", "ada")]
        )
        with notifications.waiter("ada", 3) as ada, notifications.waiter("bob", 2) as bob:
            assert not await ada.reached(0.1)
            await process_leads(other, ["ada", "bob"])
            assert await ada.reached(5)
            assert await bob.reached(5)
    assert await runtime.leads.states.positions(["ada", "bob"]) == {
        "ada": AppliedPositions(3),
        "bob": AppliedPositions(2),
    }


async def test_what_has_not_come_far_enough_wakes_nobody(notifications):
    with notifications.waiter("ada", 5) as ada:
        notifications.publish({"ada": AppliedPositions(4), "bob": AppliedPositions(9)})
        clock = asyncio.get_running_loop()
        began = clock.time()
        assert not await ada.reached(0.3)
        assert clock.time() - began > 0.2
        notifications.publish({"ada": AppliedPositions(5)})
        assert await ada.reached(5)


async def test_news_of_several_workers_may_come_in_any_order(notifications):
    with notifications.waiter("ada", 7) as ada, notifications.waiter("bob", 1) as bob:
        notifications.publish({"ada": AppliedPositions(6)})
        while notifications._pending:
            await asyncio.sleep(0)  # it goes by a message of its own
        notifications.publish({"ada": AppliedPositions(3), "bob": AppliedPositions(1)})
        assert await bob.reached(5)  # so the older one has been heard too
        assert not await ada.reached(0)
        ada.position = 6
        assert await ada.reached(0)


async def test_when_less_turns_out_to_be_enough_earlier_messages_count(notifications):
    with notifications.waiter("ada", 9) as ada:
        notifications.publish({"ada": AppliedPositions(6)})
        assert not await ada.reached(0.3)
        ada.position = 6
        assert await ada.reached(0)


async def test_a_gap_wakes_every_waiter_at_once(notifications):
    clock = asyncio.get_running_loop()
    with notifications.waiter("ada", 5) as ada:
        waiting = asyncio.create_task(ada.reached(60))
        await asyncio.sleep(0)
        began = clock.time()
        await notifications._channel._redis.client_kill_filter(_type="pubsub")
        assert not await waiting
        assert clock.time() - began < 30
        notifications.publish({"ada": AppliedPositions(5)})
        assert await ada.reached(5)


async def test_positions_published_while_a_message_is_in_flight_share_the_next():
    published = []

    class Slow:
        async def publish(self, _, message):
            published.append(msgspec.msgpack.decode(message))
            await asyncio.sleep(0.05)

    notifications = AppliedNotifications(Slow(), "database")
    notifications.publish({})
    for position in range(1, 5):
        notifications.publish(
            {"ada": AppliedPositions(position), f"lead-{position}": AppliedPositions(position)}
        )
        await asyncio.sleep(0)
    async with asyncio.timeout(60):
        while len(published) < 2:
            await asyncio.sleep(0.005)
    assert published == [{"ada": 1, "lead-1": 1}, {"ada": 4, "lead-2": 2, "lead-3": 3, "lead-4": 4}]


async def test_what_is_not_news_is_passed_over(notifications):
    with notifications.waiter("ada", 1) as ada:
        for nonsense in (b"", b"\xc1", b"\x93\x01\x02\x03", b"\x81\xa3ada\xa1x", b"\x81\xa1\xff\x01"):
            notifications._channel.publish(lambda nonsense=nonsense: nonsense)
            assert not await ada.reached(0.05)
            assert notifications.is_subscribed
        notifications.publish({"ada": AppliedPositions(1)})
        assert await ada.reached(5)


async def test_nothing_is_kept_of_leads_that_nobody_waits_for(notifications):
    with notifications.waiter("ada", 1), notifications.waiter("ada", 2):
        assert set(notifications._waiters) == {"ada"}
    assert not notifications._waiters


async def test_while_redis_does_not_answer_only_so_much_is_kept(monkeypatch):
    class Hung:
        async def publish(self, *_):
            await asyncio.Event().wait()

    monkeypatch.setattr("engine.notifications.applied._MAX_PENDING", 100)
    notifications = AppliedNotifications(Hung(), "database")
    for number in range(1000):
        notifications.publish({f"lead-{number}": AppliedPositions(1)})
        assert len(notifications._pending) <= 101
    await notifications.close()
