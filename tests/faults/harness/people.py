"""Senders who know people by identifiers, and people who say which leads are one and which are not, all at once."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx

from tests.faults.harness.clients import open_client
from tests.faults.harness.ledger import Ledger
from tests.faults.harness.load import MAX_TRIES, POINTS, TOO_BUSY, Sender

__all__ = ["People", "identifying"]

_runs = itertools.count(1)
_DEVICES, _USERS = 24, 8


class People:
    """One run of many writers. `streams` are the lead ids that they were answered, `done` counts what they did."""

    def __init__(
        self, client: httpx.AsyncClient, ledger: Ledger, seed: int, wrong_by: Sequence[timedelta]
    ) -> None:
        self.streams: set[str] = set()
        self.done: Counter[str] = Counter()
        self.stopped = False
        self._client = client
        self._sender = Sender([client], ledger)
        self._ledger = ledger
        self._chance = random.Random(seed)
        self._wrong_by = wrong_by
        self._run, self._names = next(_runs), itertools.count()

    async def write(self, pause: float) -> None:
        """Do one thing after the other until it is stopped."""
        acts = (self._identify, self._alias, self._merge, self._unmerge)
        while not self.stopped:
            (act,) = self._chance.choices(acts, (8, 1, 2, 2))
            await act()
            self.done[act.__name__.removeprefix("_")] += 1
            await asyncio.sleep(pause)

    async def _identify(self) -> None:
        """Events that have some of the identifiers of a person, perhaps twice."""
        said = {"anonymousId": self._device(), "userId": self._user(), "email": f"{self._user()}@example.com"}
        kinds = self._chance.sample(sorted(said), self._chance.choice((1, 1, 1, 2, 3)))
        events = [
            self._event(**{kind: said[kind] for kind in kinds}) for _ in range(self._chance.choice((1, 1, 3)))
        ]
        for _ in range(self._chance.choice((1, 1, 1, 2))):
            await self._send(events)

    async def _alias(self) -> None:
        """The device of somebody who has just logged in."""
        await self._send([self._event(anonymousId=self._device(), userId=self._user())])

    async def _merge(self) -> None:
        if len(self.streams) > 1:
            part, whole = self._chance.sample(sorted(self.streams), 2)
            await self._say(f"/api/leads/{part}/merge", {"into": whole, "why": "one person"})

    async def _unmerge(self) -> None:
        """Undo a merge, if there is one."""
        if self.streams:
            one = self._chance.choice(sorted(self.streams))
            await self._say(f"/api/leads/{one}/unmerge", {"why": "two people"}, HTTPStatus.CONFLICT)

    def _device(self) -> str:
        return f"run-{self._run}-device-{self._chance.randrange(_DEVICES)}"

    def _user(self) -> str:
        return f"run-{self._run}-user-{self._chance.randrange(_USERS)}"

    def _event(self, **identifiers: str) -> dict[str, Any]:
        wrong_by = self._chance.choice(self._wrong_by)
        return {
            "eventId": f"people-{self._run}-event-{next(self._names)}",
            "type": self._chance.choice(list(POINTS)),
            "identifiers": identifiers,
            "occurredAt": (datetime.now(UTC) + wrong_by).isoformat(),
        }

    async def _send(self, events: list[dict[str, Any]]) -> None:
        await self._sender.send(events)
        self.streams |= {self._ledger.streams[event["eventId"]] for event in events}

    async def _say(self, path: str, body: dict[str, str], *also: int) -> None:
        """Repeat a call until it is answered. Raises on any answer that is no reason to wait."""
        for _ in range(MAX_TRIES):
            try:
                answer = await self._client.post(path, json=body)
            except httpx.TransportError as error:
                self._ledger.refusals[type(error).__name__] += 1
                await asyncio.sleep(0.1)
                continue
            if answer.status_code in (HTTPStatus.OK, *also):
                return
            assert answer.status_code in TOO_BUSY, f"{path}: {answer.text}"
            self._ledger.refusals[answer.status_code] += 1
            await asyncio.sleep(float(answer.headers["Retry-After"]))
        raise AssertionError(f"{path} was never done")


@contextlib.asynccontextmanager
async def identifying(
    url: str,
    ledger: Ledger,
    *,
    seed: int,
    writers: int = 16,
    pause: float = 0,
    wrong_by: Sequence[timedelta] = (timedelta(),),
) -> AsyncIterator[People]:
    """Identify, alias, merge and un-merge at random while the context is open; at its end everything was answered."""
    async with open_client(url, connections=writers) as client:
        people = People(client, ledger, seed, wrong_by)
        working = asyncio.gather(*(people.write(pause) for _ in range(writers)))
        try:
            yield people
            people.stopped = True
            await working
        finally:
            working.cancel()
