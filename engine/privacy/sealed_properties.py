"""Encryption and decryption of the personal fields in event properties. Everything else stays as it is."""

from __future__ import annotations

from domain.events.event import Json
from domain.privacy.personal_fields import ERASED, PersonalFields, is_sealed
from engine.privacy.lead_key import LeadKey

__all__ = ["holds_sealed", "open_properties", "open_value", "seal_properties"]


def seal_properties(properties: dict[str, Json], fields: PersonalFields, key: LeadKey) -> dict[str, Json]:
    """The properties with the value of every personal field encrypted as a whole; null stays null.

    A sender's text that looks sealed is encrypted too, so that nothing stored looks sealed that is not.
    """
    return {name: _seal(name, value, fields, key) for name, value in properties.items()}


def open_properties(properties: dict[str, Json], key: LeadKey | None) -> dict[str, Json]:
    """The properties as they were sent. What a destroyed key encrypted reads `[erased]`."""
    return {name: open_value(name, value, key) for name, value in properties.items()}


def open_value(field: str, value: Json, key: LeadKey | None) -> Json:
    """The value of a field with everything sealed in it decrypted."""
    if isinstance(value, str):
        if not is_sealed(value):
            return value
        return ERASED if key is None else key.open(field, value)
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
    return is_sealed(value)


def _seal(field: str, value: Json, fields: PersonalFields, key: LeadKey) -> Json:
    if value is None:
        return None
    if field in fields or is_sealed(value):
        return key.seal(field, value)
    if isinstance(value, dict):
        return seal_properties(value, fields, key)
    if isinstance(value, list):
        return [_seal(field, item, fields, key) for item in value]
    return value
