"""The rulebook document: all the rules about leads as one frozen, versioned piece of data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator, model_validator

from domain.accounts.account_rules import AccountsSection
from domain.automations.automation import AutomationSection
from domain.decisions.contact import ContactSection
from domain.decisions.goal import MOST_GOALS, WIN, Goal, GoalSection, describe_goals
from domain.decisions.next_action import DecisionRow, check_rows, describe_rows
from domain.decisions.outcome import OutcomeSection
from domain.decisions.stage import StageLadderSection
from domain.risk.estimate import RISK_BANDS
from domain.risk.mbg_nbd import MbgNbdRiskSection
from domain.risk.silence import SilenceRiskSection
from domain.rule_language.description import Block
from domain.rule_language.reference import Place, PropertyRead, Reference
from domain.rule_language.section import Number, Section, Slug
from domain.rule_language.time_zone import TimeZoneName
from domain.rule_language.yaml_reader import LocatedError
from domain.rulebooks.privacy_check import check_privacy
from domain.scoring.half_life_section import HalfLifeScoreSection
from domain.scoring.points_section import PointsScoreSection
from domain.velocity.sessions import SessionVelocitySection
from domain.velocity.window import WindowVelocitySection

__all__ = ["Rulebook"]


class Rulebook(Section):
    """The rules that turn events into intelligence.

    Each section names its `model`; a new way to score, measure or judge is a new model of its section, in a module
    of its own, and nothing else changes. A published name and version never changes its content.
    """

    name: Slug
    version: int = Field(ge=1)
    description: str = ""
    score: Annotated[PointsScoreSection | HalfLifeScoreSection, Field(discriminator="model")]
    stages: StageLadderSection
    velocity: Annotated[WindowVelocitySection | SessionVelocitySection, Field(discriminator="model")]
    risk: Annotated[SilenceRiskSection | MbgNbdRiskSection, Field(discriminator="model")]
    contact: ContactSection = ContactSection()
    outcome: OutcomeSection = OutcomeSection()
    goals: tuple[GoalSection, ...] | None = Field(
        None,
        max_length=MOST_GOALS,
        description="What prediction learns. Left out: `win`, won within 90 days; an empty list: nothing.",
    )
    next_action: tuple[DecisionRow, ...] = Field(min_length=1)
    automations: tuple[AutomationSection, ...] = ()
    accounts: AccountsSection = AccountsSection()
    timezone: TimeZoneName = Field("UTC", description="Time zone of the calendar periods of automations.")
    decay_min_delta: Number = Field(
        1.0,
        gt=0,
        description="Points a score must have moved by time alone before lists are refreshed without an event.",
    )

    @property
    def label(self) -> str:
        """Name and version, as stored with every score: `classic@1`."""
        return f"{self.name}@{self.version}"

    @property
    def goals_or_win(self) -> tuple[Goal, ...]:
        """What prediction learns: the goals that are named, or `win`."""
        return (WIN,) if self.goals is None else tuple(goal.compile() for goal in self.goals)

    def describe(self) -> Iterator[tuple[str, tuple[Block, ...]]]:
        """Everything that the rulebook does, in chapters with titles."""
        automations = tuple(rule.describe() for rule in self.automations)
        yield "Points", tuple(self.score.describe())
        yield "Stages", tuple(self.stages.describe())
        yield "Velocity", tuple(self.velocity.describe())
        yield "Risk", tuple(self.risk.describe())
        yield "Contact", tuple(self.contact.describe())
        yield "Outcome", tuple(self.outcome.describe())
        yield "Goals", tuple(describe_goals(self.goals_or_win))
        yield "Next action", tuple(describe_rows(self.next_action))
        clock = () if self.timezone == "UTC" else (f"Hours, days and weeks are those of {self.timezone}.",)
        yield "Automations", (*automations, *clock) or ("There are none.",)
        yield "Accounts", tuple(self.accounts.describe())
        yield (
            "Decay job",
            (f"Refreshes a score in lists once it has moved by {self.decay_min_delta:g} points.",),
        )

    def properties_read(self) -> Iterator[PropertyRead]:
        """Each property of events, or attribute of leads, whose value makes a difference, and where it is named."""
        for name, place in self.score.properties_read():
            yield PropertyRead(name, ("score", *place))
        for name, place in self.contact.properties_read():
            yield PropertyRead(name, ("contact", *place))
        for number, automation in enumerate(self.automations):
            for name, place in automation.trigger.properties_read():
                yield PropertyRead(name, ("automations", number, "trigger", *place))

    @field_validator("next_action")
    @classmethod
    def _is_a_table(cls, rows: tuple[DecisionRow, ...]) -> tuple[DecisionRow, ...]:
        check_rows(rows)
        return rows

    @field_validator("automations")
    @classmethod
    def _unique_ids(cls, automations: tuple[AutomationSection, ...]) -> tuple[AutomationSection, ...]:
        for automation_id, count in Counter(automation.id for automation in automations).items():
            if count > 1:
                raise ValueError(f"two automations have the id '{automation_id}'; give each its own")
        return automations

    @field_validator("goals")
    @classmethod
    def _unique_goals(cls, goals: tuple[GoalSection, ...] | None) -> tuple[GoalSection, ...] | None:
        for name, count in Counter(goal.name for goal in goals or ()).items():
            if count > 1:
                raise ValueError(f"two goals have the name '{name}'; give each its own")
        return goals

    @model_validator(mode="after")
    def _goals_can_be_reached(self) -> Rulebook:
        """An outcome that no event stands for is never reached."""
        for number, goal in enumerate(self.goals or ()):
            if not getattr(self.outcome, goal.outcome):
                raise LocatedError(
                    f"no event makes a lead {goal.outcome}; name one in outcome.{goal.outcome}",
                    ("goals", number, "outcome"),
                )
        return self

    @model_validator(mode="after")
    def _knows_its_names(self) -> Rulebook:
        """Every stage and risk band that a rule names must exist."""
        for number, row in enumerate(self.next_action):
            self._check(row.when.references(), ("nextAction", number, "when"))
        for number, rule in enumerate(self.automations):
            self._check(rule.when.references(), ("automations", number, "when"))
            self._check(rule.trigger.references(), ("automations", number, "trigger"))
        return self

    def _check(self, references: Iterable[Reference], place: Place) -> None:
        known: Mapping[str, tuple[str, ...]] = {
            "stage": self.stages.names,
            "risk band": RISK_BANDS,
            "channel": tuple(self.contact.channels),
        }
        for kind, names, within in references:
            for name in names:
                if name not in known[kind]:
                    write = f"write one of {', '.join(known[kind])}" if known[kind] else f"there is no {kind}"
                    raise LocatedError(f"there is no {kind} '{name}'; {write}", (*place, *within))

    @model_validator(mode="after")
    def _respects_privacy(self, info: ValidationInfo) -> Rulebook:
        """Checked where the personal fields are known: when a file is read, not when what was published is."""
        if info.context is not None:
            check_privacy(self.properties_read(), info.context["personal_fields"])
        return self
