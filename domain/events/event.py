"""An event: one immutable fact in a lead's life, and how documents of older schemas become today's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from domain.errors import Invalid
from domain.events.vocabulary import BOOKKEEPING, REPLY_CLASSIFIED
from domain.instant import Millis

__all__ = [
    "AUTOMATED",
    "ENGINE_SOURCE",
    "SCHEMA_VERSION",
    "Event",
    "Json",
    "NewEvent",
    "upcast",
]

Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None

SCHEMA_VERSION = 1
"""The version that newly appended events carry."""

ENGINE_SOURCE = "lead-engine"
"""The source of events that the engine itself appends. Senders may not use it."""


AUTOMATED = "automated"
"""The property of an event that a machine caused, such as a mail scanner: why it is taken for one, or true."""


def _is_reason(value: Json) -> bool:
    return value is True or (isinstance(value, str) and value != "")


class Event(Struct, frozen=True, gc=False, kw_only=True, rename="camel"):
    """One fact, as stored.

    `position` is its place in the one order of all events (1, 2, 3 ... without a hole). `occurred_at` is when it
    happened, never after `received_at`, when it was stored.
    """

    position: int
    event_id: str
    lead_id: str
    type: str
    occurred_at: Millis
    received_at: Millis
    source: str = ""
    properties: dict[str, Json] = {}
    stream: str = ""
    """The id under which it is stored, if that is another one than its lead's: its stream was merged into the lead."""

    @property
    def stream_id(self) -> str:
        """The id under which the event is stored, whose key encrypts its personal fields."""
        return self.stream or self.lead_id

    @property
    def is_activity(self) -> bool:
        """Whether the lead did something; bookkeeping and what a machine did neither score nor end a silence."""
        return (
            self.source != ENGINE_SOURCE
            and self.type not in BOOKKEEPING
            and (AUTOMATED not in self.properties or not self.is_automated)
        )

    @property
    def can_score(self) -> bool:
        """Whether rules may give points for it: an activity, or what the engine has read in one."""
        return self.is_activity or self.is_reading

    @property
    def is_reading(self) -> bool:
        """Whether it says what the engine has read in an activity, such as the intent of a reply."""
        return self.type == REPLY_CLASSIFIED and self.source == ENGINE_SOURCE

    @property
    def is_automated(self) -> bool:
        """Whether a machine caused it, such as a mail scanner."""
        return AUTOMATED in self.properties and _is_reason(self.properties[AUTOMATED])


class NewEvent(Struct, frozen=True, gc=False, kw_only=True, rename="camel"):
    """A fact on its way into the store: all but its position.

    `body_hash` stands for what the sender said: it tells apart a repeated delivery and another event with the same id. With
    sealed properties it is keyed; `plain_hash`, never stored, is then the same without the key.
    """

    event_id: str
    lead_id: str
    type: str
    occurred_at: Millis
    received_at: Millis
    body_hash: str
    source: str = ""
    properties: dict[str, Json] = {}
    plain_hash: str = ""


Document = dict[str, object]
Upcaster = Callable[[Document], Document]

UPCASTERS: Mapping[int, Upcaster] = {}
"""For each old schema version, the step that makes a document of the next one."""


def upcast(
    document: Document, *, upcasters: Mapping[int, Upcaster] = UPCASTERS, current: int = SCHEMA_VERSION
) -> Document:
    """Lift a stored document to the current schema, one version at a time.

    Stored documents are never rewritten: an old event is read through these steps for ever.
    Raises `Invalid` for a version that this program does not know.
    """
    version = document.get("schemaVersion", 1)
    if version == current:
        return document
    if not isinstance(version, int) or not 1 <= version <= current:
        raise Invalid(f"An event has schema version {version!r}; this program knows 1 to {current}.")
    for step in range(version, current):
        document = {**upcasters[step](document), "schemaVersion": step + 1}
    return document
