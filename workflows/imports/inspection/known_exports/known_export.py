"""An export that is known: its headers in all their spellings, and the events that its rows become."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BeforeValidator, Field

from domain.rule_language.section import Names, Section
from domain.rule_language.yaml_reader import parse_section

__all__ = ["KnownCondition", "KnownEvent", "KnownExport", "known_exports", "plain_header", "recognise"]

_Spellings = Annotated[Names, BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]


class KnownCondition(Section):
    """A column, and the cells with which the event is made; without them, any cell."""

    column: str
    among: Names | None = Field(None, alias="in")


class KnownEvent(Section):
    """One event. Columns are named by the keys of `columns`; what needs one that the file lacks is left out."""

    type: str | None = None
    type_column: str | None = None
    values: dict[str, str] = Field({})
    event_id: Names
    """Of several, the first whose columns are there."""
    at: Names
    """The column of its time: of several, the first that is a time in every row."""
    when: KnownCondition | None = None
    properties: dict[str, str] = Field({})
    constants: dict[str, str] = Field({})
    """Properties that are the same for every row, unless a column has them."""
    rest: bool = False
    """Whether columns that nothing else reads become properties too."""
    unless: Names | None = None
    """Columns with any of which the event is not needed."""


class KnownExport(Section):
    """An export of another system."""

    title: str
    source: str
    needs: Names
    """The columns by which it is recognised: all of them."""
    signs: Names
    """Headers of which one must be there, because no other export has them."""
    columns: dict[str, _Spellings]
    """The headers, in every spelling that is met, by short names."""
    lead_id: Names
    cut_prefix: dict[str, Names] = Field({})
    events: tuple[KnownEvent, ...]
    notes: tuple[str, ...] = ()

    def found(self, header: Collection[str]) -> dict[str, str]:
        """The columns of the file by their short names."""
        there = {plain_header(name): name for name in reversed(list(header))}
        spelt = {
            short: next((there[plain] for plain in map(plain_header, names) if plain in there), None)
            for short, names in self.columns.items()
        }
        return {short: name for short, name in spelt.items() if name is not None}

    def fits(self, header: Collection[str]) -> bool:
        """Whether a file with this header is such an export."""
        there = set(map(plain_header, header))
        return set(self.needs) <= set(self.found(header)) and any(
            plain_header(sign) in there for sign in self.signs
        )


def plain_header(name: str) -> str:
    """The header without case, spaces and punctuation, so that `Lead - ID` and `lead_id` are one."""
    return re.sub(r"[\W_]+", "", name.casefold()) or name


@cache
def known_exports() -> tuple[KnownExport, ...]:
    """All of them."""
    return tuple(_loaded())


def _loaded() -> Iterator[KnownExport]:
    for file in sorted(files(__package__).iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            text = file.read_text(encoding="utf-8")
            yield parse_section(KnownExport, text, file.name, loader=yaml.BaseLoader, what="a known export")


def recognise(header: Sequence[str]) -> KnownExport | None:
    """The export that a header belongs to: of several that fit, the one that knows most of its columns."""
    fitting = [export for export in known_exports() if export.fits(header)]
    return max(fitting, key=lambda export: len(export.found(header)), default=None)
