"""References from a rule to something that the rulebook defines elsewhere, such as a stage."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Reference", "ReferenceKind"]

ReferenceKind = Literal["stage", "risk band"]


class Reference(NamedTuple):
    """Names that must exist, of what kind they are, and the field that they are written in."""

    kind: ReferenceKind
    names: tuple[str, ...]
    field: str
