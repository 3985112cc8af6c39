"""Senders as they should be: they repeat what failed with the same event ids until it is acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.faults.harness.clients import open_client
from tests.faults.harness.ledger import Ledger

__all__ = ["POINTS", "Sender", "drawn_events", "send_all", "writing"]

POINTS = {"page_view": 1, "email_open": 3, "download": 10, "signup": 20, "demo_request": 30}
"""What the rulebook `classic` gives."""

TOO_BUSY = {429, 503}
MAX_TRIES = 2000
_runs = itertools.count(1)

Event = dict[str, Any]


def drawn_events(
    seed: int, *, leads: int, repeats: float = 0.1, wrong_by: Sequence[timedelta] = ()
) -> Iterator[Event]:
    """Events of random types for random leads without an end, a share of them sent a second time a bit later.

    Every fourth has a personal field, which is sealed with a key of its lead.

    If senders have clocks that are wrong, `wrong_by` says by how much; else the engine tells the time.
    """
    chance, run = random.Random(seed), next(_runs)
    again: list[Event] = []
    for number in itertools.count():
        event: Event = {
            "eventId": f"run-{run}-event-{number}",
            "leadId": f"run-{run}-lead-{chance.randrange(leads)}",
            "type": chance.choice(list(POINTS)),
        }
        if number % 4 == 0:
            event["properties"] = {
                "email": f"{event['leadId']}@example.com"
            }  # so that keys are made meanwhile
        if wrong_by:
            event["occurredAt"] = (datetime.now(UTC) + chance.choice(wrong_by)).isoformat()
        yield event
        if chance.random() < repeats:
            again.append(event)
        if again and chance.random() < repeats:
            yield again.pop(0)


class Sender:
    """One connection that sends until it is cancelled."""

    def __init__(self, clients: Sequence[httpx.AsyncClient], ledger: Ledger) -> None:
        self._clients = itertools.cycle(clients)
        self._ledger = ledger

    async def send(self, events: list[Event]) -> None:
        """Send events in one request until they are acknowledged. Raises on any answer that is no reason to wait."""
        for event in events:
            if "eventId" in event:
                self._ledger.sent.setdefault(event["eventId"], event)
        for client in itertools.islice(self._clients, MAX_TRIES):
            try:
                answer = await client.post("/api/events", json=events if len(events) > 1 else events[0])
            except httpx.TransportError as error:
                self._ledger.refusals[type(error).__name__] += 1
                await asyncio.sleep(0.1)
                continue
            if answer.status_code == httpx.codes.ACCEPTED:
                self._ledger.note(answer.json()["results"])
                return
            assert answer.status_code in TOO_BUSY, answer.text
            self._ledger.refusals[answer.status_code] += 1
            await asyncio.sleep(float(answer.headers["Retry-After"]))
        raise AssertionError(f"{events[0]} was never taken")


async def send_all(
    urls: Iterable[str], ledger: Ledger, events: Iterable[Event], *, writers: int = 8, at_once: int = 1
) -> None:
    """Send all events, so many in a request, over so many connections."""
    requests = _batches(events, at_once)
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(open_client(url)) for url in urls]

        async def work(number: int) -> None:
            sender = Sender(clients[number % len(clients) :] + clients[: number % len(clients)], ledger)
            for batch in requests:
                await sender.send(batch)

        await asyncio.gather(*(work(number) for number in range(writers)))


@contextlib.asynccontextmanager
async def writing(
    url: str,
    ledger: Ledger,
    *,
    seed: int,
    writers: int = 8,
    leads: int = 50,
    at_once: int = 1,
    pause: float = 0,
    wrong_by: Sequence[timedelta] = (),
) -> AsyncIterator[None]:
    """Write without a break while the context is open; at its end everything sent has been acknowledged."""
    stopped = False

    def until_stopped() -> Iterator[Event]:
        for event in drawn_events(seed, leads=leads, wrong_by=wrong_by):
            if stopped:
                return
            yield event

    requests = _batches(until_stopped(), at_once)
    async with open_client(url, connections=writers) as client:

        async def work() -> None:
            sender = Sender([client], ledger)
            for batch in requests:
                await sender.send(batch)
                await asyncio.sleep(pause)

        working = asyncio.gather(*(work() for _ in range(writers)))
        try:
            yield
            stopped = True
            await working
        finally:
            working.cancel()


def _batches(events: Iterable[Event], size: int) -> Iterator[list[Event]]:
    waiting = iter(events)
    while batch := list(itertools.islice(waiting, size)):
        yield batch
