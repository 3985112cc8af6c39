"""The base class of triggers, and the changes that they are asked about."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, Protocol

from msgspec import Struct

from domain.decisions.assessment import Assessment
from domain.events.event import Event
from domain.instant import Millis
from domain.rule_language.one_kind import first_field
from domain.rule_language.reference import PropertyRead, Reference
from domain.rule_language.section import Section

__all__ = ["CompiledTrigger", "LeadChange", "Outlook", "ShallowChange", "Trigger"]


class Outlook(Struct, frozen=True):
    """The consequences for a lead of the passing of time alone.

    `quiet_since` is its last activity, `recorded_until` the moment up to which decay events record the passing of
    time, and `drop_at` when it will fall a stage if nothing happens; None where nobody asks.
    """

    quiet_since: Millis | None
    recorded_until: Millis
    drop_at: Millis | None = None


class LeadChange(Struct, frozen=True):
    """The effect of one event: the lead just before it and now. The `outlook` comes with decay events only."""

    event: Event
    before: Assessment
    after: Assessment
    outlook: Outlook | None = None


class ShallowChange(Struct, frozen=True):
    """The part of a change that is known before everything is measured."""

    event_type: str
    stage_before: str
    stage_after: str
    risk_before: str
    risk_after: str


class CompiledTrigger(Protocol):
    """A trigger in executable form; most are their own."""

    @property
    def watches_measures(self) -> bool: ...
    @property
    def watches_stage_and_risk_only(self) -> bool: ...
    @property
    def event_types(self) -> tuple[str, ...]: ...
    def could_fire(self, change: ShallowChange) -> bool: ...
    def fires(self, change: LeadChange) -> bool: ...


class Trigger(Section):
    """One kind of change. The first field of a kind names it and is required; further fields are options of it."""

    watches_measures: ClassVar[bool] = False
    """Whether any event can fire it, because it compares what is measured of the lead."""
    watches_stage_and_risk_only: ClassVar[bool] = True
    """Whether a record of the passing of time that changes neither stage nor risk makes no difference to it."""

    @classmethod
    def names(cls) -> tuple[str, str]:
        """The name of the kind in rulebooks, and how Python spells it."""
        return first_field(cls)

    @property
    def event_types(self) -> tuple[str, ...]:
        """The types of events that can fire it whatever they do to the lead."""
        return ()

    def compile(self, stages: Sequence[str]) -> CompiledTrigger:  # noqa: ARG002 - most need no stages
        """The trigger in executable form; `stages` are those of the rulebook, from the lowest to the highest."""
        return self

    @abstractmethod
    def could_fire(self, change: ShallowChange) -> bool:
        """A cheap pre-check: False means that no full assessment before and after is needed."""

    @abstractmethod
    def fires(self, change: LeadChange) -> bool:
        """Whether this is the change meant."""

    @abstractmethod
    def describe(self) -> str:
        """The change in words that go on from "When"."""

    def references(self) -> Iterator[Reference]:
        """The names in it that the rulebook must define."""
        return iter(())

    def properties_read(self) -> Iterator[PropertyRead]:
        """Each property of events whose value makes a difference, and where in this section it is asked for."""
        return iter(())
