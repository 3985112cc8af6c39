"""What the analytics of outreach shows: rows of numbers, and the messages behind one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from msgspec import field

from api.http.pages import Page, component
from api.http.view import View, optional_datetime
from domain.analytics.counts import Counts, Grouping, shares
from domain.analytics.interval import Share
from domain.analytics.message_result import Fate, MessageResult
from domain.instant import to_datetime

__all__ = ["AnalyticsView", "CountsView", "MessageResultsPage", "counts_view", "result_view"]


class ShareView(View, frozen=True):
    """A share from 0 to 1, and the ends of its 95 % interval (Wilson)."""

    share: float
    low: float
    high: float


class CountsView(View, frozen=True):
    """The numbers of one row. `leads` and `conversions` count leads, all others messages.

    A message counts under each of its reasons in `withheldBy`, and under each intent of its replies in `repliedBy`. `shares`
    are there for variants only: conversions of `leads`, all else of `sent`; none without any.
    """

    sequence: str | None
    version: int | None
    step: str | None
    variant: str | None
    channel: str | None
    campaign: str | None
    campaign_name: str | None
    messages: int
    sent: int
    withheld: int
    withheld_by: dict[str, int]
    failed: int
    unknown: int
    delivered: int
    opened: int
    clicked: int
    replied: int
    replied_by: dict[str, int]
    meetings: int
    opt_outs: int
    complaints: int
    bounces: int
    leads: int
    conversions: int
    shares: dict[str, ShareView] | None


class AnalyticsView(View, frozen=True):
    """The rows of a period, in the order of their names.

    `hasMore` says that there are more than 1,000, of which the others are left out; `eventsBehind` how many events of the log
    are not counted yet.
    """

    by: Grouping
    since: datetime = field(name="from")
    until: datetime = field(name="to")
    window_days: int
    events_behind: int
    has_more: bool
    items: list[CountsView]


class MessageResultView(View, frozen=True):
    """A message and what became of it: the first moment of each, null if it did not happen."""

    message_id: str
    lead_id: str
    channel: str
    sequence: str | None
    version: int | None
    step: str | None
    variant: str | None
    campaign: str | None
    at: datetime
    fate: Fate
    reasons: list[str]
    sent_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    replied_at: datetime | None
    intents: list[str]
    meeting_at: datetime | None
    opted_out_at: datetime | None
    complained_at: datetime | None
    bounced_at: datetime | None
    won_at: datetime | None


MessageResultsPage = Annotated[Page[MessageResultView], component("MessageResultsPage")]


def counts_view(row: Counts, by: Grouping, campaign_names: Mapping[str, str]) -> CountsView:
    """The row as it is shown, with the name that its campaign has now."""
    numbers = row.numbers
    return CountsView(
        sequence=row.sequence,
        version=row.version,
        step=row.step,
        variant=row.variant,
        channel=row.channel,
        campaign=row.campaign,
        campaign_name=campaign_names.get(row.campaign or ""),
        messages=numbers["messages"],
        sent=numbers["sent"],
        withheld=numbers["withheld"],
        withheld_by=row.withheld_by,
        failed=numbers["failed"],
        unknown=numbers["unknown"],
        delivered=numbers["delivered"],
        opened=numbers["opened"],
        clicked=numbers["clicked"],
        replied=numbers["replied"],
        replied_by=row.replied_by,
        meetings=numbers["meetings"],
        opt_outs=numbers["optOuts"],
        complaints=numbers["complaints"],
        bounces=numbers["bounces"],
        leads=numbers["leads"],
        conversions=numbers["conversions"],
        shares={name: _share(one) for name, one in shares(row).items()} if by == "variant" else None,
    )


def _share(share: Share) -> ShareView:
    return ShareView(share=share.share, low=share.low, high=share.high)


def result_view(result: MessageResult) -> MessageResultView:
    """The message as it is shown."""
    return MessageResultView(
        message_id=result.message_id,
        lead_id=result.lead_id,
        channel=result.channel,
        sequence=result.sequence or None,
        version=result.version or None,
        step=result.step or None,
        variant=result.variant or None,
        campaign=result.campaign or None,
        at=to_datetime(result.at),
        fate=result.fate,
        reasons=list(result.reasons),
        sent_at=optional_datetime(result.sent_at),
        delivered_at=optional_datetime(result.delivered_at),
        opened_at=optional_datetime(result.opened_at),
        clicked_at=optional_datetime(result.clicked_at),
        replied_at=optional_datetime(result.replied_at),
        intents=list(result.intents),
        meeting_at=optional_datetime(result.meeting_at),
        opted_out_at=optional_datetime(result.opted_out_at),
        complained_at=optional_datetime(result.complained_at),
        bounced_at=optional_datetime(result.bounced_at),
        won_at=optional_datetime(result.won_at),
    )
