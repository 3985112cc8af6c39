"""The capture protocol of PostHog: its messages as events.

Specification: https://posthog.com/docs/api/capture
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
    envelope_of,
    first_texts,
    path_of,
    without_nulls,
)
from domain.capture.mapping import SourceMapping, text_of
from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.events.vocabulary import ACCOUNT_JOINED, LEAD_UPDATED

__all__ = ["complete", "read"]

_TYPES = {
    "$pageview": PAGE_VIEW,
    "$screen": SCREEN_VIEW,
    "$identify": LEAD_UPDATED,
    "$set": LEAD_UPDATED,
    "$create_alias": LEAD_UPDATED,
    "$groupidentify": ACCOUNT_JOINED,
}
_NAMES = {"$pageview": "page", "$screen": "screen"}
"""Names by which a mapping gives these calls other types."""
_COMPANY_TYPES = ("company", "organization", "organisation", "account")
"""Types of groups that are companies, the first of which counts: an event may name a project and a team beside it."""
_USED = frozenset(
    {
        "event",
        "distinct_id",
        "properties",
        "uuid",
        "api_key",
        "token",
        "$set",
        "type",
        "library",
        "library_version",
    }
)


def complete(message: Message, batch: Message) -> dict[str, Json]:
    """The message with what its batch says for all of them, and without the key of the project."""
    whole = {name: value for name, value in message.items() if name not in {"api_key", "token"}}
    properties = whole.get("properties")
    if isinstance(properties, dict) and "token" in properties:
        whole["properties"] = {name: value for name, value in properties.items() if name != "token"}
    if batch.get("sent_at") and whole.get("sent_at") is None:
        whole["sent_at"] = batch["sent_at"]
    return whole


def read(message: Message, mapping: SourceMapping) -> Captured:
    """The event that a message stands for. Raises `Invalid` with a pointer to each field that is wrong."""
    if faults := tuple(_faults(message)):
        raise Invalid("This message is no event.", faults)
    event = str(message["event"])
    sent = _object(message, "properties")
    attributes = {**_object(sent, "$set"), **_object(message, "$set")}
    said = _properties(event, sent, attributes)
    if event != "$groupidentify" and (group := _company_group(sent)):
        said = {COMPANY_GROUP: group, **said}
    properties = mapping.renamed(said, message)
    if ENVELOPE in properties:
        detail = f"is a name of the engine: rename it with a property mapping, {ENVELOPE!r} -> another name"
        raise Invalid("This message is no event.", (Fault(f"/properties/{ENVELOPE}", detail),))
    given = {"timestamp": message.get("timestamp"), "sent_at": message.get("sent_at")}
    return Captured(
        type=_type_of(event, mapping),
        identifiers=first_texts(_identifiers(event, message, sent, attributes, mapping)),
        properties={**properties, **envelope_of({**message, **given}, but=_USED)},
        occurred_at=message.get("timestamp") or sent.get("timestamp"),
        sent_at=message.get("sent_at"),
        former_id=_former_id(event, message, sent),
    )


def _faults(message: Message) -> Iterator[Fault]:
    event = message.get("event")
    if not (isinstance(event, str) and event.strip()):
        yield Fault("/event", "is required: the name of the event, as text")
    if message.get("properties") is not None and not isinstance(message["properties"], dict):
        yield Fault("/properties", "must be an object")


def _type_of(event: str, mapping: SourceMapping) -> str:
    if event in _NAMES:
        return mapping.events.get(_NAMES[event], mapping.events.get(event, _TYPES[event]))
    return mapping.events.get(event, _TYPES.get(event, event))


def _properties(event: str, sent: Message, attributes: Message) -> dict[str, Json]:
    """What the event says: attributes of the person for those that set them, else its properties."""
    if _TYPES.get(event) == LEAD_UPDATED:
        return dict(attributes)
    if event == "$groupidentify":
        return {**_object(sent, "$group_set"), "groupId": sent.get("$group_key")}
    properties = {name: value for name, value in sent.items() if name not in {"distinct_id", "$set"}}
    if event == "$pageview":
        url = sent.get("$current_url")
        path = sent.get("$pathname") or path_of(url)
        return {**without_nulls({"url": url, "path": path}), **properties}
    return properties


def _company_group(sent: Message) -> str:
    """The id of the company among the groups of an event, empty if it names none."""
    groups = _object(sent, "$groups")
    return next(filter(None, (text_of(groups.get(kind)) for kind in _COMPANY_TYPES)), "")


def _identifiers(
    event: str, message: Message, sent: Message, attributes: Message, mapping: SourceMapping
) -> Iterator[tuple[str, Json]]:
    distinct = message.get("distinct_id") or sent.get("distinct_id")
    if event == "$create_alias":
        yield "userId", sent.get("alias")
        yield "anonymousId", distinct
    elif _is_anonymous(distinct, sent):
        yield "anonymousId", distinct
    else:
        yield "userId", distinct
        yield "anonymousId", sent.get("$anon_distinct_id") or sent.get("$device_id")
    yield "email", attributes.get("email")
    yield "phone", attributes.get("phone")
    yield from mapping.identifiers_in(message).items()


def _former_id(event: str, message: Message, sent: Message) -> str:
    if event != "$create_alias" or not sent.get("alias"):
        return ""
    return text_of(message.get("distinct_id") or sent.get("distinct_id"))


def _is_anonymous(distinct: Json, sent: Message) -> bool:
    """Whether the id is one that the client made up: it says so, or it is that of the device."""
    if sent.get("$is_identified") is True:
        return False
    return (
        sent.get("$is_identified") is False
        or sent.get("$process_person_profile") is False
        or (distinct is not None and distinct == sent.get("$device_id"))
    )


def _object(message: Message, name: str) -> Mapping[str, Json]:
    value = message.get(name)
    return value if isinstance(value, dict) else {}
