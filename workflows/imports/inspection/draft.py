"""A draft of a mapping: which events the rows make of which columns, before details of cells are filled in."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field

__all__ = ["Draft", "DraftCondition", "DraftEvent"]


class DraftCondition(Struct, frozen=True):
    """Make the event only if the column has one of these words; without words, if it has a cell."""

    column: str
    words: tuple[str, ...] = ()


class DraftEvent(Struct, frozen=True):
    """One event: its type, or the types by the cells of a column, and where the rest of it stands."""

    event_id: str
    type: str = ""
    type_column: str = ""
    values: dict[str, str] = field(default_factory=dict)
    time_column: str = ""
    """Empty if the file has no times: then a made-up one is written."""
    condition: DraftCondition | None = None
    properties: dict[str, str] = field(default_factory=dict)
    """Columns by the names of properties."""
    constants: dict[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> Iterable[str]:
        """The columns that it names outside of its id."""
        named = (self.type_column, self.time_column, self.condition.column if self.condition else "")
        return (column for column in (*named, *self.properties.values()) if column)


class Draft(Struct, frozen=True):
    """A mapping in the making."""

    title: str
    """The export that the file was taken for."""
    source: str
    lead_id: str
    events: tuple[DraftEvent, ...]
    cut_prefix: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    """Columns that no property is made of, and why."""
    notes: tuple[str, ...] = ()
