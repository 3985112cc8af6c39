"""The Dramatiq actors: each takes a message, calls one workflow, and decides nothing but whether to retry."""

from __future__ import annotations

import dramatiq

from engine.broker import EXECUTIONS, LEADS
from jobs.runtime_of_worker import RuntimeOfWorker
from workflows.process_leads import process_leads
from workflows.run_execution import run_execution

__all__ = ["declare_actors"]


def declare_actors(broker: dramatiq.Broker, worker: RuntimeOfWorker) -> None:
    """Tell the broker what to do with each kind of message."""

    @dramatiq.actor(actor_name=LEADS, queue_name=LEADS, broker=broker)
    async def leads(lead_ids: list[str]) -> None:
        await process_leads(worker.runtime, lead_ids)

    @dramatiq.actor(actor_name=EXECUTIONS, queue_name=EXECUTIONS, broker=broker)
    async def executions(identities: list[str]) -> None:
        for identity in identities:
            await run_execution(worker.runtime, identity)
