"""Leases in MongoDB, which make one process the only active one of its kind. By the clock of the database."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Collection, Coroutine

from pymongo.errors import PyMongoError

from engine.process.periodic import every
from engine.process.tasks import cancel_and_wait, raise_if_cancelled, within
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, without_codec

__all__ = ["LEASES", "Leases", "Work"]

LEASES = CollectionSpec(
    "leases", Distribution.UNSHARDED, free_of_personal_data="names of hosts and processes"
)

_RELEASE_SECONDS = 2.0

Work = Callable[[], Coroutine[None, None, None]]

_log = logging.getLogger(__name__)


class Leases:
    """Takes, renews and releases leases in the name of one holder."""

    _NOBODY = ""

    def __init__(self, database: Database, holder: str, seconds: float) -> None:
        self._leases = without_codec(LEASES.of(database))
        self._holder = holder
        self._seconds = seconds

    async def take(self, name: str) -> bool:
        """Take the lease or renew it. False while another holder has it."""
        ours = {"$literal": self._holder}
        until = {"$add": ["$$NOW", round(self._seconds * 1000)]}
        free = {
            "$or": [
                {"$eq": [{"$ifNull": ["$holder", self._NOBODY]}, self._NOBODY]},
                {"$eq": ["$holder", ours]},
                {"$lte": ["$expiresAt", "$$NOW"]},
            ]
        }
        lease = await self._leases.find_one_and_update(
            {"_id": name},
            [
                {
                    "$set": {
                        "holder": {"$cond": [free, ours, "$holder"]},
                        "expiresAt": {"$cond": [free, until, "$expiresAt"]},
                    }
                }
            ],
            upsert=True,
            return_document=True,
        )
        return lease is not None and lease["holder"] == self._holder

    async def release(self, name: str) -> None:
        """Give the lease back, if it is ours."""
        await self._leases.delete_one({"_id": name, "holder": self._holder})

    @contextlib.asynccontextmanager
    async def held(self, name: str) -> AsyncIterator[bool]:
        """Hold the lease while the context is open, renewed in the background; False while another holder has it."""
        if not await self.take(name):
            yield False
            return
        async with self._renewed(name):
            yield True

    async def run_alone(self, name: str, work: Work) -> None:
        """Run `work` whenever we hold the lease, for ever. Work is cancelled when the lease is lost."""
        while True:
            if await self.try_to_take(name):
                await self.run_while_held(name, work)
                raise_if_cancelled()
                _log.warning("Lost the lease '%s'; standing by.", name)
            raise_if_cancelled()
            await asyncio.sleep(self.pause)

    @property
    def pause(self) -> float:
        """Seconds between two tries, and between two renewals."""
        return self._seconds / 3

    async def run_while_held(self, name: str, work: Work) -> None:
        """Run `work` under a lease that was just taken, until it ends or the lease is lost; then it is released."""
        async with self._renewed(name) as lost:
            await _until(lost, work)

    async def count_holders(self, of: str) -> int:
        """How many leases whose names begin so are held now. Those that have run out are removed."""
        named = {"_id": {"$gte": of, "$lt": f"{of}\U0010ffff"}}
        await self._leases.delete_many({**named, "$expr": {"$lte": ["$expiresAt", "$$NOW"]}})
        return await self._leases.count_documents(named)

    async def count_held(self, names: Collection[str]) -> int:
        """How many of the leases of these names are held now, by whomever."""
        held = {"_id": {"$in": list(names)}, "$expr": {"$gt": ["$expiresAt", "$$NOW"]}}
        return await self._leases.count_documents(held)

    async def join(self, group: str) -> bool:
        """Take or renew a lease of our own in a group, by which the others count us."""
        return await self.take(f"{group}{self._holder}")

    async def leave(self, group: str) -> None:
        """Release it."""
        await self.release(f"{group}{self._holder}")

    async def try_to_take(self, name: str) -> bool:
        """The same as `take`; False too, with a warning, when MongoDB fails or does not answer."""
        try:
            return await within(self._seconds, self.take(name))
        except (PyMongoError, TimeoutError) as error:
            _log.warning("Lease '%s' cannot be taken: %s", name, str(error) or "no answer")
            return False

    @contextlib.asynccontextmanager
    async def _renewed(self, name: str) -> AsyncIterator[asyncio.Event]:
        """Renew the lease in the background, and release it at the end. The event is set once it is lost."""
        clock, lost = asyncio.get_running_loop(), asyncio.Event()
        valid_until = clock.time() + self._seconds

        async def renew() -> None:
            nonlocal valid_until
            began = clock.time()
            try:
                # Not longer than it is ours: a call that hangs must not hide that the lease is lost.
                if await within(max(valid_until - began, 0), self.take(name)):
                    valid_until = began + self._seconds
            finally:
                if clock.time() >= valid_until:
                    lost.set()

        try:
            async with every(renew, self.pause, f"Lease '{name}' cannot be renewed"):
                yield lost
        finally:
            # A database that has gone cannot be waited for: the lease expires by itself.
            with contextlib.suppress(PyMongoError, TimeoutError):
                await within(_RELEASE_SECONDS, self.release(name))


async def _until(lost: asyncio.Event, work: Work) -> None:
    """Run `work` until it ends or the lease is lost."""
    working, losing = asyncio.create_task(work()), asyncio.create_task(lost.wait())
    try:
        await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        losing.cancel()
        await cancel_and_wait(working)
