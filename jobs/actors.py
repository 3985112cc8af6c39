"""The Dramatiq actors: each takes a message, calls one workflow, and decides nothing but whether to retry."""

from __future__ import annotations

import asyncio

import dramatiq

from engine.broker import DELIVERIES, EXECUTIONS, LEADS
from jobs.runtime_of_worker import RuntimeOfWorker
from workflows.process_leads import process_leads
from workflows.run_execution import run_execution
from workflows.send_deliveries import send_due_deliveries

__all__ = ["declare_actors"]

_AFTER_THE_OTHERS = 10
"""A priority; leads and executions have 0, which comes first."""


def declare_actors(broker: dramatiq.Broker, worker: RuntimeOfWorker) -> None:
    """Tell the broker what to do with each kind of message."""

    @dramatiq.actor(actor_name=LEADS, queue_name=LEADS, broker=broker)
    async def leads(lead_ids: list[str]) -> None:
        await process_leads(worker.runtime, lead_ids)

    @dramatiq.actor(actor_name=EXECUTIONS, queue_name=EXECUTIONS, broker=broker)
    async def executions(identities: list[str]) -> None:
        for identity in identities:
            await run_execution(worker.runtime, identity)

    sending = asyncio.Lock()

    @dramatiq.actor(actor_name=DELIVERIES, queue_name=DELIVERIES, broker=broker, priority=_AFTER_THE_OTHERS)
    async def deliveries(_: list[str]) -> None:
        # Endpoints may be slow, so they get one thread of a process at most; it finds what the others rang for.
        if not sending.locked():
            async with sending:
                await send_due_deliveries(worker.runtime)
