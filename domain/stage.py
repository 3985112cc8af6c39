"""Which stage a score stands for."""

from __future__ import annotations

from functools import cached_property

from pydantic import Field, field_validator

from domain.reading import Section, Slug

__all__ = ["StageLadder", "StageStep"]

_TOLERANCE = 1e-9
"""Points. Sums in another order differ in the last bits; they must not differ in stage."""


class StageStep(Section):
    """A stage and the score from which a lead is in it; the lowest one has no `from`."""

    name: Slug
    from_: float | None = Field(None, alias="from", allow_inf_nan=False)


class StageLadder(Section):
    """The stages from the lowest to the highest.

    With a `hysteresis` of 0.15 a lead enters a stage at its `from` and leaves it only 15 % below.
    """

    steps: tuple[StageStep, ...] = Field(min_length=1)
    hysteresis: float = Field(0.0, ge=0, lt=1)

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
    def lowest(self) -> str:
        return self.steps[0].name

    @property
    def names(self) -> tuple[str, ...]:
        """From the lowest to the highest."""
        return tuple(self._rank)

    @cached_property
    def _rank(self) -> dict[str, int]:
        return {step.name: rank for rank, step in enumerate(self.steps)}

    @cached_property
    def _up(self) -> tuple[float, ...]:
        """The score at which each stage begins."""
        return tuple(float("-inf") if step.from_ is None else step.from_ - _TOLERANCE for step in self.steps)

    @cached_property
    def _down(self) -> tuple[float, ...]:
        """The score below which a lead falls out of each stage."""
        return tuple(
            float("-inf")
            if step.from_ is None
            else step.from_ - abs(step.from_) * self.hysteresis - _TOLERANCE
            for step in self.steps
        )

    def settle(self, current: str, score: float) -> str:
        """The stage of a lead that was in `current` and now has `score` points."""
        rank = self._rank.get(current, 0)
        top = len(self.steps) - 1
        while rank < top and score >= self._up[rank + 1]:
            rank += 1
        while score < self._down[rank]:
            rank -= 1
        return self.steps[rank].name
