"""The Dramatiq broker on Redis. Messages say only which work exists; losing all of them costs time, never data."""

from __future__ import annotations

from typing import Any

from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, AsyncIO, Retries, ShutdownNotifications, TimeLimit
from redis import Redis

from domain.errors import Invalid
from engine.process.redaction import without_quotations
from engine.queue.blocking_consumer import FETCH_PAUSE_MS, BlockingConsumer, WakeUps
from engine.settings import Settings

__all__ = ["DUE_WORK", "LEADS", "connect_broker"]

LEADS = "process_leads"
"""Actor and queue for leads that have new events."""
DUE_WORK = "due_work"
"""Actor and queue for kinds of due work that have new units."""

_DELAYED_POLL_MS = 2000
"""Polling interval for messages that are to be retried later."""
_MAINTENANCE_CHANCE = 200_000
"""Of a million: how often a fetch also requeues the messages of dead workers. The default leaves them for minutes."""


class NotifyingBroker(RedisBroker):
    """Signals waiting consumers on every enqueue, so that they block in Redis instead of polling: polling is the idle cost."""

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> Any:
        """The consumer of a queue. `timeout` is its fallback polling interval, in milliseconds."""
        if queue_name.endswith(".DQ"):
            return super().consume(queue_name, prefetch, max(timeout, _DELAYED_POLL_MS))
        inner = super().consume(queue_name, prefetch, FETCH_PAUSE_MS)
        return BlockingConsumer(inner, self._wake_ups(queue_name), timeout)

    def enqueue(self, message: Any, *, delay: int | None = None) -> Any:
        """As in Dramatiq; a message without a delay also signals one waiting consumer."""
        sent = super().enqueue(message, delay=delay)
        if delay is None:
            self._wake_ups(message.queue_name).signal()
        return sent

    def _wake_ups(self, queue_name: str) -> WakeUps:
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
            maintenance_chance=_MAINTENANCE_CHANCE,
            namespace=f"lead-engine:{settings.mongodb_database}",
        )
    except ValueError as error:
        raise Invalid(f"REDIS_URL is wrong: {without_quotations(str(error))}") from None
    broker.declare_queue(LEADS)
    broker.declare_queue(DUE_WORK)
    return broker
