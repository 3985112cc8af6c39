"""The contact state of a lead: whether a conversation is open, and whether contact is allowed at all."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from domain.events.event import ENGINE_SOURCE, Event
from domain.instant import Millis
from domain.rule_language.description import Block
from domain.rule_language.section import Section
from domain.rule_language.words import any_of

__all__ = ["ContactRules", "ContactSection", "ContactState"]


class ContactState(Struct, frozen=True, gc=False, rename="camel"):
    """The latest moment of each kind. Which of two is later does not depend on the order of arrival."""

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


class ContactRules(Struct, frozen=True):
    """Types of events by what they say about contact. `types` holds all of them but `our_actions`."""

    opens: frozenset[str]
    closes: frozenset[str]
    suppresses: frozenset[str]
    releases: frozenset[str]
    our_actions: frozenset[str]
    types: frozenset[str]

    def evolve(self, state: ContactState, event: Event) -> ContactState:
        """The state after one more event."""
        name, at = event.type, event.occurred_at
        if name not in self.types or event.source == ENGINE_SOURCE:
            return state
        return ContactState(
            max(state.opened_at, at) if name in self.opens else state.opened_at,
            max(state.closed_at, at) if name in self.closes else state.closed_at,
            max(state.suppressed_at, at) if name in self.suppresses else state.suppressed_at,
            max(state.released_at, at) if name in self.releases else state.released_at,
        )


class ContactSection(Section):
    """Which types of events open and close a conversation, and which forbid and allow contact.

    `our_actions` are types of what we do: they may score, but are no sign of life of the lead.
    """

    opens_conversation: tuple[str, ...] = ()
    closes_conversation: tuple[str, ...] = ()
    suppresses: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    our_actions: tuple[str, ...] = ()

    def compile(self) -> ContactRules:
        """The rules in executable form."""
        about_contact = (
            frozenset(self.opens_conversation),
            frozenset(self.closes_conversation),
            frozenset(self.suppresses),
            frozenset(self.releases),
        )
        return ContactRules(
            *about_contact, our_actions=frozenset(self.our_actions), types=frozenset().union(*about_contact)
        )

    def describe(self) -> Iterator[Block]:
        """The events that open and close a conversation, and that forbid and allow contact."""
        if self.opens_conversation:
            yield f"An answer is owed after {any_of(self.opens_conversation)}."
        if self.closes_conversation:
            yield f"It is given by {any_of(self.closes_conversation)}."
        if self.suppresses:
            yield f"No contact after {any_of(self.suppresses)}: the next action is then do_not_contact."
        if self.releases:
            yield f"Contact is possible again after {any_of(self.releases)}."
