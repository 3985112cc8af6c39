"""Triggers that compare the stage before and after an event, upwards, downwards or either way."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import ClassVar, Literal

from msgspec import Struct

from domain.automations.trigger import CompiledTrigger, LeadChange, ShallowChange, Trigger
from domain.rule_language.reference import Reference
from domain.rule_language.section import Names
from domain.rule_language.words import any_of

__all__ = ["StageEntered", "StageLeft"]

Direction = Literal["any", "up", "down"]


class StageMoves(Struct, frozen=True):
    """A trigger that fires on these moves from one stage to another."""

    moves: frozenset[tuple[str, str]]
    watches_measures: ClassVar[bool] = False
    watches_stage_and_risk_only: ClassVar[bool] = True
    event_types: ClassVar[tuple[str, ...]] = ()

    def could_fire(self, change: ShallowChange) -> bool:
        return (change.stage_before, change.stage_after) in self.moves

    def fires(self, change: LeadChange) -> bool:
        return (change.before.stage, change.after.stage) in self.moves


class _StageTrigger(Trigger):
    """A trigger on a move between stages."""

    @property
    @abstractmethod
    def way(self) -> Direction:
        """The direction that counts."""

    @abstractmethod
    def is_meant(self, before: str, after: str) -> bool:
        """Whether it names the one of the two stages that matters."""

    def compile(self, stages: Sequence[str]) -> CompiledTrigger:
        """The moves that fire it."""
        ranks = {stage: rank for rank, stage in enumerate(stages)}
        return StageMoves(
            frozenset(
                (before, after)
                for before, after in permutations(stages, 2)
                if self.is_meant(before, after)
                and self.way in ("any", "up" if ranks[after] > ranks[before] else "down")
            )
        )

    def could_fire(self, change: ShallowChange) -> bool:
        raise NotImplementedError  # only the compiled trigger knows which stage is higher

    def fires(self, change: LeadChange) -> bool:
        raise NotImplementedError  # as above: `compile` returns what fires


class StageEntered(_StageTrigger):
    """Fires when the lead enters one of these stages from below; with a `direction`, from above or either way."""

    stage_entered: Names
    direction: Direction | None = None

    @property
    def way(self) -> Direction:
        return self.direction or "up"

    def is_meant(self, before: str, after: str) -> bool:  # noqa: ARG002 - where it comes from is the direction's matter
        return after in self.stage_entered

    def describe(self) -> str:
        return f"the lead enters {any_of(self.stage_entered)}{_FROM[self.way]}"

    def references(self) -> Iterator[Reference]:
        yield Reference("stage", self.stage_entered, ("stageEntered",))


class StageLeft(_StageTrigger):
    """Fires when the lead falls out of one of these stages; with a `direction`, when it rises out of one, or either."""

    stage_left: Names
    direction: Direction | None = None

    @property
    def way(self) -> Direction:
        return self.direction or "down"

    def is_meant(self, before: str, after: str) -> bool:  # noqa: ARG002 - where it goes to is the direction's matter
        return before in self.stage_left

    def describe(self) -> str:
        return f"the lead leaves {any_of(self.stage_left)}{_TO[self.way]}"

    def references(self) -> Iterator[Reference]:
        yield Reference("stage", self.stage_left, ("stageLeft",))


_FROM = {"any": "", "up": " from below", "down": " from above"}
_TO = {"any": "", "up": " upwards", "down": " downwards"}
