"""Remarks about a row that was not refused: values left out, cells that no entry names, why nothing was made."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from workflows.capture.event_input import EventInput

__all__ = ["Remark", "RowEvents", "Subject"]

Subject = Literal["left out", "unnamed", "future", "nothing"]
"""A value left out; a cell that no entry of `values` names; a time in the future; a reason for no event."""


class Remark(Struct, frozen=True):
    """One remark. `what` is the same for all rows of its kind, `cell` is an example of it."""

    subject: Subject
    what: str
    cell: str = ""


class RowEvents(Struct, frozen=True):
    """The events of a row, and what was remarkable about it."""

    events: list[EventInput]
    remarks: list[Remark]
