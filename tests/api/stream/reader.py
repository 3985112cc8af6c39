"""A client of the stream that reads frames as browsers do."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

__all__ = ["Frame", "Reader", "reading"]


@dataclass(frozen=True)
class Frame:
    """One event of the stream."""

    event: str
    data: Any
    id: str | None


class Reader:
    """Reads the frames of one connection."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self, seconds: float = 10) -> Frame:
        """The next frame. Raises `StopAsyncIteration` at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(seconds):
            while line := await anext(self._lines):
                name, _, value = line.partition(": ")
                fields[name] = value
        return Frame(fields["event"], json.loads(fields["data"]), fields.get("id"))

    async def until(self, event: str, seconds: float = 10) -> Frame:
        """The next frame of this kind."""
        async with asyncio.timeout(seconds):
            while True:
                frame = await self.next(seconds)
                if frame.event == event:
                    return frame

    async def leads_until(
        self, lead_id: str, position: int, seconds: float = 10
    ) -> tuple[dict[str, int], str]:
        """All leads that are named until this one is with this position, and the id of the last frame."""
        found: dict[str, int] = {}
        async with asyncio.timeout(seconds):
            while True:
                frame = await self.until("leads", seconds)
                found |= frame.data
                if frame.data.get(lead_id, 0) >= position:
                    return found, frame.id or ""


@contextlib.asynccontextmanager
async def reading(
    http: httpx.AsyncClient, *, after: str | None = None, **headers: str
) -> AsyncIterator[Reader]:
    """An open stream."""
    query = {} if after is None else {"after": after}
    async with http.stream("GET", "/api/stream", params=query, headers=headers) as answer:
        yield Reader(answer)
