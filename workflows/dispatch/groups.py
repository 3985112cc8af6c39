"""Dispatching by groups of partitions, which the dispatchers that run share."""

from __future__ import annotations

from domain.events.partition import dispatcher_leases, groups_of
from engine.runtime import Runtime
from engine.store.shared_work import SharedWork
from workflows.dispatch.dispatch import dispatch_for_ever

__all__ = ["count_groups_without_dispatcher", "dispatch_with_others"]

_LEASE = "dispatcher"


async def dispatch_with_others(runtime: Runtime) -> None:
    """Dispatch a share of the groups, for ever; of a log of one partition all of it, or nothing while another process does."""
    partitions = runtime.capture.log.partitions
    if partitions == 1:
        await runtime.store.leases.run_alone(_LEASE, lambda: dispatch_for_ever(runtime))
        return
    groups = groups_of(partitions)
    shared = SharedWork(
        runtime.store.leases, _LEASE, len(groups), lambda part: dispatch_for_ever(runtime, groups[part])
    )
    await shared.run()


async def count_groups_without_dispatcher(runtime: Runtime) -> int:
    """How many groups no process dispatches now; of a log of one partition 1 if it stands still. Raises what the store raises."""
    names = dispatcher_leases(runtime.capture.log.partitions)
    return len(names) - await runtime.store.leases.count_held(names)
