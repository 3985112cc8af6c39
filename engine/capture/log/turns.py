"""Advisory turns of appenders in several processes: one token in Redis, which carries the newest positions of the log.

Two processes that append to one partition take the same position, and one of them has to begin again. So appenders that have
met pass a token on, and append in turn. Nothing depends on it: without Redis, or when a process dies with the token, they
meet at the unique index as before, which costs a repetition; and what the token says counts only once it is found stored.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Protocol, cast

import msgspec
from redis.asyncio import Redis

__all__ = ["AppendTurns", "NoTurns", "Turns"]

_log = logging.getLogger(__name__)

_WAIT_SECONDS = 1.0
"""Longest that an appender waits for the token: then its holder has died, or Redis has lost it."""
_ANSWER_SECONDS = 2.0
"""Longest that Redis may take, the wait included."""
_LIFETIME_MS = 3_600_000
"""How long a token lasts that nobody takes."""
_PAUSE_SECONDS = 10.0
"""How long no turn is asked for after Redis has failed."""


_GIVE = """
local generation = ARGV[1]
if generation == '' then
    generation = redis.call('INCR', KEYS[2])
elseif redis.call('GET', KEYS[2]) ~= generation then
    return
end
redis.call('DEL', KEYS[1])
redis.call('RPUSH', KEYS[1], generation .. ':' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
"""
"""Who has no token makes a new one, and what is held of an earlier generation is not passed on any more.

Else two processes that have made one each would both have a turn for ever.
"""


class Turns(Protocol):
    """How appenders take turns."""

    async def take(self) -> dict[int, int] | None:
        """Wait for the turn. What the one before knew of newest positions; None if nobody passes a turn on."""

    async def give(self, newest: Mapping[int, int]) -> None:
        """Pass the turn on."""


class NoTurns:
    """Of an appender without Redis, which only looks."""

    async def take(self) -> dict[int, int] | None:
        """Nobody passes a turn on."""
        return None

    async def give(self, newest: Mapping[int, int]) -> None:
        """To nobody."""


class AppendTurns:
    """The token of one log. Best effort: an appender waits a second at most, and two once if Redis hangs."""

    def __init__(self, redis: Redis, database: str) -> None:
        self._redis = redis
        self._key = f"lead-engine:{database}:append-turn"
        self._generation = b""
        """That of the token which this process has; empty if it has none."""
        self._again_at = 0.0

    async def take(self) -> dict[int, int] | None:
        """The newest position of each partition that the holder before knew; None if there is no token to be had."""
        if time.monotonic() < self._again_at:
            return None
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                taken = await self._redis.blpop([self._key], timeout=_WAIT_SECONDS)
                if taken is None:
                    return None
                self._generation, _, newest = cast("bytes", taken[1]).partition(b":")
                return _decoder.decode(newest)
        except Exception as error:  # noqa: BLE001 - whatever it is, events are appended without turns
            self._pause(error)
            return None

    async def give(self, newest: Mapping[int, int]) -> None:
        """Pass the turn on to the appender that waits longest; one that has none begins to take turns."""
        generation, self._generation = self._generation, b""
        if time.monotonic() < self._again_at:
            return
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                told = generation, msgspec.json.encode(newest), _LIFETIME_MS
                await self._redis.eval(_GIVE, 2, self._key, f"{self._key}:generation", *told)
        except Exception as error:  # noqa: BLE001 - what has been stored is answered whatever becomes of the turn
            self._pause(error)

    def _pause(self, error: Exception) -> None:
        _log.debug("Appenders take no turns for a moment: %s", error)
        self._again_at = time.monotonic() + _PAUSE_SECONDS


_decoder = msgspec.json.Decoder(dict[int, int])
