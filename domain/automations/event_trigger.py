"""The trigger that fires on events by their type and their properties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from msgspec import Struct

from domain.automations.trigger import CompiledTrigger, LeadChange, ShallowChange, Trigger
from domain.events.vocabulary import REPLY_CLASSIFIED, REPLY_JUDGED
from domain.replies.opt_out_event import counts_as
from domain.rule_language.reference import PropertyRead
from domain.rule_language.section import Names
from domain.rule_language.where import Where, WhereSection
from domain.rule_language.words import any_of

__all__ = ["EventHappens"]


class EventTypes(Struct, frozen=True):
    """A trigger that fires on events of these types whose properties pass.

    `event_types` has those in whose place another event may stand, too: a cleared reading is in the word of a person.
    """

    types: frozenset[str]
    where: Where
    event_types: tuple[str, ...]
    watches_measures: ClassVar[bool] = False
    watches_stage_and_risk_only: ClassVar[bool] = True

    def could_fire(self, change: ShallowChange) -> bool:
        return change.event_type in self.event_types

    def fires(self, change: LeadChange) -> bool:
        event = change.event
        return counts_as(event, self.types) and not event.is_automated and self.where.holds(event.properties)


class EventHappens(Trigger):
    """Fires on each event of one of these types that no machine caused and whose properties are as `where` says."""

    event: Names
    where: WhereSection | None = None

    @property
    def event_types(self) -> tuple[str, ...]:
        return (*self.event, REPLY_JUDGED) if REPLY_CLASSIFIED in self.event else self.event

    def compile(self, stages: Sequence[str]) -> CompiledTrigger:  # noqa: ARG002 - it needs no stages
        """The types and the tests on properties."""
        where = Where() if self.where is None else self.where.compile()
        return EventTypes(frozenset(self.event), where, self.event_types)

    def could_fire(self, change: ShallowChange) -> bool:
        raise NotImplementedError  # `compile` returns what fires

    def fires(self, change: LeadChange) -> bool:
        raise NotImplementedError  # as above

    def describe(self) -> str:
        where = "" if self.where is None or self.where.is_empty else f" where {self.where.describe()}"
        return f"{any_of(self.event)}{where} happens"

    def properties_read(self) -> Iterator[PropertyRead]:
        for name, place in self.where.properties_read() if self.where else ():
            yield PropertyRead(name, ("where", *place))
