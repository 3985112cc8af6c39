"""A captured event: what a message of another system says, in the words of native events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from domain.capture.mapping import text_of
from domain.events.event import Json

__all__ = [
    "COMPANY_GROUP",
    "ENVELOPE",
    "PAGE_VIEW",
    "SCREEN_VIEW",
    "Captured",
    "Message",
    "envelope_of",
    "first_texts",
    "path_of",
    "without_nulls",
]

Message = Mapping[str, Json]
"""One message as it was sent, complete with what its batch says for all."""

PAGE_VIEW, SCREEN_VIEW = "page_view", "screen_view"
"""Types of what is looked at: the names that the built-in rulebooks know."""

COMPANY_GROUP = "companyGroup"
"""The property that says for which group the person acts, in an event of any other type than `account.joined`."""

ENVELOPE = "envelope"
"""The property that keeps what a message has beside its properties: context, times as sent, unknown fields."""


class Captured(Struct, frozen=True, kw_only=True):
    """One event. `occurred_at` and `sent_at` are as they were sent, by the sender's clock; None if they were not.

    `former_id` is the other id of an alias: one that the person had before, of whichever kind.
    """

    type: str
    identifiers: dict[str, str]
    properties: dict[str, Json]
    occurred_at: Json = None
    sent_at: Json = None
    former_id: str = ""


def without_nulls(fields: Message) -> dict[str, Json]:
    """The fields that say something: neither null nor an empty object or list."""
    return {name: value for name, value in fields.items() if value is not None and value not in ({}, [])}


def envelope_of(message: Message, *, but: frozenset[str]) -> dict[str, Json]:
    """What a message has beside the fields that an event is made of, as the property of that name; empty if nothing."""
    rest = {name: value for name, value in without_nulls(message).items() if name not in but}
    return {ENVELOPE: rest} if rest else {}


def first_texts(candidates: Iterator[tuple[str, Json]]) -> dict[str, str]:
    """The first id of each kind, as text; what is no id is left out."""
    found: dict[str, str] = {}
    for kind, value in candidates:
        if kind not in found and (text := text_of(value)):
            found[kind] = text
    return found


def path_of(url: Json) -> Json:
    """The path of a URL, since rules ask for paths; None for what is no URL."""
    if not isinstance(url, str):
        return None
    try:
        return urlsplit(url).path or None
    except ValueError:  # malformed: the property shows it as it is
        return None
