"""The definition of a sequence: all its steps and limits as one frozen, versioned piece of data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field, field_validator, model_validator

from domain.instant import Millis
from domain.rule_language.description import Block, Entry
from domain.rule_language.reference import Place, Reference
from domain.rule_language.section import Number, Section, Slug
from domain.rule_language.time_zone import TimeZoneName
from domain.rule_language.words import any_of, percent
from domain.rule_language.yaml_reader import LocatedError
from domain.sequences.duration import DurationSection
from domain.sequences.steps import AnyStep, Step
from domain.sequences.stops import STOPS, StopKind
from domain.sequences.window import ANY_TIME, SendWindowSection

__all__ = ["SequenceDefinition", "key_of", "walk"]

_MAX_STEPS = 200


class AgainSection(Section):
    """A lead may be enrolled again, this long after it was enrolled last."""

    after: DurationSection


class SequenceDefinition(Section):
    """The steps of a sequence, whom it may reach and when, and what ends it.

    A published name and version never changes its content: who is enrolled goes on under the version of the enrolment.
    """

    name: Slug
    version: int = Field(ge=1)
    description: str = ""
    enrol: Literal["once"] | AgainSection = Field("once", description="Whether a lead may be enrolled again.")
    exclusive: bool = Field(
        False, description="Not beside another exclusive sequence: a lead is in one of them at a time."
    )
    holdout: Number = Field(0, ge=0, le=100, description="Percent of leads that get nothing, for comparison.")
    window: SendWindowSection = SendWindowSection()
    timezone: TimeZoneName = Field("UTC", description="Time zone of leads of which no other is known.")
    gap: DurationSection = Field(
        DurationSection(hours=24), description="Between two messages to a lead, over all sequences."
    )
    away: DurationSection = Field(
        DurationSection(days=7),
        description="How long it pauses after an out-of-office reply that names no day of return.",
    )
    stop: tuple[StopKind, ...] = Field(STOPS, description="What ends it before its last step.")
    steps: tuple[AnyStep, ...] = Field(min_length=1)

    @field_validator("stop")
    @classmethod
    def _stops_once(cls, stops: tuple[StopKind, ...]) -> tuple[StopKind, ...]:
        for needed in ("opt-out", "bounce"):
            if needed not in stops:
                raise ValueError(
                    f"lacks {needed}; nobody is written to after that, so a sequence ends with it"
                )
        return tuple(dict.fromkeys(stops))

    @model_validator(mode="after")
    def _has_steps_of_its_own(self) -> SequenceDefinition:
        """Each step has a name of its own, and there are not too many."""
        seen: set[str] = set()
        for number, (place, key, _) in enumerate(walk(self.steps)):
            if key in seen:
                raise LocatedError(f"two steps are called '{key}'; give each its own id", place)
            if number >= _MAX_STEPS:
                raise LocatedError(f"there are more than {_MAX_STEPS} steps", place)
            seen.add(key)
        return self

    @property
    def label(self) -> str:
        """Name and version, as stored with every enrolment: `nurture@1`."""
        return f"{self.name}@{self.version}"

    @property
    def every(self) -> Millis | None:
        """Milliseconds after which a lead may be enrolled again; None for never."""
        return None if isinstance(self.enrol, str) else self.enrol.after.millis

    def references(self) -> Iterator[Reference]:
        """The stages and channels in it, which the active rulebook must define."""
        for place, _, step in walk(self.steps):
            for kind, names, within in step.references():
                yield Reference(kind, names, (*place, *within))

    def describe(self) -> Iterator[tuple[str, tuple[Block, ...]]]:
        """Everything that the sequence does, in chapters with titles."""
        yield "Who", tuple(self._enrolment())
        yield "When", tuple(self._time())
        yield "Ends early", (f"After {any_of(self.stop)}, or by hand.",)
        yield "Steps", tuple(_entries(self.steps, ("steps",), ""))

    def _enrolment(self) -> Iterator[str]:
        if isinstance(self.enrol, str):
            yield "Each lead is enrolled once."
        else:
            yield f"A lead may be enrolled again after {self.enrol.after.describe()}."
        if self.exclusive:
            yield "Not while it is in another exclusive sequence."
        if self.holdout:
            yield f"{percent(self.holdout / 100)} of the leads get nothing, for comparison."

    def _time(self) -> Iterator[str]:
        if self.window == ANY_TIME:
            yield "Messages go out at any time."
        else:
            yield f"Messages go out {self.window.describe()}; where nobody knows, in {self.timezone}."
        if self.gap.millis:
            yield f"Between two messages to a lead, of whatever sequence, are at least {self.gap.describe()}."
        yield (
            "After an out-of-office reply it pauses until the day after the return; "
            f"for {self.away.describe()} if the reply names no day."
        )


def walk(steps: Sequence[Step], place: Place = ("steps",)) -> Iterator[tuple[Place, str, Step]]:
    """Every step at any depth, with the place that it is written in and what it is called."""
    for number, step in enumerate(steps):
        here = (*place, number)
        yield here, key_of(step, here), step
        for inside, _, parts in step.parts():
            yield from walk(parts, (*here, *inside))


def key_of(step: Step, place: Place) -> str:
    """What a step is called: its id, else its place: `3`, `2.then.1`."""
    if step.id is not None:
        return step.id
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place[1:])


def _entries(steps: Sequence[Step], place: Place, indent: str) -> Iterator[Entry]:
    for number, step in enumerate(steps):
        here = (*place, number)
        yield Entry(f"{indent}{key_of(step, here)}", (f"{indent}{step.describe()}",))
        for inside, words, parts in step.parts():
            if parts:
                yield Entry(f"{indent}  {words}", ())
                yield from _entries(parts, (*here, *inside), f"{indent}    ")
