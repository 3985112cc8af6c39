"""A rulebook: all the rules about leads as one frozen, versioned piece of data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Annotated

from msgspec import Struct
from pydantic import Field, ValidationInfo, field_validator, model_validator

from domain.automations.automation import Automation
from domain.automations.time_triggers import TimeTrigger
from domain.decisions.assessment import Measurements
from domain.decisions.contact import ContactRules, ContactState
from domain.decisions.next_action import Advice, DecisionRow, DecisionTable
from domain.decisions.stage import Override, StageLadder
from domain.events.event import Event
from domain.instant import Millis
from domain.risk.mbg_nbd import MbgNbdRisk, MbgNbdState
from domain.risk.silence import RISK_BANDS, RiskEstimate, SilenceRisk, SilenceState
from domain.rule_language.reference import Reference
from domain.rule_language.section import Number, Section, Slug
from domain.rule_language.yaml_reader import LocatedError
from domain.rulebooks.models import RiskModel, ScoreModel, VelocityModel
from domain.rulebooks.privacy_check import check_privacy
from domain.scoring.breakdown import Score, ScoreChange
from domain.scoring.half_life import HalfLifeScore, HalfLifeState
from domain.scoring.points import PointsScore, PointsState
from domain.velocity.sessions import SessionState, SessionVelocity
from domain.velocity.window import VelocityReading, WindowState, WindowVelocity

__all__ = ["RiskState", "Rulebook", "ScoreState", "VelocityState"]

ScoreState = PointsState | HalfLifeState
VelocityState = WindowState | SessionState
RiskState = SilenceState | MbgNbdState


class CompiledRulebook(Struct, frozen=True):
    """What events and readings ask of a rulebook, looked up once: finding a method of a pydantic model costs half a call."""

    label: str
    total: Callable[[ScoreState, Millis], Score]
    grade: Callable[[Score], str]
    read_velocity: Callable[[VelocityState, Millis], VelocityReading]
    read_risk: Callable[[RiskState, Millis], RiskEstimate]
    decide: Callable[[Measurements], Advice]
    evolve_score: Callable[[ScoreState, Event], ScoreState]
    effect: Callable[[Event, ScoreState, ScoreState, Millis], ScoreChange]
    evolve_velocity: Callable[[VelocityState, Event], VelocityState]
    evolve_risk: Callable[[RiskState, Event], RiskState]
    evolve_contact: Callable[[ContactState, Event], ContactState]
    contact_types: frozenset[str]
    our_actions: frozenset[str]
    settle: Callable[[str, float], str]
    set_by: Callable[[Event, Override | None], Override | None]
    overridden: Callable[[Override | None, Millis], str | None]
    may_trigger: Callable[[str, str, str], bool]


class Rulebook(Section):
    """What turns events into intelligence.

    Each section names its `model`; a new way to score, measure or judge is a new model of its section, in a module
    of its own, and nothing else changes. A published name and version never changes its content.
    """

    name: Slug
    version: int = Field(ge=1)
    description: str = ""
    score: Annotated[PointsScore | HalfLifeScore, Field(discriminator="model")]
    stages: StageLadder
    velocity: Annotated[WindowVelocity | SessionVelocity, Field(discriminator="model")]
    risk: Annotated[SilenceRisk | MbgNbdRisk, Field(discriminator="model")]
    contact: ContactRules = ContactRules()
    next_action: tuple[DecisionRow, ...]
    automations: tuple[Automation, ...] = ()
    decay_min_delta: Number = Field(
        1.0, gt=0, description="Points a score must have moved before the decay job writes it down."
    )

    @cached_property
    def label(self) -> str:
        """Name and version, as stored with every score: `classic@1`."""
        return f"{self.name}@{self.version}"

    @cached_property
    def score_model(self) -> ScoreModel:
        """The score section, whichever model it is."""
        return self.score

    @cached_property
    def velocity_model(self) -> VelocityModel:
        """The velocity section, whichever model it is."""
        return self.velocity

    @cached_property
    def risk_model(self) -> RiskModel:
        """The risk section, whichever model it is."""
        return self.risk

    @cached_property
    def calls(self) -> CompiledRulebook:
        """The methods that every event and every reading goes through."""
        return CompiledRulebook(
            label=self.label,
            total=self.score_model.total,
            grade=self.score_model.grade,
            read_velocity=self.velocity_model.read,
            read_risk=self.risk_model.read,
            decide=self.decisions.decide,
            evolve_score=self.score_model.evolve,
            effect=self.score_model.effect,
            evolve_velocity=self.velocity_model.evolve,
            evolve_risk=self.risk_model.evolve,
            evolve_contact=self.contact.evolve,
            contact_types=self.contact.types,
            our_actions=frozenset(self.contact.our_actions),
            settle=self.stages.settle,
            set_by=self.stages.set_by,
            overridden=self.stages.overridden,
            may_trigger=self.may_trigger,
        )

    @cached_property
    def decisions(self) -> DecisionTable:
        """The next-action rows as a table."""
        return DecisionTable(rows=self.next_action)

    def may_trigger(self, event_type: str, stage_before: str, stage_after: str) -> bool:
        """Whether such an event may fire any automation; few may."""
        return (
            event_type in self._trigger_types
            or stage_before != stage_after
            or stage_after in self._watched_stages
        )

    @cached_property
    def _trigger_types(self) -> frozenset[str]:
        """The types of events that can fire an automation whatever they do to the lead."""
        return frozenset(name for rule in self._enabled for name in rule.trigger.event_types)

    @cached_property
    def _watched_stages(self) -> frozenset[str]:
        """The stages in which an automation compares what is measured."""
        return frozenset(
            name
            for rule in self._enabled
            if rule.trigger.watches_measures
            for name in rule.when.stage or self.stages.names
        )

    @cached_property
    def time_triggers(self) -> tuple[TimeTrigger, ...]:
        """The triggers that the passing of time alone fires."""
        return tuple(rule.trigger for rule in self._enabled if isinstance(rule.trigger, TimeTrigger))

    @cached_property
    def needs_forecast(self) -> bool:
        """Whether any of them depends on when the lead will fall a stage."""
        return any(trigger.needs_forecast for trigger in self.time_triggers)

    @property
    def _enabled(self) -> list[Automation]:
        return [rule for rule in self.automations if rule.enabled]

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
        """Every stage and risk band that a rule names must exist."""
        for number, row in enumerate(self.next_action):
            self._check(row.when.references(), ("nextAction", number, "when"))
        for number, rule in enumerate(self.automations):
            self._check(rule.when.references(), ("automations", number, "when"))
            self._check(rule.trigger.references(), ("automations", number, "trigger"))
        return self

    def _check(self, references: Iterable[Reference], where: tuple[str | int, ...]) -> None:
        known = {"stage": self.stages.names, "risk band": RISK_BANDS}
        for kind, names, field in references:
            for name in names:
                if name not in known[kind]:
                    write = ", ".join(known[kind])
                    raise LocatedError(f"there is no {kind} '{name}'; write one of {write}", (*where, field))

    @model_validator(mode="after")
    def _respects_privacy(self, info: ValidationInfo) -> Rulebook:
        """Checked where the personal fields are known: when a file is read, not when what was published is."""
        if info.context is not None:
            check_privacy(self.score_model, info.context["personal_fields"])
        return self
