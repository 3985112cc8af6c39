"""The stage that a score stands for, with hysteresis, and stages that a person sets by hand."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, inf

from msgspec import Struct
from pydantic import Field, field_validator

from domain.events.event import Event
from domain.events.vocabulary import STAGE_CLEARED
from domain.instant import DAY, Millis
from domain.privacy.personal_fields import is_sealed
from domain.rule_language.description import Block, Table
from domain.rule_language.section import Number, Section, Slug
from domain.rule_language.tolerance import TOLERANCE
from domain.rule_language.words import days_in_words

__all__ = ["Override", "StageLadder", "StageLadderSection", "StageStep"]

_MAX_TEXT = 200
_MAX_SEALED = 1500
"""Characters. So long is a sealed text of 200 characters at most, nearly whatever they are."""


class Override(Struct, frozen=True, rename="camel"):
    """A stage that a person has set, by whom and why; an empty one takes it back."""

    stage: str
    by: str
    why: str
    at: Millis


class StageSpan(Struct, frozen=True):
    """The scores from `low` to below `high` keep a lead in a stage; `below` and `above` are the stages next to it."""

    low: float
    high: float
    below: str
    above: str


class StageLadder(Struct, frozen=True):
    """The stages by name, from the lowest to the highest."""

    spans: dict[str, StageSpan]
    ranks: dict[str, int]
    override_ms: Millis
    """How long a stage set by a person holds."""
    lines: tuple[float, ...]
    """Every score at which a stage is entered or left."""

    @property
    def names(self) -> tuple[str, ...]:
        """From the lowest to the highest."""
        return tuple(self.ranks)

    @property
    def lowest(self) -> str:
        return next(iter(self.ranks))

    def settle(self, current: str, score: float) -> str:
        """The stage of a lead that was in `current` and now has `score` points."""
        spans = self.spans
        stage = current if current in spans else self.lowest
        span = spans[stage]
        while score >= span.high:
            stage = span.above
            span = spans[stage]
        while score < span.low:
            stage = span.below
            span = spans[stage]
        return stage

    def shown(self, score: float) -> float:
        """The score in hundredths, half to even, but never across a line that the score itself has not crossed.

        So that nobody reads 55.0 beside a stage that ends at 55.
        """
        nearest = round(score, 2) + 0.0  # never minus zero
        for line in self.lines:
            if score < line <= nearest:
                return floor(score * 100) / 100
            if nearest < line <= score:
                return ceil(score * 100) / 100
        return nearest

    def set_by(self, event: Event, before: Override | None) -> Override | None:
        """The override after a `stage.set` or `stage.cleared` event; of two the later one holds."""
        if before is not None and before.at > event.occurred_at:
            return before
        if event.type == STAGE_CLEARED:
            return Override("", "", "", event.occurred_at)
        given = {name: _shortened(str(event.properties.get(name, ""))) for name in ("stage", "by", "why")}
        return Override(**given, at=event.occurred_at) if given["stage"] in self.ranks else before

    def overridden(self, override: Override | None, as_of: Millis) -> str | None:
        """The stage that a person has set and that still holds, if there is one."""
        if override is None or not override.stage or as_of >= self.expires_at(override):
            return None
        return override.stage if override.stage in self.ranks else None

    def expires_at(self, override: Override) -> Millis:
        """When an override ends by itself."""
        return override.at + self.override_ms

    def is_below(self, stage: str, other: str) -> bool:
        """Whether `stage` is lower on the ladder than `other`."""
        return self.ranks.get(stage, 0) < self.ranks.get(other, 0)


class StageStep(Section):
    """A stage and the score from which a lead is in it; the lowest one has no `from`."""

    name: Slug
    from_: Number | None = Field(None, alias="from")


class StageLadderSection(Section):
    """The stages from the lowest to the highest.

    With a `hysteresis` of 0.15 a lead enters a stage at its `from` and leaves it only 15 % below. A person may set
    the stage with a `stage.set` event (properties stage, by, why); that holds for `override_days`, or until a
    `stage.cleared` event.
    """

    steps: tuple[StageStep, ...] = Field(min_length=1)
    hysteresis: Number = Field(0.0, ge=0, lt=1)
    override_days: Number = Field(30, gt=0, description="How long a stage set by a person holds.")

    @field_validator("steps")
    @classmethod
    def _rising(cls, steps: tuple[StageStep, ...]) -> tuple[StageStep, ...]:
        if steps[0].from_ is not None:
            raise ValueError(
                f"the lowest stage, '{steps[0].name}', takes every low score: leave out its 'from'"
            )
        previous: float | None = None
        for step in steps[1:]:
            if step.from_ is None:
                raise ValueError(f"stage '{step.name}' needs a 'from', the score at which it begins")
            if previous is not None and step.from_ <= previous:
                raise ValueError(
                    f"stage '{step.name}' begins at {step.from_:g}, not above the stage before it"
                )
            previous = step.from_
        names = [step.name for step in steps]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two stages are called '{name}'")
        return steps

    @property
    def names(self) -> tuple[str, ...]:
        """From the lowest to the highest."""
        return tuple(step.name for step in self.steps)

    def compile(self) -> StageLadder:
        """The ladder in executable form."""
        names = self.names
        begins = [step.from_ or 0.0 for step in self.steps[1:]]
        leaves = [-inf, *(begin - abs(begin) * self.hysteresis - TOLERANCE for begin in begins)]
        enters = [*(begin - TOLERANCE for begin in begins), inf]
        spans = {
            name: StageSpan(low, high, names[max(rank - 1, 0)], names[min(rank + 1, len(names) - 1)])
            for rank, (name, low, high) in enumerate(zip(names, leaves, enters, strict=True))
        }
        ranks = {name: rank for rank, name in enumerate(names)}
        lines = tuple(sorted({line for line in (*leaves, *enters) if abs(line) < inf}))
        return StageLadder(spans, ranks, round(self.override_days * DAY), lines)

    def describe(self) -> Iterator[Block]:
        """Where each stage begins on the way up and ends on the way down."""
        yield Table(
            ("Stage", "Reached from", "Left below"),
            tuple(self._row(step) for step in self.steps),
            numeric=("Reached from", "Left below"),
        )
        holds = days_in_words(self.override_days)
        yield f"A stage that a person sets holds for {holds}, or until it is cleared."

    def _row(self, step: StageStep) -> tuple[str, ...]:
        if step.from_ is None:
            return step.name, "any score", ""
        down = step.from_ - abs(step.from_) * self.hysteresis
        return step.name, f"{step.from_:g}", f"{down:.6g}"


def _shortened(text: str) -> str:
    """A text short enough to be remembered. A sealed text cannot be opened when it is cut: too long, it is left out."""
    if is_sealed(text):
        return text if len(text) <= _MAX_SEALED else ""
    return text[:_MAX_TEXT]
