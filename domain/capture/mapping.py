"""The mapping of a source: names of events and properties, and where identifiers stand in its messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct

from domain.events.event import Json

__all__ = ["IDENTIFIER_KINDS", "NO_MAPPING", "IdentifierKind", "SourceMapping", "text_of", "value_at"]

IdentifierKind = Literal["userId", "anonymousId", "email", "phone"]
IDENTIFIER_KINDS: tuple[IdentifierKind, ...] = get_args(IdentifierKind)
"""What identifies a person, strongest first but for `anonymousId`, which identifies a device."""

_MAX_EXACT = 2**53


class SourceMapping(Struct, frozen=True, rename="camel"):
    """How the messages of one source become events.

    `events` gives the type of an event by the name that the sender uses. `properties` gives names of properties by paths
    into the message: `plan` is the property of that name, which is renamed; a path with dots, such as
    `context.page.title`, is copied. `identifiers` has a path for each kind that messages do not have in the usual place.
    """

    events: dict[str, str] = {}
    properties: dict[str, str] = {}
    identifiers: dict[str, str] = {}

    def type_of(self, name: str) -> str:
        """The event type for a name that the sender uses: the mapped one, or the name itself."""
        return self.events.get(name, name)

    def renamed(self, properties: dict[str, Json], message: Mapping[str, Json]) -> dict[str, Json]:
        """The properties under their mapped names. A mapped value replaces one that has the name already."""
        if not self.properties:
            return properties
        kept = {name: value for name, value in properties.items() if name not in self.properties}
        for path, name in self.properties.items():
            value = properties[path] if path in properties else value_at(message, path)
            if value is not None:
                kept[name] = value
        return kept

    def identifiers_in(self, message: Mapping[str, Json]) -> dict[str, str]:
        """The identifiers at the mapped paths."""
        found = ((kind, text_of(value_at(message, path))) for kind, path in self.identifiers.items())
        return {kind: text for kind, text in found if text}


NO_MAPPING = SourceMapping()
"""Everything keeps the name that its sender gave it."""


def value_at(message: Mapping[str, Json], path: str) -> Json:
    """The value that a path of names with dots between leads to, None if there is none."""
    value: Json | Mapping[str, Json] = message
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value if not isinstance(value, Mapping) else dict(value)


def text_of(value: Json) -> str:
    """An id as text: some senders write numbers. Empty for what is no id."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    match value:
        case bool():
            return ""
        case int():
            return str(value)
        case float() if value.is_integer() and abs(value) <= _MAX_EXACT:
            return str(int(value))
    return ""
