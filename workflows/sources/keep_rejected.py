"""What becomes of messages that cannot be taken: they are kept with their reasons, encrypted, for seven days."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pymongo.errors import PyMongoError

from domain.capture.formats import Format
from domain.capture.mapping import text_of, value_at
from domain.errors import Fault, Unavailable
from domain.events.event import Json
from domain.identity.identifier import Identifier, NotAnIdentifier, normalised
from domain.instant import Millis
from engine.runtime import Runtime
from engine.sources.rejected_store import RejectedItem
from engine.sources.source import Source
from workflows.sources.seal_items import sealed_contents

__all__ = ["Rejection", "keep_rejected"]

_MAX_FAULTS = 5
"""Faults that are kept per message."""
_PERSON_AT: Mapping[str, tuple[str, ...]] = {
    "userId": ("userId", "distinct_id", "properties.distinct_id", "previousId", "subject", "data.userId"),
    "anonymousId": ("anonymousId", "previousId", "distinct_id", "properties.distinct_id"),
    "email": (
        "traits.email",
        "context.traits.email",
        "properties.email",
        "subject",
        "data.email",
        "$set.email",
    ),
    "phone": ("traits.phone", "context.traits.phone", "properties.phone", "data.phone", "$set.phone"),
}
"""Where messages of any format name their person, by kind of identifier."""


class Rejection(NamedTuple):
    """A message that cannot be taken, under the id that its event would have, and what is wrong with it."""

    event_id: str
    message: Json
    faults: tuple[Fault, ...]


async def keep_rejected(
    runtime: Runtime, source: Source, wire_format: Format, rejections: Sequence[Rejection], at: Millis
) -> int:
    """Keep the messages durably. Returns how many; the others are of blocked people, or too many for this source.

    Raises `Unavailable`.
    """
    if not rejections:
        return 0
    try:
        named = [_identifiers(runtime, source, one.message) for one in rejections]
        blocked = await _blocked(runtime, set().union(*named))
        wanted = [
            (one, identifiers)
            for one, identifiers in zip(rejections, named, strict=True)
            if not identifiers & blocked
        ]
        contents = await sealed_contents(runtime, source, [one.message for one, _ in wanted])
        items = [
            RejectedItem(
                item_id=one.event_id,
                source_id=source.source_id,
                format=wire_format,
                faults=one.faults[:_MAX_FAULTS],
                rejected_at=at,
                sealed=sealed,
                about=tuple(await runtime.identity.identities.index_keys(identifiers)),
            )
            for (one, identifiers), sealed in zip(wanted, contents, strict=True)
        ]
        return await runtime.sources.rejected.keep(source.source_id, items)
    except PyMongoError as error:
        raise Unavailable("The store is not available; the request is safe to repeat.") from error


async def _blocked(runtime: Runtime, identifiers: set[Identifier]) -> set[Identifier]:
    """Those of the identifiers that belong to people who were erased and blocked."""
    owners = await runtime.identity.identities.owners(identifiers)
    blocked = await runtime.privacy.blocked.among([owner.lead_id for owner in owners.values()])
    return {one for one, owner in owners.items() if owner.lead_id in blocked}


def _identifiers(runtime: Runtime, source: Source, message: Json) -> set[Identifier]:
    """The identifiers of everybody the message may be about, as far as it can be read."""
    if not isinstance(message, Mapping):
        return set()
    found: set[Identifier] = set()
    usual = [(kind, path) for kind, paths in _PERSON_AT.items() for path in paths]
    for kind, path in (*usual, *source.mapping.identifiers.items()):
        with contextlib.suppress(NotAnIdentifier):
            found.add(normalised(kind, text_of(value_at(message, path)), runtime.identity.phone_region))
    return found
