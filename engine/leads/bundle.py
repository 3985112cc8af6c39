"""The bundle of folded leads: their states, history rows, fold checkpoints, per-lead locks and notifications."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import redis.asyncio

from engine.leads.checkpoint_store import CheckpointStore
from engine.leads.history_store import HistoryStore
from engine.leads.lead_locks import LeadLocks
from engine.leads.lead_store import LeadStore
from engine.leads.slice_store import SliceStore
from engine.notifications.applied import AppliedNotifications
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
    history: HistoryStore
    checkpoints: CheckpointStore
    slices: SliceStore
    locks: LeadLocks
    notifications: AppliedNotifications
    long_folds: asyncio.Semaphore


@contextlib.asynccontextmanager
async def open_leads(database: Database, redis: redis.asyncio.Redis) -> AsyncIterator[Leads]:
    """Wire the stores of leads."""
    notifications = AppliedNotifications(redis, database.name)
    try:
        yield Leads(
            LeadStore(database),
            HistoryStore(database),
            CheckpointStore(database),
            SliceStore(database),
            LeadLocks(),
            notifications,
            asyncio.Semaphore(_LONG_FOLDS),
        )
    finally:
        await notifications.close()
