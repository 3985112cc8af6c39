"""The definition of a campaign: its mode, its audience, what each lead of it gets, and its schedule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

from msgspec import Struct

from domain.instant import Millis
from domain.rule_language.week_hours import Weekday

__all__ = [
    "MODES",
    "AudienceFilter",
    "BroadcastWindow",
    "CampaignDefinition",
    "Mode",
    "Wording",
    "definition_faults",
]

Mode = Literal["broadcast", "sequence", "triggered"]
"""`broadcast`: one message to each lead. `sequence`: each lead is enrolled. `triggered`: so is each lead that enters later."""

MODES: tuple[Mode, ...] = get_args(Mode)


class AudienceFilter(Struct, frozen=True, kw_only=True, rename="camel"):
    """The filters of the list of leads; None does not filter. `owner` is the id of a person, or `none`; `account` that of an account."""

    stage: str | None = None
    risk: str | None = None
    outcome: str | None = None
    status: str | None = None
    min_score: float | None = None
    owner: str | None = None
    tag: str | None = None
    account: str | None = None


class Wording(Struct, frozen=True, kw_only=True, rename="camel"):
    """The message of a broadcast: a subject and a text with merge fields, or an approved template of WhatsApp."""

    channel: str
    subject: str = ""
    text: str = ""
    template: str = ""
    language: str = ""


class BroadcastWindow(Struct, frozen=True, kw_only=True, rename="camel"):
    """The send window of a broadcast, with the fields of that of a sequence; `timezone` is for leads of which no other is known."""

    days: tuple[Weekday, ...]
    opens: str
    closes: str
    holidays: str | None = None
    timezone: str = "UTC"


class CampaignDefinition(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a campaign does. It has a `message` or the name of a `sequence`.

    `window`: the hours in which a broadcast is sent where the lead lives; None is at any time. `include_present`: a triggered campaign also enrols the leads that are in the audience when it starts. It starts at
    `starts_at`, or as soon as somebody starts it, and ends at `ends_at` at the latest.
    """

    mode: Mode
    audience: AudienceFilter
    message: Wording | None = None
    sequence: str | None = None
    window: BroadcastWindow | None = None
    include_present: bool = False
    starts_at: Millis | None = None
    ends_at: Millis | None = None


def definition_faults(one: CampaignDefinition) -> Iterator[tuple[str, str]]:
    """The fields that do not fit each other, and what to write instead."""
    if one.mode == "broadcast":
        if one.message is None:
            yield "message", "is missing: a broadcast has one message"
        if one.sequence is not None:
            yield "sequence", "is not for a broadcast; write mode sequence, or leave it out"
    else:
        if one.sequence is None:
            yield "sequence", f"is missing: a campaign of mode {one.mode} enrols its leads in one"
        if one.message is not None:
            yield "message", f"is not for mode {one.mode}; write mode broadcast, or leave it out"
        if one.window is not None:
            yield "window", f"is not for mode {one.mode}: a sequence has its own; leave it out"
    if one.include_present and one.mode != "triggered":
        yield "includePresent", "is for mode triggered; the other modes take nobody but those present"
    if one.ends_at is not None and one.ends_at <= (one.starts_at or 0):
        yield "endsAt", "should be after startsAt"
    if one.message is not None:
        yield from _message_faults(one.message)


def _message_faults(one: Wording) -> Iterator[tuple[str, str]]:
    if not one.text and not one.template:
        yield "message/text", "is missing: write a text, or a template of WhatsApp"
    if one.text and one.template:
        yield "message/template", "does not go with a text; write one of them"
    if one.template and one.channel != "whatsapp":
        yield "message/template", "is for WhatsApp; write a text"
    if one.channel == "email" and one.text and not one.subject:
        yield "message/subject", "is missing: an e-mail has a subject"
