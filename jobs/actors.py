"""The Dramatiq actors: each takes a message, calls one workflow, and decides nothing but whether to retry."""

from __future__ import annotations

import dramatiq

from engine.queue.broker import DUE_WORK, LEADS
from jobs.worker_runtime import WorkerRuntime
from workflows.leads.isolate_poison import isolate_poison_leads

__all__ = ["declare_actors"]


def declare_actors(broker: dramatiq.Broker, worker: WorkerRuntime) -> None:
    """Declare the actor of each queue on the broker."""

    @dramatiq.actor(actor_name=LEADS, queue_name=LEADS, broker=broker)
    async def leads(lead_ids: list[str]) -> None:
        await isolate_poison_leads(worker.runtime, lead_ids)

    @dramatiq.actor(actor_name=DUE_WORK, queue_name=DUE_WORK, broker=broker)
    async def due_work(kinds: list[str]) -> None:
        for kind in kinds:
            worker.runtime.work.wake_ups.wake_here(kind)
