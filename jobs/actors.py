"""The Dramatiq actors: each takes a message, calls one workflow, and decides nothing but whether to retry."""

from __future__ import annotations

import dramatiq

from engine.queue.broker import DELIVERIES, EXECUTIONS, LEADS
from jobs.worker_runtime import WorkerRuntime
from workflows.automations.run_execution import run_execution
from workflows.leads.isolate_poison import isolate_poison_leads

__all__ = ["declare_actors"]

_AFTER_SCORES = 10
"""Dramatiq takes small numbers first: leads are scored before automations run."""


def declare_actors(broker: dramatiq.Broker, worker: WorkerRuntime) -> None:
    """Tell the broker what to do with each kind of message."""

    @dramatiq.actor(actor_name=LEADS, queue_name=LEADS, broker=broker)
    async def leads(lead_ids: list[str]) -> None:
        await isolate_poison_leads(worker.runtime, lead_ids)

    @dramatiq.actor(actor_name=EXECUTIONS, queue_name=EXECUTIONS, broker=broker, priority=_AFTER_SCORES)
    async def executions(identities: list[str]) -> None:
        for identity in identities:
            await run_execution(worker.runtime, identity)

    @dramatiq.actor(actor_name=DELIVERIES, queue_name=DELIVERIES, broker=broker)
    async def deliveries(_: list[str]) -> None:
        worker.courier.ring()
