"""What a lead looks like at one moment, and the conditions that rulebooks set on it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from domain.instant import Millis

__all__ = ["Condition", "Names", "NumberTest", "Reading", "Section", "Slug"]


class Reading(Struct, frozen=True, rename="camel"):
    """The five answers at the moment `at`: score (points), stage, velocity (the rulebook's unit), risk, next action."""

    at: Millis
    score: float
    stage: str
    velocity: float
    risk: str
    next_action: str = ""


class Section(BaseModel):
    """A part of a rulebook: camelCase in YAML, frozen, and nothing unknown."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said here."""
        return self.said == 0

    @property
    def said(self) -> int:
        """How many of the fields are given."""
        return sum(getattr(self, name) is not None for name in type(self).model_fields)


Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]
"""A name that may stand in a database key: letters, digits, dash and underscore."""


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1)]
"""One name or a list of names."""


class NumberTest(Section):
    """A test on a number; all the given bounds must hold."""

    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> NumberTest:
        if self.is_empty:
            raise ValueError("say at least one of above, atLeast, below, atMost")
        return self

    def holds(self, value: float) -> bool:
        """Whether `value` lies within all the bounds."""
        return (
            (self.above is None or value > self.above)
            and (self.at_least is None or value >= self.at_least)
            and (self.below is None or value < self.below)
            and (self.at_most is None or value <= self.at_most)
        )


class Condition(Section):
    """A test on a reading; every field that is given must hold, and none given always holds."""

    stage: Names | None = None
    risk: Names | None = None
    score: NumberTest | None = None
    velocity: NumberTest | None = None

    def holds(self, reading: Reading) -> bool:
        """Whether the reading meets every part of the condition."""
        return (
            (self.stage is None or reading.stage in self.stage)
            and (self.risk is None or reading.risk in self.risk)
            and (self.score is None or self.score.holds(reading.score))
            and (self.velocity is None or self.velocity.holds(reading.velocity))
        )
