"""Encryption and decryption of the personal fields in event properties. Everything else stays as it is."""

from __future__ import annotations

import re

from domain.events.event import Json
from domain.privacy.personal_fields import (
    ERASED,
    SEALED_PART,
    PersonalFields,
    Sealing,
    is_sealed,
    looks_sealed,
    seals_whole,
)
from engine.privacy.lead_key import LeadKey, LeadKeys

__all__ = ["holds_sealed", "open_properties", "open_value", "seal_properties"]

_PART = re.compile(re.escape(SEALED_PART) + r"[0-9A-Za-z:_=-]+\]")


def seal_properties(properties: dict[str, Json], fields: PersonalFields, key: LeadKey) -> dict[str, Json]:
    """The properties with the value of every personal field encrypted as a whole, and personal parts of texts alone.

    Null stays null. A sender's text that looks sealed is encrypted too, so that nothing stored looks sealed that is not.
    """
    return {name: _seal(name, value, fields, key) for name, value in properties.items()}


def open_properties(properties: dict[str, Json], key: LeadKey | LeadKeys | None) -> dict[str, Json]:
    """The properties as they were sent. What a destroyed key encrypted reads `[erased]`."""
    return {name: open_value(name, value, key) for name, value in properties.items()}


def open_value(field: str, value: Json, key: LeadKey | LeadKeys | None) -> Json:
    """The value of a field with everything sealed in it decrypted."""
    if isinstance(value, str):
        if is_sealed(value):
            return ERASED if key is None else key.open(field, value)
        return _open_parts(value, key) if SEALED_PART in value else value
    if isinstance(value, dict):
        return open_properties(value, key)
    if isinstance(value, list):
        return [open_value(field, item, key) for item in value]
    return value


def holds_sealed(value: Json) -> bool:
    """Whether anything in the value is sealed."""
    if isinstance(value, dict):
        return any(holds_sealed(inner) for inner in value.values())
    if isinstance(value, list):
        return any(holds_sealed(inner) for inner in value)
    return isinstance(value, str) and looks_sealed(value)


def _seal(name: str, value: Json, fields: PersonalFields, key: LeadKey) -> Json:
    sealing = fields.sealing(name)
    if value is not None and seals_whole(sealing, value):
        return key.seal(name, value)
    return _seal_within(name, value, sealing, fields, key)


def _seal_within(name: str, value: Json, sealing: Sealing, fields: PersonalFields, key: LeadKey) -> Json:
    if isinstance(value, str):
        return key.seal(name, value) if looks_sealed(value) else _seal_parts(value, sealing, fields, key)
    if isinstance(value, dict):
        return seal_properties(value, fields, key)
    if isinstance(value, list):
        return [_seal_within(name, item, sealing, fields, key) for item in value]
    return value


def _seal_parts(text: str, sealing: Sealing, fields: PersonalFields, key: LeadKey) -> str:
    pieces, at = [], 0
    for start, end in fields.spans(text, sealing):
        pieces += [text[at:start], f"[{key.seal_part(text[start:end])}]"]
        at = end
    return "".join((*pieces, text[at:])) if pieces else text


def _open_parts(text: str, key: LeadKey | LeadKeys | None) -> str:
    if key is None:
        return _PART.sub(ERASED, text)
    return _PART.sub(lambda part: key.open_part(part[0][1:-1]), text)
