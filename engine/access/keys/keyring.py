"""An in-memory cache of all API keys, so that authentication does not wait for MongoDB.

All keys are re-read every two seconds: a revoked key, or a secret that has expired, is refused within two seconds and
the time of a read, in every process. An unknown key triggers a read at once, so that a new one works immediately; ten
reads per second at most, however many wrong keys are tried.

Credentials that were accepted are cached as they were sent until the next read, because parsing and hashing cost a
request more than the rest of authentication. The look-up leaks no timing about how much of a wrong credential is right:
bytes are found by a hash with a random key per process (SipHash), and compared only when the hashes are equal.
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
from engine.access.keys.token import Token, matching_secret
from engine.access.principal import Principal
from engine.process.periodic import every
from engine.process.tasks import cancel_and_wait

__all__ = ["Keyring"]

_REFRESH_SECONDS = 2.0
_FAILURE = "Cannot read the API keys; those in memory stay in use"
_MIN_INTERVAL_SECONDS = 0.1
"""Between two reads that unknown keys trigger."""
_MAX_CACHED = 10_000
_MAX_CACHED_BYTES = 256
"""Size of a credential that is cached; blanks can make one as long as a head may be."""
_STORE_USES_EVERY: Millis = MINUTE
"""Shortest interval at which one process stores the last use of a key."""


class _Cached(NamedTuple):
    principal: Principal
    expires_at: Millis | None


class Keyring:
    """Authenticates credentials by the keys in memory, and records the uses of keys."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._keys: dict[str, ApiKey] = {}
        self._origins: frozenset[str] = frozenset()
        self._cached: dict[bytes, _Cached] = {}
        self._reading = asyncio.Lock()
        self._read_at = 0.0
        self._next_read: asyncio.Task[None] | None = None
        self._used: dict[str, Millis] = {}
        self._stored: dict[str, Millis] = {}

    def cached(self, credential: bytes, at: Millis) -> Principal | None:
        """The key of a credential that was accepted since the last read of all keys."""
        found = self._cached.get(credential)
        if found is None or (found.expires_at is not None and at >= found.expires_at):
            return None
        return found.principal

    def authenticate(self, credential: bytes, token: Token, at: Millis) -> Principal | None:
        """The key of the token, if it is in memory; then the credential is cached."""
        key = self._keys.get(token.key_id)
        secret = matching_secret(key, token, at)
        if key is None or secret is None:
            return None
        principal = key.principal
        if len(credential) <= _MAX_CACHED_BYTES:
            if len(self._cached) >= _MAX_CACHED:
                self._cached.clear()
            self._cached[credential] = _Cached(principal, secret.expires_at)
        return principal

    async def refresh_and_authenticate(self, credential: bytes, token: Token, at: Millis) -> Principal | None:
        """The key of the token, after a read of all keys. Raises what PyMongo raises when MongoDB does not answer."""
        await self._read_again()
        return self.authenticate(credential, token, at)

    def is_active(self, key_id: str) -> bool:
        """Whether the key was not revoked when all keys were last read."""
        return key_id in self._keys

    def allows_origin(self, origin: str) -> bool:
        """Whether any key can be used by web pages of this origin."""
        return origin in self._origins

    def record_use(self, key_id: str, at: Millis) -> None:
        """Record that the key was used; it is stored within about a minute."""
        self._used[key_id] = at

    async def refresh(self) -> None:
        """Read all keys."""
        async with self._reading:  # one at a time, so that an older read never overwrites a newer one
            self._read_at = asyncio.get_running_loop().time()
            keys = await self._store.active()
            self._keys = {key.key_id: key for key in keys}
            self._cached.clear()
            self._origins = frozenset(origin for key in keys for origin in key.origins)

    async def store_uses(self, *, every: Millis = _STORE_USES_EVERY) -> None:
        """Store the last uses that are at least `every` milliseconds later than what was stored before."""
        due = {one: at for one, at in self._used.items() if at - self._stored.get(one, -every) >= every}
        await self._store.record_uses(due)
        self._stored |= due

    @contextlib.asynccontextmanager
    async def kept_current(self) -> AsyncIterator[None]:
        """Read the keys now and every two seconds while the context is open; store their last uses at its end."""
        await self.refresh()
        try:
            async with every(self._refresh_and_store, _REFRESH_SECONDS, _FAILURE):
                yield
        finally:
            with contextlib.suppress(PyMongoError):
                if self._next_read is not None:
                    await cancel_and_wait(self._next_read)
                await self.store_uses(every=1)

    async def _refresh_and_store(self) -> None:
        await self.refresh()
        await self.store_uses()

    async def _read_again(self) -> None:
        """Return after a read that began after this call. Concurrent callers share one."""
        if self._next_read is None:
            self._next_read = asyncio.create_task(self._read_soon(), name="keyring")
            self._next_read.add_done_callback(_retrieve_exception)
        await asyncio.shield(self._next_read)

    async def _read_soon(self) -> None:
        try:
            due = self._read_at + _MIN_INTERVAL_SECONDS
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        finally:
            self._next_read = None  # later callers need a later read
        await self.refresh()


def _retrieve_exception(read: asyncio.Task[None]) -> None:
    """Mark the exception as retrieved: callers that still wait get it, and without any it does not matter."""
    if not read.cancelled():
        read.exception()
