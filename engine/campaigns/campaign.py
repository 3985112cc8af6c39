"""A campaign as it is stored: its definition, its state with who changed it and when, and its latest estimate."""

from __future__ import annotations

from msgspec import Struct

from domain.campaigns.definition import CampaignDefinition
from domain.campaigns.states import CampaignState, Ending
from domain.instant import Millis

__all__ = ["CAMPAIGN", "Campaign", "Estimate", "StateChange", "Tally"]

CAMPAIGN = "campaign"
"""The kind of due work of campaigns, and the kind of author of what they send."""


class StateChange(Struct, frozen=True, kw_only=True, rename="camel"):
    """A change of the state of a campaign; `by` is a person, a key, a command line or the engine."""

    state: CampaignState
    at: Millis
    by: str
    why: str = ""


class Estimate(Struct, frozen=True, kw_only=True, rename="camel"):
    """An estimate of an audience. It is ready when it has a `digest`.

    The audience is `collected` first, lead by lead in the order of ids; then each of its members is `checked`. `mark` is
    the last lead or member so far, `link` the chain of hashes over the leads. `reasons` counts `refused` leads by each
    of their reasons.
    """

    number: int
    started_at: Millis
    link: str
    mark: str | None = None
    collected: bool = False
    audience: int = 0
    checked: int = 0
    refused: int = 0
    reasons: dict[str, int] = {}
    digest: str | None = None
    taken_at: Millis | None = None


class Tally(Struct, frozen=True, kw_only=True):
    """How many leads of a campaign have each result, and how many were withheld or have failed for each reason."""

    results: dict[str, int]
    reasons: dict[str, int]


class Campaign(Struct, frozen=True, kw_only=True):
    """A campaign.

    `estimates` and `runs` count the pieces of work that were begun: only the latest of each does anything. `followed` is
    the place in the log up to which a triggered campaign has looked for leads that enter. `erased` counts leads that
    were erased before their turn.
    """

    campaign_id: str
    name: str
    definition: CampaignDefinition
    state: CampaignState
    created_at: Millis
    changed_at: Millis
    author: str
    estimates: int = 0
    estimate: Estimate | None = None
    runs: int = 0
    started_at: Millis | None = None
    followed: int | str = 0
    ended: Ending | None = None
    erased: int = 0
    changes: tuple[StateChange, ...] = ()
