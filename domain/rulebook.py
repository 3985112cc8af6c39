"""A rulebook: all the rules about leads as one frozen, versioned piece of data."""

from __future__ import annotations

from functools import cached_property

from pydantic import Field, field_validator, model_validator

from domain.automation import Automation
from domain.next_action import DecisionRow, DecisionTable
from domain.reading import Section, Slug
from domain.risk import RISK_BANDS, SilenceRisk
from domain.score import PointsScore
from domain.stage import StageLadder
from domain.velocity import WindowVelocity

__all__ = ["Rulebook"]


class Rulebook(Section):
    """What turns events into intelligence.

    Each section names its `model`; a new way to score, measure or judge is a new model of its section, in the
    module of that name, and nothing else changes. A published name and version never changes its content.
    """

    name: Slug
    version: int = Field(ge=1)
    description: str = ""
    score: PointsScore
    stages: StageLadder
    velocity: WindowVelocity
    risk: SilenceRisk
    next_action: tuple[DecisionRow, ...]
    automations: tuple[Automation, ...] = ()
    decay_min_delta: float = Field(
        1.0, gt=0, description="Points a score must have moved before the decay job writes it down."
    )

    @property
    def label(self) -> str:
        """Name and version, as stored with every score: `classic@1`."""
        return f"{self.name}@{self.version}"

    @cached_property
    def decisions(self) -> DecisionTable:
        """The next-action rows as a table."""
        return DecisionTable(rows=self.next_action)

    @field_validator("next_action")
    @classmethod
    def _is_a_table(cls, rows: tuple[DecisionRow, ...]) -> tuple[DecisionRow, ...]:
        return DecisionTable(rows=rows).rows

    @field_validator("automations")
    @classmethod
    def _unique_ids(cls, automations: tuple[Automation, ...]) -> tuple[Automation, ...]:
        ids = [automation.id for automation in automations]
        for automation_id in ids:
            if ids.count(automation_id) > 1:
                raise ValueError(f"two automations have the id '{automation_id}'; give each its own")
        return automations

    @model_validator(mode="after")
    def _knows_its_names(self) -> Rulebook:
        """Every stage and risk band that a condition names must exist."""
        for number, row in enumerate(self.next_action, 1):
            where = f"nextAction[{number}] ({row.action})"
            self._check(row.when.stage, self.stages.names, f"{where}: there is no stage")
            self._check(row.when.risk, RISK_BANDS, f"{where}: there is no risk band")
        for rule in self.automations:
            where = f"automation '{rule.id}'"
            for names in (rule.when.stage, rule.trigger.stage_entered, rule.trigger.stage_left):
                self._check(names, self.stages.names, f"{where}: there is no stage")
            for names in (rule.when.risk, rule.trigger.risk_entered):
                self._check(names, RISK_BANDS, f"{where}: there is no risk band")
        return self

    @staticmethod
    def _check(names: tuple[str, ...] | None, known: tuple[str, ...], complaint: str) -> None:
        for name in names or ():
            if name not in known:
                raise ValueError(f"{complaint} '{name}'; write one of {', '.join(known)}")
