"""The difference of two rulebooks in words: each change with its place, its class, and what stood there before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from hashlib import sha256
from typing import cast

import msgspec
from msgspec import UNSET, Struct, UnsetType

from domain.events.event import Json
from domain.rule_lab.change_class import ChangeClass, class_of, heaviest
from domain.rule_lab.phrases import labels_of, phrase
from domain.rulebooks.rulebook import Rulebook

__all__ = ["Change", "Difference", "compare_rulebooks", "digest_of"]

_KEYS: Mapping[str, str] = {
    "rules": "id",
    "groups": "id",
    "attributes": "id",
    "automations": "id",
    "steps": "name",
    "goals": "name",
}
"""The field that names an item, by the name of the list."""
_DIGEST_LENGTH = 32
_MOST_MATCHED = 300
"""Rows of a table; matching takes time that grows with their square."""
_Place = tuple[str, ...]
_Found = tuple[_Place, Json | UnsetType, Json | UnsetType]


class Change(Struct, frozen=True, rename="camel"):
    """One change. `place` are the steps to it in the document, with ids in the place of numbers.

    `before` is unset where nothing stood there, `after` where nothing does now.
    """

    place: tuple[str, ...]
    change_class: ChangeClass = msgspec.field(name="class")
    text: str
    before: Json | UnsetType = UNSET
    after: Json | UnsetType = UNSET


class Difference(Struct, frozen=True):
    """All changes in the order of the document, and the class that covers them."""

    changes: tuple[Change, ...]

    @property
    def change_class(self) -> ChangeClass:
        """The heaviest class among the changes; `words` if there are none."""
        return heaviest(one.change_class for one in self.changes)


def compare_rulebooks(before: Rulebook, after: Rulebook) -> Difference:
    """What `after` changes. Rules, groups, stages and automations are matched by id, not by where they stand."""
    old, new = _content(before), _content(after)
    labels = labels_of(old) | labels_of(new)
    return Difference(
        tuple(
            Change(place, class_of(place), phrase(place, was, now, labels), was, now)
            for place, was, now in _changes((), old, new)
        )
    )


def digest_of(rulebook: Rulebook) -> str:
    """The address of the rulebook's content: the first 32 hexadecimal digits of the SHA-256 of its canonical JSON.

    Comments, the order of keys, and defaults that are written out make no difference; name and version do.
    """
    return sha256(msgspec.json.encode(_content(rulebook), order="sorted")).hexdigest()[:_DIGEST_LENGTH]


def _content(rulebook: Rulebook) -> dict[str, Json]:
    return cast("dict[str, Json]", rulebook.model_dump(mode="json", by_alias=True, exclude_none=True))


def _changes(place: _Place, before: Json, after: Json) -> Iterator[_Found]:
    if before == after and type(before) is type(after):
        return
    match before, after:
        case dict(), dict():
            yield from _fields(place, before, after)
        case list(), list() if place and place[-1] in _KEYS:
            yield from _items(place, before, after, _KEYS[place[-1]])
        case list(), list() if place == ("nextAction",):
            yield from _rows(place, before, after)
        case _:
            if before != after:
                yield place, before, after


def _fields(place: _Place, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[_Found]:
    for name in [*before, *(name for name in after if name not in before)]:
        if name not in after:
            yield (*place, name), before[name], UNSET
        elif name not in before:
            yield (*place, name), UNSET, after[name]
        else:
            yield from _changes((*place, name), before[name], after[name])


def _items(place: _Place, before: Sequence[Json], after: Sequence[Json], key: str) -> Iterator[_Found]:
    """Items by their names; that some stand in another order makes no difference to any lead."""
    old = {str(cast("dict[str, Json]", item)[key]): item for item in before}
    new = {str(cast("dict[str, Json]", item)[key]): item for item in after}
    yield from _fields(place, old, new)


def _rows(place: _Place, before: Sequence[Json], after: Sequence[Json]) -> Iterator[_Found]:
    """Rows of a table, of which the first that fits decides: by their order, numbered from 1 as they stand now."""
    old, new = ([msgspec.json.encode(row, order="sorted") for row in rows] for rows in (before, after))
    for kind, start, end, begin, stop in _blocks(old, new):
        if kind == "equal":
            continue
        paired = min(end - start, stop - begin)
        for offset in range(paired):
            yield from _changes(
                (*place, str(begin + offset + 1)), before[start + offset], after[begin + offset]
            )
        for row in before[start + paired : end]:
            yield (*place, str(stop + 1)), row, UNSET
        for number in range(begin + paired, stop):
            yield (*place, str(number + 1)), UNSET, after[number]


def _blocks(old: Sequence[bytes], new: Sequence[bytes]) -> Sequence[tuple[str, int, int, int, int]]:
    """Where the rows differ; by their numbers alone in tables so long that to match them would take for ever."""
    if max(len(old), len(new)) > _MOST_MATCHED:
        return [("replace", 0, len(old), 0, len(new))]
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
