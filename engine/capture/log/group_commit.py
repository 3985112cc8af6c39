"""Group commit: what waits in the queue is written batch by batch, so that many calls share one commit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from pymongo.errors import PyMongoError

from domain.errors import Unavailable
from engine.capture.codec import DATA_FAULTS, cannot_be_stored
from engine.capture.deduplication import Appended
from engine.capture.log.admission import Admission, Request
from engine.capture.log.positions import Positions

__all__ = ["GroupCommit"]

_log = logging.getLogger(__name__)

_MIN_REQUESTS = 24
"""Requests that are written together even if they are more than half of the open calls."""


class GroupCommit:
    """The one writer of a process. Takes batches from the queue, stores them, and answers their calls.

    `stored` is called whenever events have been stored.
    """

    def __init__(
        self,
        admission: Admission,
        positions: Positions,
        *,
        batch_events: int,
        linger_seconds: float,
        stored: Callable[[], None],
    ) -> None:
        self._admission = admission
        self._positions = positions
        self._batch_events = batch_events
        self._linger_seconds = linger_seconds
        self._stored = stored
        self._unanswered: list[tuple[Sequence[Request], list[Appended]]] = []

    async def run(self) -> None:
        """Write for ever."""
        while True:
            await self._admission.arrived(self._linger_seconds)
            if self._positions.takes_turns:
                self._answer_all()
                await self._positions.take_turn()
                max_requests = (
                    self._admission.open_calls
                )  # while MongoDB stores these, it is another process's turn
            else:
                # Half of the open calls: the event loop takes in what one half sends while MongoDB stores the other.
                max_requests = self._admission.open_calls // 2
            max_requests = max(max_requests, _MIN_REQUESTS)
            await self._commit(self._admission.take(self._batch_events, max_requests))

    async def _commit(self, batch: Sequence[Request]) -> None:
        """Write the batch; if its data is at fault, bisect it until the bad request stands alone."""
        events = [event for request in batch for event in request.events]
        asyncio.get_running_loop().call_soon(self._answer_all)  # while MongoDB is busy with these
        try:
            alone = all(len(request.events) == 1 for request in batch)
            results = await self._positions.store(events, alone=alone)
        except DATA_FAULTS as error:
            await self._bisect(batch, error)
        except PyMongoError as error:
            _log.warning("Append of %d events failed: %s", len(events), error)
            _fail(batch, _repeatable())
        except Exception:  # noqa: BLE001 - whatever it is, it must not end the writer that all later calls wait for
            _log.exception("Append of %d events failed.", len(events))
            _fail(batch, _repeatable())
        else:
            self._stored()
            self._answer(batch, results)

    async def _bisect(self, batch: Sequence[Request], error: Exception) -> None:
        if len(batch) == 1:
            _fail(batch, cannot_be_stored(error))
            return
        middle = len(batch) // 2
        await self._commit(batch[:middle])
        await self._commit(batch[middle:])

    def _answer(self, batch: Sequence[Request], results: list[Appended]) -> None:
        """Answer the calls: at once, or when the next batch is on its way if there is one.

        What callers do then, and the requests that they send next, keep this event loop busy. It had better be busy
        while MongoDB inserts the next batch than before.
        """
        self._unanswered.append((batch, results))
        if self._admission.is_empty:
            self._answer_all()

    def _answer_all(self) -> None:
        unanswered, self._unanswered = self._unanswered, []
        for batch, results in unanswered:
            start = 0
            for events, done in batch:
                if not done.done():
                    done.set_result(results[start : start + len(events)])
                start += len(events)


def _fail(batch: Sequence[Request], error: Exception) -> None:
    for request in batch:
        if not request.done.done():
            request.done.set_exception(error)


def _repeatable() -> Unavailable:
    return Unavailable("The store is not available; repeat the request with the same event ids.")
