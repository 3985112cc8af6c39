"""The look-up of leads by name: those with all words of it, in whatever order, without regard to case and accents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.runtime import Runtime

__all__ = ["NamedLeads", "find_named"]


class NamedLeads(NamedTuple):
    """The next leads of a name, by the stream that has it, and the stream behind which there may be more."""

    leads: dict[str, str]
    resume: str | None


async def find_named(runtime: Runtime, words: Sequence[str], after: str, limit: int) -> NamedLeads:
    """The leads of the next `limit` streams after this one that have all these words of names, by stream.

    A lead of several streams comes once, at the first of them that has.
    """
    hashes = await runtime.identity.names.hashes(words)
    streams = await runtime.identity.names.with_words(hashes, after, limit)
    resume = streams[-1] if len(streams) == limit else None
    return NamedLeads(await _leads(runtime, streams, hashes), resume)


async def _leads(runtime: Runtime, streams: Sequence[str], hashes: Sequence[str]) -> dict[str, str]:
    """The lead of each of the streams, without those of a lead of which an earlier stream has the name too."""
    membership = await runtime.identity.streams.membership(streams)
    lead_of = {stream: membership.lead_of.get(stream, stream) for stream in streams}
    several = {one: membership.streams[one] for one in lead_of.values() if one in membership.streams}
    named = await runtime.identity.names.among({one for some in several.values() for one in some}, hashes)
    first = {lead_id: min(named.intersection(of_lead)) for lead_id, of_lead in several.items()}
    return {stream: lead_id for stream, lead_id in lead_of.items() if first.get(lead_id, stream) == stream}
