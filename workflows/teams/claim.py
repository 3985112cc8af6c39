"""Claims of leads, announced to the live streams: others see at once who works on a lead."""

from __future__ import annotations

from engine.runtime import Runtime
from engine.teams.claim_store import Claim

__all__ = ["claim_lead", "release_lead"]


async def claim_lead(runtime: Runtime, person_id: str, lead_id: str) -> Claim:
    """The claim, for ten minutes. Raises `Conflict` while another person has the lead."""
    claim = await runtime.teams.claims.take(lead_id, person_id, runtime.now())
    await runtime.leads.announce([lead_id])
    return claim


async def release_lead(runtime: Runtime, person_id: str, lead_id: str) -> None:
    """End the person's claim. Raises `NotFound` if there is none, as when it has run out: others may still see that one."""
    try:
        await runtime.teams.claims.release(lead_id, person_id)
    finally:
        await runtime.leads.announce([lead_id])
