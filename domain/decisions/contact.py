"""The contact state of a lead: whether a conversation is open, and whether contact is allowed at all."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace
from pydantic import Field

from domain.decisions.suspected_opt_outs import SuspectedOptOut, suspected_after
from domain.events.event import ENGINE_SOURCE, Event, Json
from domain.events.vocabulary import LEAD_UPDATED, REPLY_CLASSIFIED, REPLY_JUDGED
from domain.instant import Millis
from domain.replies.opt_out_event import EVERY_CHANNEL, opted_out_channels
from domain.rule_language.description import Block
from domain.rule_language.reference import PropertyRead
from domain.rule_language.section import NamesOrNone, Section, Slug
from domain.rule_language.value import as_truth
from domain.rule_language.words import any_of

__all__ = ["ChannelRules", "ChannelSection", "ChannelState", "ContactRules", "ContactSection", "ContactState"]


class ChannelState(Struct, frozen=True, gc=False, rename="camel"):
    """The latest moments at which contact in one channel was forbidden, and allowed again."""

    suppressed_at: Millis = -1
    released_at: Millis = -1

    @property
    def closed(self) -> bool:
        """Whether the lead must not be contacted in this way; in doubt it must not."""
        return self.suppressed_at >= 0 and self.suppressed_at >= self.released_at


class ContactState(Struct, frozen=True, gc=False, rename="camel"):
    """The latest moment of each kind. Which of two is later does not depend on the order of arrival.

    `opt_outs` are the latest moments at which a reply of the lead said no, by channel or for `EVERY_CHANNEL`;
    `suspected_opt_outs` the latest that are only suspected and that nobody has judged.
    """

    opened_at: Millis = -1
    closed_at: Millis = -1
    suppressed_at: Millis = -1
    released_at: Millis = -1
    channels: dict[str, ChannelState] = {}
    opt_outs: dict[str, Millis] = {}
    suspected_opt_outs: tuple[SuspectedOptOut, ...] = ()

    @property
    def open_conversation(self) -> bool:
        """Whether the lead has said something that nobody has answered."""
        return self.opened_at > self.closed_at

    @property
    def suppressed(self) -> bool:
        """Whether the lead must not be contacted; in doubt it must not."""
        if self.suppressed_at >= 0 and self.suppressed_at >= self.released_at:
            return True
        return bool(self.opt_outs) and self.has_opted_out

    @property
    def has_opted_out(self) -> bool:
        """Whether a reply of the lead has said no to every channel, and nothing has allowed contact again since."""
        return self._holds(EVERY_CHANNEL)

    @property
    def closed_channels(self) -> tuple[str, ...]:
        """The channels in which the lead must not be contacted, in the order of their names."""
        if not self.channels and not self.opt_outs:
            return ()
        by_rules = {name for name, channel in self.channels.items() if channel.closed}
        by_reply = {name for name in self.opt_outs if name != EVERY_CHANNEL and self._holds(name)}
        return tuple(sorted(by_rules | by_reply))

    @property
    def standing_opt_outs(self) -> dict[str, Millis]:
        """The opt-outs that hold: the moment of the latest, by channel or for `EVERY_CHANNEL`."""
        return {name: at for name, at in sorted(self.opt_outs.items()) if self._holds(name)}

    def _holds(self, channel: str) -> bool:
        """Whether the opt-out of a channel is not older than what allowed contact again."""
        at = self.opt_outs.get(channel, -1)
        of_channel = self.channels.get(channel, _UNKNOWN)
        return at >= 0 and at >= self.released_at and at >= of_channel.released_at


class ChannelRules(Struct, frozen=True):
    """Types of events, and an attribute of the lead, that forbid contact in one channel and allow it again."""

    suppresses: frozenset[str]
    releases: frozenset[str]
    attribute: str | None

    def evolve(self, state: ChannelState, event: Event) -> ChannelState:
        """The state after one more event."""
        name, at = event.type, event.occurred_at
        suppresses, releases = name in self.suppresses, name in self.releases
        if name == LEAD_UPDATED and self.attribute in event.properties:
            allowed = _allows(event.properties[self.attribute])
            suppresses, releases = suppresses or not allowed, releases or allowed
        return ChannelState(
            max(state.suppressed_at, at) if suppresses else state.suppressed_at,
            max(state.released_at, at) if releases else state.released_at,
        )


def _allows(forbidden: Json) -> bool:
    """Whether the value of an attribute such as `doNotCall` allows contact: only no, and nothing, do."""
    if forbidden is None or (isinstance(forbidden, str) and not forbidden.strip()):
        return True
    return as_truth(forbidden) is False


class ContactRules(Struct, frozen=True):
    """Types of events by what they say about contact. `types` holds all of them but `our_actions`.

    A reply that was read as an opt-out forbids contact whatever the rulebook says.
    """

    opens: frozenset[str]
    closes: frozenset[str]
    suppresses: frozenset[str]
    releases: frozenset[str]
    our_actions: frozenset[str]
    channels: dict[str, ChannelRules]
    types: frozenset[str]

    def evolve(self, state: ContactState, event: Event) -> ContactState:
        """The state after one more event."""
        name, at = event.type, event.occurred_at
        if event.source == ENGINE_SOURCE:
            return _after_reading(state, event) if name in _ABOUT_REPLIES else state
        if name not in self.types:
            return state
        after = ContactState(
            max(state.opened_at, at) if name in self.opens else state.opened_at,
            max(state.closed_at, at) if name in self.closes else state.closed_at,
            max(state.suppressed_at, at) if name in self.suppresses else state.suppressed_at,
            max(state.released_at, at) if name in self.releases else state.released_at,
            state.channels,
            state.opt_outs,
            state.suspected_opt_outs,
        )
        return replace(after, channels=self._channels(after, event)) if self.channels else after

    def _channels(self, state: ContactState, event: Event) -> dict[str, ChannelState]:
        channels = state.channels
        for name, rules in self.channels.items():
            before = channels.get(name, _UNKNOWN)
            after = rules.evolve(before, event)
            if after != before:
                channels = {**channels, name: after}
        return channels


def _after_reading(state: ContactState, event: Event) -> ContactState:
    """The state after what a reply means, or was judged to mean; only an opt-out, clear or suspected, changes it."""
    suspected = suspected_after(state.suspected_opt_outs, event)
    if suspected != state.suspected_opt_outs:
        state = replace(state, suspected_opt_outs=suspected)
    channels = opted_out_channels(event)
    if not channels:
        return state
    latest = {name: max(state.opt_outs.get(name, -1), event.occurred_at) for name in channels}
    return replace(state, opt_outs={**state.opt_outs, **latest})


_UNKNOWN = ChannelState()
_ABOUT_REPLIES = frozenset({REPLY_CLASSIFIED, REPLY_JUDGED})


class ChannelSection(Section):
    """What forbids contact in one way, such as calls, while the lead may be contacted in others.

    The `attribute` of the lead forbids it while its value is anything but no.
    """

    suppresses: NamesOrNone = ()
    releases: NamesOrNone = ()
    attribute: str | None = Field(None, min_length=1, max_length=100)

    def compile(self) -> ChannelRules:
        """The rules in executable form."""
        return ChannelRules(frozenset(self.suppresses), frozenset(self.releases), self.attribute)

    def describe(self, name: str) -> str:
        """The channel in words."""
        said = [f"while {self.attribute} is yes"] if self.attribute is not None else []
        said += [f"after {any_of(self.suppresses)}"] if self.suppresses else []
        until = f", until {any_of(self.releases)}" if self.releases else ""
        return f"Not by {name} {' or '.join(said) or 'never'}{until}."


class ContactSection(Section):
    """Which types of events open and close a conversation, and which forbid and allow contact.

    `our_actions` are types of what we do: they may score, but are no sign of life of the lead.
    """

    opens_conversation: NamesOrNone = ()
    closes_conversation: NamesOrNone = ()
    suppresses: NamesOrNone = ()
    releases: NamesOrNone = ()
    our_actions: NamesOrNone = ()
    channels: dict[Slug, ChannelSection] = Field(default_factory=dict)

    def compile(self) -> ContactRules:
        """The rules in executable form."""
        about_contact = (
            frozenset(self.opens_conversation),
            frozenset(self.closes_conversation),
            frozenset(self.suppresses),
            frozenset(self.releases),
        )
        channels = {name: channel.compile() for name, channel in self.channels.items()}
        types = _ABOUT_REPLIES.union(
            *about_contact, *(channel.suppresses | channel.releases for channel in channels.values())
        )
        if any(channel.attribute is not None for channel in channels.values()):
            types |= {LEAD_UPDATED}
        return ContactRules(
            *about_contact, our_actions=frozenset(self.our_actions), channels=channels, types=types
        )

    def properties_read(self) -> Iterator[PropertyRead]:
        """Each attribute whose value makes a difference, and where in this section it is named."""
        for name, channel in self.channels.items():
            if channel.attribute is not None:
                yield PropertyRead(channel.attribute, ("channels", name, "attribute"))

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
        yield "No contact after a reply that asks for none, whatever else is said here."
        yield from (channel.describe(name) for name, channel in self.channels.items())
