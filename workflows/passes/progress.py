"""The progress of an attempt at a share: mark and report are stored together, so that a lead counts once."""

from __future__ import annotations

import time

from engine.passes.report import PassReport
from engine.passes.share_store import PassShare, PassShareStore
from workflows.passes.pace import Pace

__all__ = ["ShareLost", "ShareProgress", "SliceOver"]

_SAVE_SECONDS = 1.0
"""Work that is done again at most after a worker was killed, and the longest time until a stop is noticed."""


class SliceOver(Exception):
    """The attempt has had its time: the share goes on at its mark once others have had a turn."""


class ShareLost(Exception):
    """The pass was stopped, or the lease has ended and another worker has the share."""


class ShareProgress:
    """The marks of one attempt, which lasts `seconds`."""

    def __init__(self, shares: PassShareStore, unit: PassShare, pace: Pace, seconds: float) -> None:
        self._shares, self._unit, self._pace = shares, unit, pace
        self.report = unit.report
        self._after = unit.after
        self._begun = self._saved_at = time.monotonic()
        self._seconds = seconds

    def note(self, lead_id: str, found: PassReport) -> None:
        """All leads of the share up to this one are finished; `found` is the report of this attempt so far."""
        self._after = lead_id
        self.report = PassReport.sum_of([self._unit.report, found])

    async def passed(self) -> None:
        """A batch is done. Raises `SliceOver` when the time is up, and `ShareLost`."""
        now = time.monotonic()
        if now - self._begun >= self._seconds:
            raise SliceOver
        if now - self._saved_at >= _SAVE_SECONDS:
            await self.save()
        await self._pace.batch_done()

    async def save(self) -> None:
        """Store mark and report. Raises `ShareLost`."""
        if not await self._shares.save(self._unit, self._after, self.report):
            raise ShareLost
        self._saved_at = time.monotonic()
