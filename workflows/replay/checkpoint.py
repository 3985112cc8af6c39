"""Checkpoints of a rebuild, one per share of the leads, from which it continues after it was stopped."""

from __future__ import annotations

import time
from typing import Protocol

from domain.leads.share import ALL_LEADS, Share
from domain.rulebooks.compiled import CompiledRulebook
from engine.runtime import Runtime
from workflows.replay.report import ReplayReport

__all__ = ["Mark", "ReplayCheckpoint", "forget_checkpoints"]

_SECONDS = 1.0
"""Work that a stopped rebuild does again at most. To make a checkpoint durable takes milliseconds."""


class Mark(Protocol):
    """Where a replay of many leads begins, and what is called as it goes on."""

    async def last_lead(self) -> str:
        """The last lead that is finished, empty if the replay begins."""

    async def passed(self, lead_id: str, report: ReplayReport) -> None:
        """All leads of the share up to this one are finished, with this report since the replay began. May raise."""


class ReplayCheckpoint:
    """The last lead that a rebuild has finished in its share, in the order of ids."""

    def __init__(self, runtime: Runtime, rulebook: CompiledRulebook, share: Share) -> None:
        self._name = _name(rulebook) if share == ALL_LEADS else f"{_name(rulebook)}:{share}"
        self._checkpoints = runtime.store.checkpoints
        self._due = 0.0

    async def last_lead(self) -> str:
        """The lead, empty if the rebuild begins."""
        return await self._checkpoints.last_lead(self._name)

    async def passed(self, lead_id: str, report: ReplayReport) -> None:  # noqa: ARG002
        """All leads of the share up to this one are finished; it is stored unless it was a moment ago."""
        if time.monotonic() >= self._due:
            await self._checkpoints.advance_lead(self._name, lead_id)
            self._due = time.monotonic() + _SECONDS


async def forget_checkpoints(runtime: Runtime, rulebook: CompiledRulebook) -> None:
    """Note that a rebuild under this rulebook is complete, in however many shares: the next one starts over."""
    await runtime.store.checkpoints.clear(_name(rulebook))


def _name(rulebook: CompiledRulebook) -> str:
    return f"replay:{rulebook.label}"
