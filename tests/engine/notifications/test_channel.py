"""Notifications between processes: published in the background, coalesced, lost without harm."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging

import pytest
from redis.exceptions import ConnectionError as RedisGone

from engine.notifications.channel import NotificationChannel, connect_notifications

NOBODY = "redis://127.0.0.1:1/0"


class FakeRedis:
    """Notes what is published. Each message is on its way until `arrived` is set."""

    def __init__(self) -> None:
        self.published: list[bytes] = []
        self.arrived = asyncio.Event()

    async def publish(self, _: str, message: bytes) -> None:
        self.published.append(message)
        await self.arrived.wait()


@pytest.fixture
async def redis(settings):
    client = connect_notifications(settings)
    yield client
    await client.aclose()


@contextlib.asynccontextmanager
async def subscribed_to(channel: NotificationChannel):
    """The messages of the channel, once it is subscribed."""
    received, gap = [], asyncio.Event()
    async with channel.subscribed(received.append, gap.set):
        async with asyncio.timeout(5):
            await gap.wait()
        yield received


async def until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_message_reaches_every_subscriber_of_its_channel_and_no_other(redis):
    ours, theirs = (
        NotificationChannel(redis, "ours", about="a"),
        NotificationChannel(redis, "theirs", about="b"),
    )
    listeners = [NotificationChannel(redis, "ours", about="a") for _ in range(2)]
    async with subscribed_to(listeners[0]) as one, subscribed_to(listeners[1]) as other:
        theirs.publish(lambda: b"not for you")
        ours.publish(lambda: b"for you")
        await until(lambda: one and other)
    assert one == other == [b"for you"]


async def test_a_channel_says_whether_it_is_subscribed(redis):
    channel = NotificationChannel(redis, "channel", about="things")
    assert not channel.is_subscribed
    async with subscribed_to(channel):
        assert channel.is_subscribed
    assert not channel.is_subscribed


async def test_calls_while_a_message_is_in_flight_are_coalesced_into_the_next():
    redis, pending = FakeRedis(), []
    channel = NotificationChannel(redis, "channel", about="things")

    def message() -> bytes:
        given = b"%d" % len(pending)
        pending.clear()
        return given

    for number in range(100):
        pending.append(number)
        channel.publish(message)
        await until(lambda: redis.published)
    redis.arrived.set()
    await until(lambda: channel._publishing is None)
    assert redis.published == [b"1", b"99"]


@pytest.mark.parametrize("failure", [None, RedisGone("gone"), ValueError("whatever")])
async def test_messages_begin_apart_and_the_first_after_a_pause_goes_at_once(failure):
    clock, moments = asyncio.get_running_loop(), []

    class Redis:
        async def publish(self, *_: object) -> None:
            if failure:
                raise failure

    channel = NotificationChannel(Redis(), "channel", about="things", min_interval_seconds=0.2)

    def message() -> bytes:
        moments.append(clock.time())
        return b""

    began = clock.time()
    while len(moments) < 3:
        channel.publish(message)
        await asyncio.sleep(0.005)
    assert all(after - before >= 0.2 for before, after in itertools.pairwise([began - 1, *moments]))
    await until(lambda: channel._publishing is None)
    again = len(moments)
    channel.publish(message)
    await asyncio.sleep(0)
    assert len(moments) == again + 1


async def test_a_message_is_published_after_one_that_failed():
    class OnceGone(FakeRedis):
        async def publish(self, name: str, message: bytes) -> None:
            await super().publish(name, message)
            if len(self.published) == 1:
                raise RedisGone("gone")

    redis = OnceGone()
    channel = NotificationChannel(redis, "channel", about="things")
    channel.publish(lambda: b"lost")
    await until(lambda: redis.published)
    channel.publish(lambda: b"next")
    redis.arrived.set()
    await until(lambda: channel._publishing is None)
    assert redis.published == [b"lost", b"next"]


@pytest.mark.filterwarnings("error::RuntimeWarning")
async def test_without_redis_publishing_does_no_harm_and_one_warning_says_that_nothing_arrives(
    settings, caplog, monkeypatch
):
    monkeypatch.setattr("engine.notifications.channel._RECONNECT_SECONDS", 0.01)
    redis = connect_notifications(settings.model_copy(update={"redis_url": NOBODY}))
    tries = []
    monkeypatch.setattr(redis, "pubsub", lambda pubsub=redis.pubsub, **how: tries.append(1) or pubsub(**how))
    channel = NotificationChannel(redis, "channel", about="things")
    for _ in range(3):
        channel.publish(bytes)
        await until(lambda: channel._publishing is None)
    assert caplog.records == []
    async with channel.subscribed(lambda _: None, lambda: None):
        await until(lambda: len(tries) > 3)
    assert [(one.levelno, one.message.partition(":")[0]) for one in caplog.records] == [
        (logging.WARNING, "Cannot subscribe to things, polling instead")
    ]
    await channel.close()
    await redis.aclose()


async def test_after_a_lost_connection_it_subscribes_again_and_reports_a_gap(redis, caplog, monkeypatch):
    monkeypatch.setattr("engine.notifications.channel._RECONNECT_SECONDS", 0.01)
    channel, heard, began = NotificationChannel(redis, "channel", about="things"), [], []
    fails = iter([RedisGone("the connection"), ValueError("whatever")])

    def hear(message: bytes) -> None:
        heard.append(message)
        if error := next(fails, None):
            raise error

    async with channel.subscribed(hear, lambda: began.append(1)):
        for times in (1, 2, 3):
            await until(lambda times=times: len(began) == times)
            channel.publish(lambda: b"hint")
            await until(lambda times=times: len(heard) == times)
    assert [one.levelno for one in caplog.records] == [logging.WARNING, logging.ERROR]


async def test_a_gap_is_reported_when_the_client_has_reconnected_by_itself(redis):
    channel, began = NotificationChannel(redis, "channel", about="things"), []
    heard: list[bytes] = []
    async with channel.subscribed(heard.append, lambda: began.append(1)):
        await until(lambda: len(began) == 1)
        await redis.client_kill_filter(_type="pubsub")
        await until(lambda: len(began) == 2)
        channel.publish(lambda: b"hint")
        await until(lambda: heard == [b"hint"])


async def test_closing_cancels_what_is_still_being_published():
    class Hung:
        async def publish(self, *_):
            await asyncio.Event().wait()

    channel = NotificationChannel(Hung(), "channel", about="things")
    channel.publish(bytes)
    await asyncio.sleep(0)
    async with asyncio.timeout(3):
        await channel.close()
