"""The doorbell: Dramatiq messages on Redis that say "there is work". Losing all of them costs time, never data."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import BrokerError
from dramatiq.middleware import AgeLimit, AsyncIO, Retries, ShutdownNotifications, TimeLimit
from redis import Redis
from redis.exceptions import RedisError

from domain.errors import Invalid, Unavailable
from engine.process.redaction import without_quotations
from engine.queue.blocking_consumer import LOOK_MS, BlockingConsumer, WakeUps
from engine.queue.queued_leads import QueuedLeads
from engine.settings import Settings

__all__ = ["DELIVERIES", "EXECUTIONS", "LEADS", "WorkQueue", "connect_broker"]

LEADS = "process_leads"
"""Actor and queue for leads that have new events."""
EXECUTIONS = "run_executions"
"""Actor and queue for automations that are due."""
DELIVERIES = "send_deliveries"
"""Actor and queue for webhooks that are due."""

_DELAYED_POLL_MS = 2000
"""Longest pause between looks for messages that are to be tried again later."""
_NEVER_BY_CHANCE = 200_000
"""Of a million: how often a fetch also looks for messages of dead workers. The default leaves them for minutes."""


class NotifyingBroker(RedisBroker):
    """Tells consumers of new messages, and looks rarely where there is nothing to tell: idle looks are what idling costs."""

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> Any:
        """What Dramatiq asks for each queue. `timeout` is the longest wait for a message, in milliseconds."""
        if queue_name.endswith(".DQ"):
            return super().consume(queue_name, prefetch, max(timeout, _DELAYED_POLL_MS))
        return BlockingConsumer(
            super().consume(queue_name, prefetch, LOOK_MS), self._tokens(queue_name), timeout
        )

    def enqueue(self, message: Any, *, delay: int | None = None) -> Any:
        """As Dramatiq does; and whoever waits for it is told, unless it is for later."""
        sent = super().enqueue(message, delay=delay)
        if delay is None:
            self._tokens(message.queue_name).leave()
        return sent

    def _tokens(self, queue_name: str) -> WakeUps:
        return WakeUps(self.client, f"{self.namespace}:{queue_name}")


def connect_broker(settings: Settings) -> RedisBroker:
    """A broker on the Redis of the settings. Raises `Invalid` for a URL that cannot be meant."""
    minute = 60_000
    try:
        broker = NotifyingBroker(  # type: ignore[no-untyped-call]
            # Our own client: the broker drops socket options that come beside a URL.
            client=Redis.from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=2),
            middleware=[
                AsyncIO(),
                AgeLimit(max_age=60 * minute),
                TimeLimit(time_limit=2 * minute),
                ShutdownNotifications(),
                Retries(max_retries=3, min_backoff=200, max_backoff=5_000),
            ],
            heartbeat_timeout=settings.worker_heartbeat_seconds * 1000,
            maintenance_chance=_NEVER_BY_CHANCE,
            namespace=f"lead-engine:{settings.mongodb_database}",
        )
    except ValueError as error:
        raise Invalid(f"REDIS_URL is wrong: {without_quotations(str(error))}") from None
    broker.declare_queue(LEADS)
    broker.declare_queue(EXECUTIONS)
    broker.declare_queue(DELIVERIES)
    return broker


class WorkQueue:
    """Rings for leads and executions without blocking the event loop."""

    def __init__(self, broker: dramatiq.Broker, *, leads_at_a_time: int) -> None:
        self._broker = broker
        self._leads_at_a_time = leads_at_a_time
        self._waiting = QueuedLeads()
        self._ringing = asyncio.Lock()  # what is remembered must be in the order of the queue

    async def enqueue_leads(self, lead_ids: Iterable[str]) -> None:
        """Say that these leads have work. Raises `Unavailable` when Redis does not answer.

        What their work is must be stored already: a lead for which a message of ours still waits is not rung for again.
        """
        async with self._ringing:
            waiting = self._waiting.oldest(await self._oldest_message(LEADS) if self._waiting else None)
            ids = [lead_id for lead_id in lead_ids if lead_id not in waiting]
            size = self._leads_at_a_time
            batches = [ids[start : start + size] for start in range(0, len(ids), size)]
            for message_id, batch in zip(await self._ring(LEADS, batches), batches, strict=True):
                self._waiting.sent(message_id, batch)

    async def enqueue_executions(self, identities: Iterable[str]) -> None:
        """Say that these executions are due. Raises `Unavailable` when Redis does not answer."""
        await self._ring(EXECUTIONS, [[identity] for identity in identities])

    async def enqueue_deliveries(self) -> None:
        """Say that some webhooks are due. Raises `Unavailable` when Redis does not answer."""
        await self._ring(DELIVERIES, [[]])

    async def waiting_messages(self, queue: str) -> int:
        """How many messages wait for a worker. Raises `Unavailable` when Redis does not answer.

        Those that a worker has taken do not count: one that it never finishes would count for ever.
        """
        return int(await self._asked(self._client.llen, self._key(queue)))

    async def _oldest_message(self, queue: str) -> str | None:
        """The one that the next worker will take."""
        found = await self._asked(self._client.lindex, self._key(queue), 0)
        return found.decode() if found else None

    async def _asked(self, command: Callable[..., Any], *args: object) -> Any:
        try:
            return await asyncio.to_thread(command, *args)
        except (RedisError, OSError) as error:
            raise Unavailable(f"Redis does not answer: {error}") from error

    def _key(self, queue: str) -> str:
        return f"{self._broker.namespace}:{queue}"  # type: ignore[attr-defined]

    async def answers(self) -> bool:
        """Whether Redis is there."""
        try:
            return bool(await asyncio.to_thread(self._client.ping))
        except (RedisError, OSError):
            return False

    @property
    def _client(self) -> Any:
        return self._broker.client  # type: ignore[attr-defined]

    async def _ring(self, actor: str, batches: Sequence[list[str]]) -> list[str]:
        """Send a message for each batch. Gives what they are called in the queue."""
        return await asyncio.to_thread(self._enqueue, actor, batches) if batches else []

    def _enqueue(self, actor: str, batches: Sequence[list[str]]) -> list[str]:
        sent: list[str] = []
        try:
            for batch in batches:
                message: dramatiq.Message[None] = dramatiq.Message(
                    queue_name=actor, actor_name=actor, args=(batch,), kwargs={}, options={}
                )
                sent.append(self._broker.enqueue(message).options["redis_message_id"])
        except (BrokerError, RedisError, OSError) as error:
            raise Unavailable(f"Redis does not answer: {error}") from error
        return sent
