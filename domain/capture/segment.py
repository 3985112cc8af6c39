"""The Segment tracking protocol, which RudderStack speaks too: its messages as events.

Specification: https://segment.com/docs/connections/spec/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.capture.captured import (
    COMPANY_GROUP,
    ENVELOPE,
    PAGE_VIEW,
    SCREEN_VIEW,
    Captured,
    Message,
    path_of,
    without_nulls,
)
from domain.capture.mapping import SourceMapping, text_of
from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.events.vocabulary import ACCOUNT_JOINED, LEAD_UPDATED

__all__ = ["CALLS", "complete", "read"]

CALLS = ("track", "identify", "page", "screen", "group", "alias")
_VIEWS = {"page": PAGE_VIEW, "screen": SCREEN_VIEW}
_USED = frozenset(
    {
        *("type", "event", "userId", "anonymousId", "messageId", "groupId", "previousId", "name", "category"),
        *("properties", "traits", "writeKey", "context"),
    }
)
"""Fields that an event is made of, and the write key, which is a secret. All others are kept in the envelope."""
_EMPTY: tuple[Json, ...] = ({}, [])
_OF_BATCH = ("sentAt", "integrations")
_CAMPAIGN = {
    "source": "utm_source",
    "medium": "utm_medium",
    "name": "utm_campaign",
    "term": "utm_term",
    "content": "utm_content",
}


def complete(message: dict[str, Json], batch: Message, call: str = "") -> dict[str, Json]:
    """The message with what its batch says for all of them, without its write key; `call` is the one of the route."""
    shared = batch.get("context")
    more = {name: batch[name] for name in _OF_BATCH if batch.get(name) and message.get(name) is None}
    if call and "type" not in message:
        more["type"] = call
    if not more and not shared and "writeKey" not in message:
        return message
    whole = {**message, **more}
    whole.pop("writeKey", None)
    if shared and isinstance(shared, dict):
        own = whole.get("context")
        whole["context"] = {**shared, **own} if isinstance(own, dict) else shared
    return whole


def read(message: Message, mapping: SourceMapping) -> Captured:
    """The event that a message stands for. Raises `Invalid` with a pointer to each field that is wrong."""
    if faults := tuple(_faults(message)):
        raise Invalid("This message is no event.", faults)
    call = str(message["type"])
    context = _object(message, "context")
    traits = _object(message, "traits")
    if shared := context.get("traits"):
        traits = {**_object(context, "traits"), **traits} if isinstance(shared, dict) else traits
    said = _properties(call, message, traits)
    if call != "group" and (group := text_of(context.get("groupId"))):
        said = {COMPANY_GROUP: group, **said}
    properties = mapping.renamed(said, message)
    if ENVELOPE in properties:
        detail = f"is a name of the engine: rename it with a property mapping, {ENVELOPE!r} -> another name"
        raise Invalid("This message is no event.", (Fault(f"/properties/{ENVELOPE}", detail),))
    if "campaign" in context:
        properties = {**_campaign(context), **properties}
    if kept := _envelope(message, call, context):
        properties[ENVELOPE] = kept
    return Captured(
        type=_type_of(call, message, mapping),
        identifiers=_identifiers(call, message, traits, mapping),
        properties=properties,
        occurred_at=message.get("timestamp") or message.get("originalTimestamp"),
        sent_at=message.get("sentAt"),
        former_id=text_of(message.get("previousId")) if call == "alias" and message.get("userId") else "",
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


def _identifiers(call: str, message: Message, traits: Message, mapping: SourceMapping) -> dict[str, str]:
    found: dict[str, str] = {}
    if user := text_of(message.get("userId")):
        found["userId"] = user
    if device := text_of(message.get("anonymousId")):
        found["anonymousId"] = device
    elif call == "alias" and (before := text_of(message.get("previousId"))):
        found["anonymousId"] = before
    if traits and call != "group":  # whose traits are those of the company
        for kind in ("email", "phone"):
            if text := text_of(traits.get(kind)):
                found[kind] = text
    if mapping.identifiers:
        found = {**mapping.identifiers_in(message), **found}
    return found


def _campaign(context: Message) -> dict[str, Json]:
    """The properties of a campaign under their usual names."""
    campaign = _object(context, "campaign")
    return {name: campaign[part] for part, name in _CAMPAIGN.items() if campaign.get(part) is not None}


def _envelope(message: Message, call: str, context: Message) -> dict[str, Json]:
    """What else was sent. The library is one text, for the name of a program is no name of a person."""
    kept: dict[str, Json] = {
        name: value
        for name, value in message.items()
        if name not in _USED and value is not None and value not in _EMPTY
    }
    if context and (rest := _context(call, context)):
        kept["context"] = rest
    return kept


def _context(call: str, context: Message) -> dict[str, Json]:
    rest: dict[str, Json] = {}
    for name, value in context.items():
        if value is None or value in _EMPTY or (name == "traits" and call == "identify"):
            continue
        if name == "library" and isinstance(value, dict):
            value = "/".join(str(value[part]) for part in ("name", "version") if value.get(part))  # noqa: PLW2901
        elif name == "campaign" and isinstance(value, dict):
            value = {part: said for part, said in value.items() if part not in _CAMPAIGN}  # noqa: PLW2901
            if not value:
                continue
        rest[name] = value
    return rest


def _object(message: Message, name: str) -> Mapping[str, Json]:
    value = message.get(name)
    return value if isinstance(value, dict) else {}
