"""Resolution of the identifiers of events to leads, before the events are appended. New people get a random lead id.

Identifiers are claimed by inserts of single documents, the strongest of each event first: whichever process inserts the
strongest one names the lead, and all others find it (ADR 61). An anonymous lead that turns out to be a known one is merged
into it at once (ADR 62).
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Mapping, Sequence

from pymongo.errors import PyMongoError

from domain.errors import Conflict, Unavailable
from domain.identity.identifier import Identifier, strongest_first
from domain.identity.resolution import Identified, PossibleDuplicate, Profile, Resolution, resolve_all
from engine.identity.identity_store import Claim, Owner
from engine.operations.audit_log import ENGINE
from engine.runtime import Runtime
from workflows.identity.merge import merge

__all__ = ["Identified", "resolve"]

_log = logging.getLogger(__name__)

_TRIES, _PAUSE_SECONDS = 100, 0.01
"""Attempts while other writers claim the same identifiers, and the pause until a majority has what they wrote."""


async def resolve(runtime: Runtime, wanted: Sequence[Identified]) -> list[str]:
    """The lead of each of them, as if they came one after the other; every identifier belongs to a lead afterwards.

    It is the id under which events of these identifiers are stored, which may be part of another lead by a merge. A lead
    that is named is the answer. Raises `Unavailable`: then repeating the call is safe.
    """
    ordered = [Identified(strongest_first(one.identifiers), one.lead_id) for one in wanted]
    asked = {identifier for one in ordered for identifier in one.identifiers}
    try:
        for _ in range(_TRIES):
            found = await _decide(runtime, ordered, asked)
            claims = [Claim(one, Owner(stream, named)) for one, stream, named in found.claims]
            if not claims or await runtime.identity.identities.claim(claims, runtime.now()):
                await _follow_up(runtime, found)
                return found.streams
            await asyncio.sleep(_PAUSE_SECONDS)
    except PyMongoError as error:
        raise Unavailable("The store is not available; nothing of this request was taken.") from error
    raise Unavailable("Too many writers claim these identifiers at once; repeat the request.")


async def _decide(runtime: Runtime, wanted: Sequence[Identified], asked: set[Identifier]) -> Resolution:
    known = await runtime.identity.identities.known_owners(asked)
    owners = {identifier: owner.lead_id for identifier, owner in known.items()}
    doubtful = {stream for one in wanted for stream in _doubtful(one, owners)}
    lead_of: Mapping[str, str] = {}
    profiles: Mapping[str, Profile] = {}
    if doubtful:
        membership = await runtime.identity.streams.membership(doubtful)
        lead_of = membership.lead_of
        leads = membership.leads(doubtful)
        profiles = await runtime.identity.identities.profiles(
            {one: membership.streams.get(one, (one,)) for one in leads}
        )
    return resolve_all(wanted, owners, lead_of, profiles, lambda: uuid.uuid4().hex)


def _doubtful(one: Identified, owners: Mapping[Identifier, str]) -> set[str]:
    """The streams that an event may concern, unless it plainly concerns one."""
    if one.lead_id is None and len(one.identifiers) == 1:
        return set()
    streams = {owners[identifier] for identifier in one.identifiers if identifier in owners}
    if one.lead_id is not None:
        streams.add(one.lead_id)
    is_plain = len(streams) == 1 and all(identifier in owners for identifier in one.identifiers)
    return set() if is_plain else streams


async def _follow_up(runtime: Runtime, found: Resolution) -> None:
    """Merge what is one person, and list what may be."""
    duplicates = list(found.duplicates)
    for part, whole, kind in dict.fromkeys(found.merges):
        try:
            await merge(runtime, ENGINE, part, whole, f"an event has the {kind} of both")
        except Conflict as error:  # it is blocked: the event itself has to be stored all the same
            _log.warning("Lead %s is not merged into %s: %s", part, whole, error)
            duplicates.append(PossibleDuplicate(whole, part, kind))
    if duplicates:
        await runtime.identity.duplicates.add(duplicates, runtime.now())
