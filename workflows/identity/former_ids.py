"""Former ids of a person: an alias says that two ids are of one person, so the leads that have them become one.

An alias is a statement on purpose, so it merges two known leads too, where its sender holds a secret key. Anybody can send
with the key of a web page: there known leads are listed as possible duplicates, and the id is not claimed.
"""

from __future__ import annotations

import asyncio
import logging

from pymongo.errors import PyMongoError

from domain.errors import Conflict, Unavailable
from domain.identity.identifier import ANONYMOUS_ID, USER_ID, Identifier, NotAnIdentifier, normalised
from domain.identity.resolution import PossibleDuplicate
from engine.identity.identity_store import Claim, Owner
from engine.operations.audit_log import ENGINE
from engine.runtime import Runtime
from workflows.identity.merge import merge

__all__ = ["join_former_id"]

_log = logging.getLogger(__name__)

_TRIES, _PAUSE_SECONDS = 100, 0.01
"""Attempts while other writers claim the same id, and the pause until a majority has what they wrote."""


async def join_former_id(runtime: Runtime, lead_id: str, former_id: str, *, trusted: bool) -> None:
    """Merge the leads that have the id, as a user's or as an anonymous one, into the lead; claim it if nobody has it.

    Does nothing for a text that is no id. Raises `Unavailable`: then repeating the call is safe.
    """
    try:
        formers = [normalised(kind, former_id) for kind in (USER_ID, ANONYMOUS_ID)]
    except NotAnIdentifier:
        return
    try:
        for owner, kind in await _owners(runtime, lead_id, formers, claim=trusted):
            await _join(runtime, owner, lead_id, kind, trusted=trusted)
    except PyMongoError as error:
        raise Unavailable("The store is not available; repeat the request.") from error


async def _owners(
    runtime: Runtime, lead_id: str, formers: list[Identifier], *, claim: bool
) -> list[tuple[str, str]]:
    """The stream that has each of the ids, with its kind; those that nobody has are claimed for the lead if they are to be."""
    identities = runtime.identity.identities
    for _ in range(_TRIES):
        found = await identities.owners(formers)
        claims = [Claim(one, Owner(lead_id)) for one in formers if one not in found] if claim else []
        if not claims or await identities.claim(claims, runtime.now()):
            return [(owner.lead_id, one.kind) for one, owner in found.items()]
        await asyncio.sleep(_PAUSE_SECONDS)
    raise Unavailable("Too many writers claim this id at once; repeat the request.")


async def _join(runtime: Runtime, owner: str, lead_id: str, kind: str, *, trusted: bool) -> None:
    membership = await runtime.identity.streams.membership([owner, lead_id])
    part, whole = (membership.lead_of.get(one, one) for one in (owner, lead_id))
    if part == whole:
        return
    if trusted or await _is_anonymous(runtime, part, membership.streams.get(part, (part,))):
        try:
            await merge(runtime, ENGINE, part, whole, "an alias says that they are one person")
            return
        except Conflict as error:
            _log.warning("Lead %s is not merged into %s: %s", part, whole, error)
    await runtime.identity.duplicates.add([PossibleDuplicate(whole, part, kind)], runtime.now())


async def _is_anonymous(runtime: Runtime, lead_id: str, streams: tuple[str, ...]) -> bool:
    profiles = await runtime.identity.identities.profiles({lead_id: streams})
    return profiles[lead_id].is_anonymous
