"""CloudEvents 1.0: events of any producer as events of leads.

Specification: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from domain.capture.captured import ENVELOPE, Captured, Message, envelope_of, first_texts
from domain.capture.mapping import SourceMapping
from domain.capture.times import NotATime, moment_of
from domain.errors import Fault, Invalid
from domain.events.event import Json

__all__ = ["faults_of", "read"]

_REQUIRED = ("id", "source", "type")
_TEXTS = (*_REQUIRED, "subject", "datacontenttype", "dataschema", "time")
_ATTRIBUTE = re.compile(r"[a-z0-9]+")
_USED = frozenset({"id", "type", "data", "specversion"})
_VERSION = "1.0"


def faults_of(event: Json, pointer: str = "") -> Iterator[Fault]:
    """What keeps a JSON value from being a CloudEvent, by pointers."""
    if not isinstance(event, dict):
        yield Fault(pointer, "must be an object: a CloudEvent")
        return
    if event.get("specversion") != _VERSION:
        yield Fault(f"{pointer}/specversion", f"is required, and must be {_VERSION}")
    for name in _TEXTS:
        value = event.get(name)
        if name in _REQUIRED and value is None:
            yield Fault(f"{pointer}/{name}", "is required")
        elif value is not None and not (isinstance(value, str) and value):
            yield Fault(f"{pointer}/{name}", "must be a text that is not empty")
    if event.get("data") is not None and event.get("data_base64") is not None:
        yield Fault(f"{pointer}/data_base64", "must not be there beside data")
    yield from _attribute_faults(event, pointer)


def _attribute_faults(event: Message, pointer: str) -> Iterator[Fault]:
    time = event.get("time")
    if isinstance(time, str) and time:
        try:
            moment_of(time)
        except NotATime:
            yield Fault(f"{pointer}/time", "write RFC 3339, such as 2026-11-22T12:00:00Z")
    for name, value in event.items():
        if name in {"data", "data_base64"}:
            continue
        if not _ATTRIBUTE.fullmatch(name):
            place = name.replace("~", "~0").replace("/", "~1")
            yield Fault(f"{pointer}/{place}", "attributes have names of small letters and digits")
        elif isinstance(value, (dict, list)):
            yield Fault(f"{pointer}/{name}", "attributes are texts, numbers or true and false")


def read(message: Message, mapping: SourceMapping) -> Captured:
    """The event that a CloudEvent stands for. Raises `Invalid` if it is none.

    Its data are the properties; data that are no object are the property `data`.
    """
    if faults := tuple(faults_of(dict(message))):
        raise Invalid("This is no CloudEvent.", faults)
    data = message.get("data")
    properties: dict[str, Json] = dict(data) if isinstance(data, dict) else {}
    if data is not None and not isinstance(data, dict):
        properties["data"] = data
    properties = mapping.renamed(properties, message)
    if ENVELOPE in properties:
        detail = f"is a name of the engine: rename it with a property mapping, {ENVELOPE!r} -> another name"
        raise Invalid("This message is no event.", (Fault(f"/data/{ENVELOPE}", detail),))
    return Captured(
        type=mapping.type_of(str(message["type"])),
        identifiers=first_texts(_identifiers(message, mapping)),
        properties={**properties, **envelope_of(message, but=_USED)},
        occurred_at=message.get("time"),
    )


def _identifiers(message: Message, mapping: SourceMapping) -> Iterator[tuple[str, Json]]:
    """Those of the mapping, extension attributes, data, and the subject: an address, or else the id of a user."""
    yield from mapping.identifiers_in(message).items()
    data = message.get("data")
    if isinstance(data, Mapping):
        for kind in ("userId", "anonymousId", "email", "phone"):
            yield kind, data.get(kind)
    yield "userId", message.get("userid")
    yield "anonymousId", message.get("anonymousid")
    subject = message.get("subject")
    if isinstance(subject, str):
        yield ("email" if "@" in subject else "userId"), subject
