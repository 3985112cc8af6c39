"""Dispatching by groups of partitions, which the dispatchers that run share."""

from __future__ import annotations

from engine.runtime import Runtime
from engine.store.shared_work import SharedWork
from workflows.dispatch.dispatch import dispatch_for_ever

__all__ = ["dispatch_with_others", "groups_of"]

_LEASE = "dispatcher"
_MAX_GROUPS = 16
"""Each has a lease to renew and a loop of its own."""


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


def groups_of(partitions: int) -> list[range]:
    """The partitions in up to 16 groups of as many each."""
    size = max(partitions // _MAX_GROUPS, 1)
    return [range(first, first + size) for first in range(0, partitions, size)]
