"""The owner of a lead on its tasks, written in the transaction that changes the lead, and settled after its commit (ADR 92)."""

from __future__ import annotations

from collections.abc import Collection

from domain.leads.state import LeadState
from engine.identity.stream_store import Membership
from engine.runtime import Runtime
from engine.store.mongo import Session

__all__ = ["changed_owners", "settle_owners", "write_owner"]


def changed_owners(
    before: LeadState | None, after: LeadState, membership: Membership
) -> dict[str, str | None]:
    """The new owner of each stream of a lead that has got another one; empty for nearly every change."""
    if (before.owner_id if before else None) == after.owner_id:
        return {}
    return dict.fromkeys(membership.streams.get(after.lead_id, (after.lead_id,)), after.owner_id)


async def write_owner(runtime: Runtime, after: LeadState, session: Session) -> None:
    """Write the owner of a lead that is folded again on the tasks of all its streams, unless nothing can have changed.

    Call it before the lead is written.
    """
    if not await runtime.leads.states.keeps_owner(after.lead_id, after.owner_id, session):
        streams = await runtime.identity.streams.of_lead(after.lead_id, session)
        await runtime.automations.task_owners.write(dict.fromkeys(streams, after.owner_id), session)


async def settle_owners(runtime: Runtime, lead_ids: Collection[str]) -> None:
    """Write the present owners on the tasks of all streams of these leads."""
    membership = await runtime.identity.streams.membership(lead_ids)
    streams = {one for lead_id in lead_ids for one in membership.streams.get(lead_id, (lead_id,))}
    await runtime.automations.task_owners.settle(streams)
