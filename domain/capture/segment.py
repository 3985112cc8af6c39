"""The Segment tracking protocol, which RudderStack speaks too: its messages as events.

Specification: https://segment.com/docs/connections/spec/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.capture.captured import (
    ENVELOPE,
    PAGE_VIEW,
    SCREEN_VIEW,
    Captured,
    Message,
    envelope_of,
    first_texts,
    path_of,
    without_nulls,
)
from domain.capture.mapping import SourceMapping
from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.events.vocabulary import ACCOUNT_JOINED, LEAD_UPDATED

__all__ = ["CALLS", "complete", "read"]

CALLS = ("track", "identify", "page", "screen", "group", "alias")
_VIEWS = {"page": PAGE_VIEW, "screen": SCREEN_VIEW}
_USED = frozenset(
    {
        *("type", "event", "userId", "anonymousId", "messageId", "groupId", "previousId", "name", "category"),
        *("properties", "traits", "writeKey"),
    }
)
"""Fields that an event is made of, and the write key, which is a secret. All others are kept in the envelope."""
_OF_BATCH = ("sentAt", "integrations")
_CAMPAIGN = {
    "source": "utm_source",
    "medium": "utm_medium",
    "name": "utm_campaign",
    "term": "utm_term",
    "content": "utm_content",
}


def complete(message: Message, batch: Message, call: str = "") -> dict[str, Json]:
    """The message with what its batch says for all of them, without its write key; `call` is the one of the route."""
    whole = {name: value for name, value in message.items() if name != "writeKey"}
    if call:
        whole.setdefault("type", call)
    for name in _OF_BATCH:
        if batch.get(name) and whole.get(name) is None:
            whole[name] = batch[name]
    shared = batch.get("context")
    if shared and isinstance(shared, dict):
        own = whole.get("context")
        whole["context"] = {**shared, **own} if isinstance(own, dict) else shared
    return whole


def read(message: Message, mapping: SourceMapping) -> Captured:
    """The event that a message stands for. Raises `Invalid` with a pointer to each field that is wrong."""
    call = message.get("type")
    if faults := tuple(_faults(message)):
        raise Invalid("This message is no event.", faults)
    context = _object(message, "context")
    traits = {**_object(context, "traits"), **_object(message, "traits")}
    properties = _properties(str(call), message, traits)
    properties = mapping.renamed(properties, message)
    if ENVELOPE in properties:
        detail = f"is a name of the engine: rename it with a property mapping, {ENVELOPE!r} -> another name"
        raise Invalid("This message is no event.", (Fault(f"/properties/{ENVELOPE}", detail),))
    return Captured(
        type=_type_of(str(call), message, mapping),
        identifiers=first_texts(_identifiers(message, traits, mapping)),
        properties={**_campaign(context, properties), **_envelope(message, context)},
        occurred_at=message.get("timestamp") or message.get("originalTimestamp"),
        sent_at=message.get("sentAt"),
    )


def _faults(message: Message) -> Iterator[Fault]:
    call, event = message.get("type"), message.get("event")
    if call not in CALLS:
        yield Fault("/type", f"must be one of {', '.join(CALLS)}")
    if call == "track" and not (isinstance(event, str) and event.strip()):
        yield Fault("/event", "is required: the name of the event, as text")
    if call == "group" and message.get("groupId") in (None, ""):
        yield Fault("/groupId", "is required")
    if call == "alias" and message.get("previousId") in (None, ""):
        yield Fault("/previousId", "is required")
    for name in ("properties", "traits", "context"):
        if message.get(name) is not None and not isinstance(message[name], dict):
            yield Fault(f"/{name}", "must be an object")


def _type_of(call: str, message: Message, mapping: SourceMapping) -> str:
    if call == "track":
        return mapping.type_of(str(message["event"]))
    if call in _VIEWS:
        return mapping.events.get(call, _VIEWS[call])
    return ACCOUNT_JOINED if call == "group" else LEAD_UPDATED


def _properties(call: str, message: Message, traits: Mapping[str, Json]) -> dict[str, Json]:
    if call == "identify":
        return dict(traits)
    if call == "group":
        return {**_object(message, "traits"), "groupId": message["groupId"]}
    properties = dict(_object(message, "properties"))
    if call in _VIEWS:
        # Not as `name`, which is a name of people and would be sealed.
        title = message.get("name")
        given = without_nulls(
            {call: title, "category": message.get("category"), "path": path_of(properties.get("url"))}
        )
        properties = {**given, **properties}
    return properties


def _identifiers(
    message: Message, traits: Mapping[str, Json], mapping: SourceMapping
) -> Iterator[tuple[str, Json]]:
    yield "userId", message.get("userId")
    yield "anonymousId", message.get("anonymousId")
    if message.get("type") == "alias":
        yield "anonymousId", message.get("previousId")
    if message.get("type") != "group":  # its traits are those of the company
        yield "email", traits.get("email")
        yield "phone", traits.get("phone")
    yield from mapping.identifiers_in(message).items()


def _campaign(context: Message, properties: Mapping[str, Json]) -> dict[str, Json]:
    """The properties, after those of the campaign under their usual names."""
    campaign = _object(context, "campaign")
    known = {name: campaign[part] for part, name in _CAMPAIGN.items() if campaign.get(part) is not None}
    return {**known, **properties}


def _envelope(message: Message, context: Message) -> dict[str, Json]:
    """What else was sent. The library is one text, for the name of a program is no name of a person."""
    kept = {name: value for name, value in context.items() if name not in {"campaign", "library"}}
    if message.get("type") == "identify":
        kept.pop("traits", None)
    library = _object(context, "library")
    if library:
        kept["library"] = "/".join(str(library[part]) for part in ("name", "version") if library.get(part))
    extra = {name: value for name, value in _object(context, "campaign").items() if name not in _CAMPAIGN}
    if extra:
        kept["campaign"] = extra
    return envelope_of({**message, "context": without_nulls(kept)}, but=_USED)


def _object(message: Message, name: str) -> Mapping[str, Json]:
    value = message.get(name)
    return value if isinstance(value, dict) else {}
