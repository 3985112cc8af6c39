"""The fold of many events of one lead, during which other tasks of the process get their turns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from domain.events.event import Event
from domain.leads.fold import fold
from domain.leads.state import LeadState
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["fold_in_turns"]

_SLICE = 250
"""Events that are folded before other tasks get their turn: a few milliseconds."""


async def fold_in_turns(state: LeadState, events: Sequence[Event], rulebook: CompiledRulebook) -> LeadState:
    """The lead after the events: what `fold` gives, in any slices."""
    for start in range(0, len(events), _SLICE):
        if start:
            await asyncio.sleep(0)
        state = fold(state, events[start : start + _SLICE], rulebook).state
    return state
