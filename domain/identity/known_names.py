"""The names that a stream is found by: the latest value of each field that holds a name, by when it occurred."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from domain.instant import Millis

__all__ = ["FieldName", "KnownNames", "When", "with_names"]

When = tuple[Millis, Millis, int]
"""The place of an event in the order of the fold: when it occurred, when it was received, its position."""


class FieldName(Struct, frozen=True):
    """The keyed hashes of the words that a field held last, and the event that said so; none if it was taken back."""

    words: tuple[str, ...]
    when: When


class KnownNames(Struct, frozen=True):
    """The names in a stream by field. The order in which events are put to it makes no difference.

    `version` is that of the stored names, 0 for none: it grows with every write.
    """

    fields: Mapping[str, FieldName] = {}
    version: int = 0

    @property
    def words(self) -> list[str]:
        """The words of all fields, each once."""
        return sorted({word for one in self.fields.values() for word in one.words})


def with_names(known: KnownNames, found: Iterable[tuple[str, FieldName]]) -> KnownNames:
    """The names with those of further events: of each field the latest."""
    fields = dict(known.fields)
    for field, name in found:
        before = fields.get(field)
        if before is None or before.when <= name.when:
            fields[field] = name
    return KnownNames(fields, known.version)
