"""Resolution of the identifiers of events to leads, before the events are appended. New people get a random lead id.

Identifiers are claimed by inserts of single documents, the strongest of each event first: whichever process inserts the
strongest one names the lead, and all others find it (ADR 61).
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence

from msgspec import Struct
from pymongo.errors import PyMongoError

from domain.errors import Unavailable
from domain.identity.identifier import Identifier, strongest_first
from domain.identity.resolution import lead_of
from engine.identity.identity_store import Claim, Owner
from engine.runtime import Runtime

__all__ = ["Identified", "resolve"]

_TRIES, _PAUSE_SECONDS = 100, 0.01
"""Attempts while other writers claim the same identifiers, and the pause until a majority has what they wrote."""


class Identified(Struct, frozen=True):
    """The identifiers of one event, and the lead that its sender names, if any."""

    identifiers: tuple[Identifier, ...]
    lead_id: str | None = None


async def resolve(runtime: Runtime, wanted: Sequence[Identified]) -> list[str]:
    """The lead of each of them, as if they came one after the other; every identifier belongs to a lead afterwards.

    A lead that is named is the answer, and gets those identifiers that no lead has. Else it is the lead of the strongest
    known identifier, which gets the others; a new lead if none is known. An identifier never moves to another lead.
    Raises `Unavailable`: then repeating the call is safe.
    """
    sorted_ = [Identified(strongest_first(one.identifiers), one.lead_id) for one in wanted]
    asked = {identifier for one in sorted_ for identifier in one.identifiers}
    identities = runtime.identity.identities
    try:
        for _ in range(_TRIES):
            known = await identities.owners(asked)
            leads, claims = _decide(sorted_, known)
            if not claims or await identities.claim(claims, runtime.now()):
                return leads
            await asyncio.sleep(_PAUSE_SECONDS)
    except PyMongoError as error:
        raise Unavailable("The store is not available; nothing of this request was taken.") from error
    raise Unavailable("Too many writers claim these identifiers at once; repeat the request.")


def _decide(wanted: Sequence[Identified], known: Mapping[Identifier, Owner]) -> tuple[list[str], list[Claim]]:
    """The lead of each, and the identifiers to claim for that, those of each event strongest first."""
    owners = {identifier: owner.lead_id for identifier, owner in known.items()}
    leads: list[str] = []
    claims: list[Claim] = []
    for one in wanted:
        lead_id = one.lead_id or lead_of(one.identifiers, owners) or uuid.uuid4().hex
        owner = Owner(lead_id, named=one.lead_id is not None)
        new = [identifier for identifier in one.identifiers if identifier not in owners]
        owners |= dict.fromkeys(new, lead_id)
        claims += [Claim(identifier, owner) for identifier in new]
        leads.append(lead_id)
    return leads, claims
