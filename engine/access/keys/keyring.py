"""Every key in the memory of a process, so that no request waits for MongoDB to let it in.

The keys are read anew every two seconds. A revoked key, or an old secret whose time has come, is therefore refused
within two seconds and the time of a read, in every process. A key that is not in memory makes the process look at
once, so a new one works immediately; it looks ten times a second at most, however many wrong keys are tried.

What opened a key is remembered as it was shown until the next read, because to take it apart and to hash it would
cost each request more than all else that is done at the door. Finding it again takes a time that says nothing about
how much of a wrong one is right: bytes are looked up by a hash that is keyed anew in every process (SipHash), and
compared only when the hash is the same.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import NamedTuple

from pymongo.errors import PyMongoError

from domain.instant import MINUTE, Millis
from engine.access.keys.key import ApiKey
from engine.access.keys.key_store import KeyStore
from engine.access.keys.token import Token, opening_secret
from engine.process.periodic import every
from engine.process.tasks import cancel_and_wait

__all__ = ["Keyring"]

_REFRESH_SECONDS = 2.0
_TROUBLE = "Cannot read the API keys; those in memory stay in use"
_PAUSE_SECONDS = 0.1
"""Between two looks that unknown keys ask for."""
_MAX_REMEMBERED = 10_000
_USE_EVERY: Millis = MINUTE
"""How often the last use of a key is written down, at most, by one process."""


class _Remembered(NamedTuple):
    key: ApiKey
    until: Millis | None


class Keyring:
    """Knows which key a token opens, and who was let in last."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._keys: dict[str, ApiKey] = {}
        self._origins: frozenset[str] = frozenset()
        self._remembered: dict[bytes, _Remembered] = {}
        self._looking = asyncio.Lock()
        self._looked_at = 0.0
        self._next_look: asyncio.Task[None] | None = None
        self._used: dict[str, Millis] = {}
        self._written: dict[str, Millis] = {}

    def remembered(self, shown: bytes, at: Millis) -> ApiKey | None:
        """The key that was opened a moment ago by these very bytes."""
        found = self._remembered.get(shown)
        if found is None or (found.until is not None and at >= found.until):
            return None
        return found.key

    def open(self, shown: bytes, token: Token, at: Millis) -> ApiKey | None:
        """The key that the token opens, as far as this process knows; asks nobody, and remembers what was shown."""
        key = self._keys.get(token.key_id)
        secret = opening_secret(key, token, at)
        if key is None or secret is None:
            return None
        if len(self._remembered) >= _MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[shown] = _Remembered(key, secret.expires_at)
        return key

    async def look_and_open(self, shown: bytes, token: Token, at: Millis) -> ApiKey | None:
        """The key that the token opens, after a look at what is stored now.

        Raises what PyMongo raises when MongoDB cannot be asked.
        """
        await self._look_again()
        return self.open(shown, token, at)

    def allows(self, origin: str) -> bool:
        """Whether any key is for web pages of this origin."""
        return origin in self._origins

    def used(self, key: ApiKey, at: Millis) -> None:
        """Remember that the key was used; it is written down within a minute or so."""
        self._used[key.key_id] = at

    async def refresh(self) -> None:
        """Read all keys anew."""
        async with self._looking:  # one at a time, so that an older look never overwrites a newer one
            self._looked_at = asyncio.get_running_loop().time()
            keys = await self._store.in_use()
            self._keys = {key.key_id: key for key in keys}
            self._remembered.clear()
            self._origins = frozenset(origin for key in keys for origin in key.origins)

    async def write_uses(self, *, every: Millis = _USE_EVERY) -> None:
        """Write down the last uses that are `every` milliseconds later than what was written before."""
        due = {one: at for one, at in self._used.items() if at - self._written.get(one, -every) >= every}
        await self._store.note_uses(due)
        self._written |= due

    @contextlib.asynccontextmanager
    async def kept_fresh(self) -> AsyncIterator[None]:
        """Read the keys now and every two seconds while the context is open; write down their uses at its end."""
        await self.refresh()
        try:
            async with every(self._refresh_and_write, _REFRESH_SECONDS, _TROUBLE):
                yield
        finally:
            with contextlib.suppress(PyMongoError):
                if self._next_look is not None:
                    await cancel_and_wait(self._next_look)
                await self.write_uses(every=1)

    async def _refresh_and_write(self) -> None:
        await self.refresh()
        await self.write_uses()

    async def _look_again(self) -> None:
        """Return after a look that began after this call. Many callers share one."""
        if self._next_look is None:
            self._next_look = asyncio.create_task(self._look_soon(), name="keyring look")
            self._next_look.add_done_callback(_seen)
        await asyncio.shield(self._next_look)

    async def _look_soon(self) -> None:
        try:
            due = self._looked_at + _PAUSE_SECONDS
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        finally:
            self._next_look = None  # who asks from now on needs a look of his own
        await self.refresh()


def _seen(look: asyncio.Task[None]) -> None:
    """Those who wait are told what went wrong; if nobody waits any more, nobody need be."""
    if not look.cancelled():
        look.exception()
