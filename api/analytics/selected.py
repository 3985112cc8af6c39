"""The parameters by which calls select messages, and the selection that they make."""

from __future__ import annotations

from typing import Annotated

from litestar.params import QueryParameter

from api.http.parameters import invalid_parameter, parse_time
from domain.analytics.counts import Grouping
from domain.instant import DAY, Millis
from engine.analytics.selection import Selection
from workflows.analytics.count import DEFAULT_PERIOD

__all__ = ["By", "Name", "SequenceName", "Since", "Until", "WindowDays", "selected"]

_MAX_NAME = 200
_MAX_VERSION_DIGITS = 9

By = Annotated[
    Grouping,
    QueryParameter(
        description="What the messages of a row have in common; those that are of none are in no row."
    ),
]
Since = Annotated[
    str | None,
    QueryParameter(
        name="from",
        max_length=100,
        description="Only messages from this instant on (RFC 3339); 90 days before `to` by default.",
    ),
]
Until = Annotated[
    str | None,
    QueryParameter(
        name="to", max_length=100, description="Only messages before this instant (RFC 3339); now by default."
    ),
]
WindowDays = Annotated[
    int,
    QueryParameter(
        name="windowDays",
        ge=1,
        le=3650,
        description="How many days after a message a lead may be won to count as its conversion.",
    ),
]
SequenceName = Annotated[
    str | None,
    QueryParameter(
        max_length=_MAX_NAME,
        description="Only messages of this sequence: `welcome`, or one version of it, `welcome@2`.",
    ),
]
Name = Annotated[str | None, QueryParameter(max_length=_MAX_NAME, description="Only messages of this name.")]


def selected(
    now: Millis,
    since: str | None,
    until: str | None,
    window_days: int,
    sequence: str | None,
    step: str | None,
    variant: str | None,
    channel: str | None,
    campaign: str | None,
) -> Selection:
    """The selection. Raises `Invalid` for a period that ends before it begins, and for a version that is no number."""
    last = parse_time(until, "to")
    last = now + 1 if last is None else last
    first = parse_time(since, "from")
    first = last - DEFAULT_PERIOD if first is None else first
    if first >= last:
        raise invalid_parameter("from", "must be before `to`")
    name, version = _name_and_version(sequence)
    return Selection(
        since=first,
        until=last,
        window=window_days * DAY,
        sequence=name,
        version=version,
        step=step,
        variant=variant,
        channel=channel,
        campaign=campaign,
    )


def _name_and_version(sequence: str | None) -> tuple[str | None, int | None]:
    name, has_version, version = (sequence or "").partition("@")
    if not has_version:
        return sequence, None
    if not (version.isascii() and version.isdecimal() and len(version) <= _MAX_VERSION_DIGITS):
        raise invalid_parameter("sequence", "write a name, or a name and a version such as welcome@2")
    return name, int(version)
