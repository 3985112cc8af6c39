"""Enqueues messages without blocking the event loop: leads that have new events, and kinds of due work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

import dramatiq
from dramatiq.errors import BrokerError
from redis.exceptions import RedisError

from domain.errors import Unavailable
from engine.queue.broker import DUE_WORK, LEADS
from engine.queue.queued_leads import QueuedLeads

__all__ = ["WorkQueue"]

_log = logging.getLogger(__name__)


class WorkQueue:
    """At-least-once messages on Redis, for work that is stored in MongoDB already."""

    def __init__(self, broker: dramatiq.Broker, *, leads_at_a_time: int) -> None:
        self._broker = broker
        self._leads_at_a_time = leads_at_a_time
        self._queued = QueuedLeads()
        self._enqueueing = asyncio.Lock()  # `QueuedLeads` must see messages in the order of the queue

    async def enqueue_leads(self, lead_ids: Iterable[str]) -> None:
        """Enqueue leads whose new events are stored. Raises `Unavailable` when Redis does not answer.

        A lead for which a message of this process is still queued is not enqueued again.
        """
        async with self._enqueueing:
            queued = self._queued.prune(await self._oldest_message(LEADS) if self._queued else None)
            ids = [lead_id for lead_id in lead_ids if lead_id not in queued]
            size = self._leads_at_a_time
            batches = [ids[start : start + size] for start in range(0, len(ids), size)]
            for message_id, batch in zip(await self._send(LEADS, batches), batches, strict=True):
                self._queued.added(message_id, batch)

    async def enqueue_due(self, kind: str) -> None:
        """Wake a work loop for units of a kind that are due. Raises `Unavailable` when Redis does not answer."""
        await self._send(DUE_WORK, [[kind]])

    async def try_enqueue_leads(self, lead_ids: Sequence[str]) -> bool:
        """Enqueue leads if Redis answers. Otherwise the reconciler finds them, and False is returned."""
        return await _tried(self.enqueue_leads(lead_ids), f"Leads {lead_ids} wait for the reconciler")

    async def try_enqueue_due(self, kind: str) -> bool:
        """Wake a work loop if Redis answers. Otherwise the loops find the units by polling, and False is returned."""
        return await _tried(self.enqueue_due(kind), f"Due work of kind {kind} waits to be found by polling")

    async def waiting_messages(self, queue: str) -> int:
        """How many messages of a queue no worker has fetched. Raises `Unavailable` when Redis does not answer.

        Fetched ones do not count: one whose worker has died would count for ever.
        """
        return int(await self._ask(self._client.llen, self._key(queue)))

    async def answers(self) -> bool:
        """Whether Redis answers a ping."""
        try:
            return bool(await asyncio.to_thread(self._client.ping))
        except (RedisError, OSError):
            return False

    async def _oldest_message(self, queue: str) -> str | None:
        """The id of the message that the next worker will fetch."""
        found = await self._ask(self._client.lindex, self._key(queue), 0)
        return found.decode() if found else None

    async def _ask(self, command: Callable[..., Any], *args: object) -> Any:
        try:
            return await asyncio.to_thread(command, *args)
        except (RedisError, OSError) as error:
            raise Unavailable(f"Redis does not answer: {error}") from error

    def _key(self, queue: str) -> str:
        return f"{self._broker.namespace}:{queue}"  # type: ignore[attr-defined]

    @property
    def _client(self) -> Any:
        return self._broker.client  # type: ignore[attr-defined]

    async def _send(self, actor: str, batches: Sequence[list[str]]) -> list[str]:
        """Send one message per batch. Returns their ids in the queue."""
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


async def _tried(enqueueing: Coroutine[Any, Any, None], otherwise: str) -> bool:
    try:
        await enqueueing
    except Unavailable as error:
        _log.warning("%s: %s", otherwise, error)
        return False
    return True
