"""Triggers that compare the stage before and after an event."""

from __future__ import annotations

from collections.abc import Iterator

from domain.automations.trigger import LeadChange, ShallowChange, Trigger
from domain.rule_language.reference import Reference
from domain.rule_language.section import Names
from domain.rule_language.words import any_of

__all__ = ["StageEntered", "StageLeft"]


class StageEntered(Trigger):
    """Fires when the lead enters one of these stages, from below or from above."""

    stage_entered: Names

    def could_fire(self, change: ShallowChange) -> bool:
        return change.stage_before != change.stage_after and change.stage_after in self.stage_entered

    def fires(self, change: LeadChange) -> bool:
        before, after = change.before.stage, change.after.stage
        return before != after and after in self.stage_entered

    def describe(self) -> str:
        return f"the lead enters {any_of(self.stage_entered)}"

    def references(self) -> Iterator[Reference]:
        yield Reference("stage", self.stage_entered, ("stageEntered",))


class StageLeft(Trigger):
    """Fires when the lead leaves one of these stages, upwards or downwards."""

    stage_left: Names

    def could_fire(self, change: ShallowChange) -> bool:
        return change.stage_before != change.stage_after and change.stage_before in self.stage_left

    def fires(self, change: LeadChange) -> bool:
        before, after = change.before.stage, change.after.stage
        return before != after and before in self.stage_left

    def describe(self) -> str:
        return f"the lead leaves {any_of(self.stage_left)}"

    def references(self) -> Iterator[Reference]:
        yield Reference("stage", self.stage_left, ("stageLeft",))
