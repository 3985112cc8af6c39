"""Whether a conversation with a lead is open, and whether it may be contacted at all."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from domain.events.event import ENGINE_SOURCE, Event
from domain.instant import Millis
from domain.rule_language.section import Section

__all__ = ["ContactRules", "ContactState"]


class ContactState(Struct, frozen=True, gc=False, rename="camel"):
    """The latest moment of each kind; which of two is later does not depend on the order of arrival."""

    opened_at: Millis = -1
    closed_at: Millis = -1
    suppressed_at: Millis = -1
    released_at: Millis = -1

    @property
    def open_conversation(self) -> bool:
        """Whether the lead has said something that nobody has answered."""
        return self.opened_at > self.closed_at

    @property
    def suppressed(self) -> bool:
        """Whether the lead must not be contacted; in doubt it must not."""
        return self.suppressed_at >= 0 and self.suppressed_at >= self.released_at


class ContactRules(Section):
    """Which types of events open and close a conversation, and which forbid and allow contact.

    `our_actions` are types of what we do: they may score, but are no sign of life of the lead.
    """

    opens_conversation: tuple[str, ...] = ()
    closes_conversation: tuple[str, ...] = ()
    suppresses: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    our_actions: tuple[str, ...] = ()

    def evolve(self, state: ContactState, event: Event) -> ContactState:
        """The state after one more event."""
        name, at = event.type, event.occurred_at
        if name not in self.types or event.source == ENGINE_SOURCE:
            return state
        return ContactState(
            max(state.opened_at, at) if name in self.opens_conversation else state.opened_at,
            max(state.closed_at, at) if name in self.closes_conversation else state.closed_at,
            max(state.suppressed_at, at) if name in self.suppresses else state.suppressed_at,
            max(state.released_at, at) if name in self.releases else state.released_at,
        )

    @cached_property
    def types(self) -> frozenset[str]:
        """Every type that says something about contact; most do not."""
        return frozenset(
            (*self.opens_conversation, *self.closes_conversation, *self.suppresses, *self.releases)
        )
