"""Reading of payloads: values of any shape, of which only what is right is taken."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any

import msgspec

from domain.events.event import Json
from domain.hooks.request import NotForUs
from domain.instant import SECOND, Millis, from_datetime

__all__ = [
    "Fields",
    "address_of",
    "digest",
    "given",
    "json_list",
    "json_object",
    "moment",
    "number",
    "part",
    "parts",
    "seconds",
    "text",
]

Fields = Mapping[str, Any]
_NOTHING: Fields = {}
_MAX_SECONDS = 32_503_680_000
"""The year 3000; a larger number is no time in seconds."""


def json_object(body: bytes) -> Fields:
    """The object in a body. Raises `NotForUs`."""
    found = _json(body)
    if not isinstance(found, dict):
        raise NotForUs("The body is not a JSON object.")
    return found


def json_list(body: bytes) -> list[Fields]:
    """The objects of the array in a body; one object alone counts as such. Raises `NotForUs`."""
    found = _json(body)
    items = found if isinstance(found, list) else [found]
    if not all(isinstance(item, dict) for item in items):
        raise NotForUs("The body is not a JSON array of objects.")
    return items


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotForUs(f"The body is not JSON: {error}") from None


def part(fields: Fields, *path: str) -> Fields:
    """The object at a path of names, empty if there is none."""
    for name in path:
        inner = fields.get(name)
        if not isinstance(inner, dict):
            return _NOTHING
        fields = inner
    return fields


def parts(fields: Fields, name: str) -> list[Fields]:
    """The objects in the array of this name."""
    inner = fields.get(name)
    return [one for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []


def text(fields: Fields, *names: str) -> str:
    """The first of the named values that is a text or a whole number, as text; empty if none is."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def number(fields: Fields, name: str) -> float | None:
    """The number of this name, None if there is none."""
    value = fields.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def seconds(value: object) -> Millis | None:
    """The instant that is so many seconds after the epoch, a number or text; None for what is no time."""
    try:
        found = float(value) if isinstance(value, (int, float, str)) else -1.0
    except ValueError:
        return None
    return int(found * SECOND) if 0 < found < _MAX_SECONDS else None


def moment(value: object) -> Millis | None:
    """The instant in an RFC 3339 text with an offset; None for what is no such text."""
    if not isinstance(value, str):
        return None
    try:
        return (
            from_datetime(msgspec.convert(value, datetime))
            if value[-1:] == "Z" or ":" in value[-6:]
            else None
        )
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None


def given(**values: Json) -> dict[str, Json]:
    """The values that are there: neither None nor an empty text."""
    return {name: value for name, value in values.items() if value not in (None, "")}


def address_of(header: str) -> str:
    """The e-mail address in a header such as `Zoë <zoe@example.com>`; empty if there is none."""
    address = parseaddr(header)[1]
    return address if "@" in address else ""


def digest(content: bytes) -> str:
    """What stands for content that has no id of its own."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()
