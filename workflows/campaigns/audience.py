"""The audience of a campaign: the leads that its filter selects now, and the digest of all of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from pymongo.errors import ExecutionTimeout

from domain.campaigns.definition import AudienceFilter, CampaignDefinition
from domain.campaigns.fingerprint import first_link, next_link
from domain.errors import Fault, Invalid, NotFound, Unavailable
from engine.runtime import Runtime
from workflows.accounts.read_account import members_of

__all__ = ["AudienceNow", "audience_after", "audience_now", "first_link_of", "in_audience"]

_PAGE = 5_000
_MOST_MS = 10_000
"""Milliseconds in which MongoDB has to find one page."""


class AudienceNow(NamedTuple):
    """The digest of an audience and how many leads it has."""

    digest: str
    leads: int


async def audience_after(
    runtime: Runtime, wanted: AudienceFilter, after: str | None, limit: int
) -> list[str]:
    """The next ids of the audience. Raises `Unavailable` if MongoDB does not find them in time."""
    try:
        accounts = await _accounts(runtime, wanted)
        return await runtime.leads.audience.ids_after(wanted, accounts, after, limit, _MOST_MS)
    except ExecutionTimeout:
        raise Unavailable(
            "The audience could not be read in time: try again, or narrow the filter.", retry_after=5
        ) from None


async def audience_now(runtime: Runtime, definition: CampaignDefinition) -> AudienceNow:
    """Read the whole audience, ids only. Raises `Unavailable`, and `Invalid` for a sequence that is not active."""
    link, after, leads = await first_link_of(runtime, definition), None, 0
    while page := await audience_after(runtime, definition.audience, after, _PAGE):
        link, after, leads = next_link(link, page), page[-1], leads + len(page)
        if len(page) < _PAGE:
            break
    return AudienceNow(link, leads)


async def in_audience(
    runtime: Runtime, definition: CampaignDefinition, lead_ids: Collection[str]
) -> set[str]:
    """Those of these leads that are in the audience now."""
    accounts = await _accounts(runtime, definition.audience)
    return await runtime.leads.audience.among(definition.audience, accounts, lead_ids)


async def _accounts(runtime: Runtime, wanted: AudienceFilter) -> tuple[str, ...] | None:
    """The account in the filter with its parts, as it is now."""
    return None if wanted.account is None else (await members_of(runtime, wanted.account))[1]


async def first_link_of(runtime: Runtime, definition: CampaignDefinition) -> str:
    """The beginning of the digest, over what the campaign does. Raises `Invalid` for a sequence that is not active."""
    if definition.sequence is None:
        return first_link(definition, "")
    try:
        program = await runtime.sequences.library.active(definition.sequence)
    except NotFound:
        fault = Fault("/sequence", f"there is no active sequence '{definition.sequence}'")
        raise Invalid("The campaign cannot be used.", (fault,)) from None
    return first_link(definition, program.label)
