"""The outcome of a lead: open, won, lost or disqualified, by the latest event that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct
from pydantic import model_validator

from domain.events.event import ENGINE_SOURCE, Event
from domain.instant import Millis
from domain.rule_language.description import Block
from domain.rule_language.section import NamesOrNone, Section
from domain.rule_language.words import any_of

__all__ = ["OPEN", "OUTCOMES", "Outcome", "OutcomeName", "OutcomeRules", "OutcomeSection"]

OutcomeName = Literal["open", "won", "lost", "disqualified"]

OPEN: OutcomeName = "open"
OUTCOMES: tuple[OutcomeName, ...] = ("open", "won", "lost", "disqualified")


class Outcome(Struct, frozen=True, gc=False, rename="camel"):
    """An outcome, since when it holds, and the type of the event that said so; at -1 nothing has been said."""

    name: OutcomeName = OPEN
    at: Millis = -1
    event_type: str = ""


class OutcomeRules(Struct, frozen=True):
    """The outcome that each type of event stands for."""

    by_type: dict[str, OutcomeName] = {}

    def evolve(self, outcome: Outcome, event: Event) -> Outcome:
        """The outcome after one more event of a type in `by_type`: the latest decides, at equal moments the one that came last."""
        if event.source == ENGINE_SOURCE or event.occurred_at < outcome.at:
            return outcome
        return Outcome(self.by_type[event.type], event.occurred_at, event.type)


class OutcomeSection(Section):
    """Types of events by the outcome that they stand for. Without them every lead is open."""

    won: NamesOrNone = ()
    lost: NamesOrNone = ()
    disqualified: NamesOrNone = ()
    reopened: NamesOrNone = ()

    @model_validator(mode="after")
    def _says_one_thing(self) -> OutcomeSection:
        named = [(name, type_) for name, types in self._lists().items() for type_ in types]
        for number, (name, type_) in enumerate(named):
            for earlier, other in named[:number]:
                if other == type_ and earlier != name:
                    raise ValueError(f"'{type_}' cannot mean both {earlier} and {name}; keep one")
        return self

    def compile(self) -> OutcomeRules:
        """The rules in executable form."""
        lists: Mapping[OutcomeName, tuple[str, ...]] = {
            "won": self.won,
            "lost": self.lost,
            "disqualified": self.disqualified,
            "open": self.reopened,
        }
        return OutcomeRules({type_: name for name, types in lists.items() for type_ in types})

    def describe(self) -> Iterator[Block]:
        """The events that decide, and what follows."""
        said = [f"{name} by {any_of(types)}" for name, types in self._lists().items() if types]
        if not said:
            yield "Every lead is open: no event says how it ended."
            return
        yield f"A lead is {'; '.join(said)}. The latest of these events decides."
        yield (
            "Unless it is open, its next action is none and no automation fires for it, "
            "but for those that ask for its outcome."
        )

    def _lists(self) -> dict[str, tuple[str, ...]]:
        return {
            "won": self.won,
            "lost": self.lost,
            "disqualified": self.disqualified,
            "reopened": self.reopened,
        }
