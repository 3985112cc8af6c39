"""The look-up of leads by identifiers, which creates nothing."""

from __future__ import annotations

from domain.identity.identifier import Identifier
from engine.runtime import Runtime

__all__ = ["find"]


async def find(runtime: Runtime, identifier: Identifier) -> str | None:
    """The id of the lead that the identifier belongs to; None if it belongs to none."""
    owner = (await runtime.identity.identities.owners([identifier])).get(identifier)
    return None if owner is None else await runtime.identity.streams.lead_of(owner.lead_id)
