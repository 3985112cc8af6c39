"""The bundle of folded leads: their states, history rows, fold checkpoints, per-lead locks and notifications."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import redis.asyncio

from engine.leads.account_members import AccountMembers
from engine.leads.checkpoint_store import CheckpointStore
from engine.leads.history_store import HistoryStore
from engine.leads.inactive_states import InactiveStates
from engine.leads.lead_audience import LeadAudience
from engine.leads.lead_lists import LeadLists
from engine.leads.lead_locks import LeadLocks
from engine.leads.lead_store import LeadStore
from engine.leads.refold_budget import RefoldBudget
from engine.leads.slice_store import SliceStore
from engine.notifications.applied import AppliedNotifications
from engine.process.delayed_calls import DelayedCalls
from engine.settings import Settings
from engine.store.mongo import Database

__all__ = ["Leads", "open_leads"]


_LONG_FOLDS = 1
"""Folds of long leads at a time; they only compute, so that more of them would end no sooner."""


@dataclass(frozen=True)
class Leads:
    """Stored leads. `locks` keep two messages of one process from folding the same lead at a time.

    `long_folds` bounds how many reads of long leads fold at a time, so that all others are answered meanwhile.
    """

    states: LeadStore
    lists: LeadLists
    audience: LeadAudience
    members: AccountMembers
    history: HistoryStore
    checkpoints: CheckpointStore
    slices: SliceStore
    inactive: InactiveStates
    locks: LeadLocks
    notifications: AppliedNotifications
    long_folds: asyncio.Semaphore
    refolds: RefoldBudget
    delayed: DelayedCalls

    async def announce(self, lead_ids: Iterable[str]) -> None:
        """Name the leads in the live streams, for changes around them that are no events: claims, tasks.

        With the positions that they have applied anyhow; best effort, as all notifications are.
        """
        self.notifications.publish(await self.states.positions(lead_ids))


@contextlib.asynccontextmanager
async def open_leads(
    database: Database, redis: redis.asyncio.Redis, settings: Settings
) -> AsyncIterator[Leads]:
    """Wire the stores of leads."""
    notifications, delayed = AppliedNotifications(redis, database.name), DelayedCalls()
    try:
        yield Leads(
            LeadStore(database),
            LeadLists(database),
            LeadAudience(database),
            AccountMembers(database),
            HistoryStore(database),
            CheckpointStore(database),
            SliceStore(database),
            InactiveStates(),
            LeadLocks(),
            notifications,
            asyncio.Semaphore(_LONG_FOLDS),
            RefoldBudget(settings.refold_events_per_second),
            delayed,
        )
    finally:
        await delayed.close()
        await notifications.close()
