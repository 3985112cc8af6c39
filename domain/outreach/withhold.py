"""The decision whether a message may go out now: every reason against it, each with the event or entry behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from domain.decisions.contact import ContactRules, ContactState
from domain.events.event import Event, Json
from domain.events.partition import is_after
from domain.events.vocabulary import EVENT_DISCARDED, REPLY_CLASSIFIED, REPLY_JUDGED
from domain.instant import DAY, Millis
from domain.outreach.consent import CONSENT_TYPES, consent_state
from domain.outreach.vocabulary import (
    EMAIL_BOUNCED,
    EMAIL_COMPLAINED,
    EMAIL_UNSUBSCRIBED,
    MESSAGE_RECEIVED,
)
from domain.replies.opt_out_event import EVERY_CHANNEL, judged_opt_out, refused_channels, suspected_opt_out

__all__ = [
    "ALWAYS_SUPPRESS",
    "FACT_TYPES",
    "REPLIES",
    "Ended",
    "Reason",
    "SendingFacts",
    "Suppressed",
    "closes_email",
    "reasons_to_withhold",
]

ReasonCode = Literal[
    "suppressed",
    "contact-forbidden",
    "opted-out",
    "bounced",
    "complained",
    "replied",
    "no-consent",
    "unconfirmed",
    "window-closed",
    "too-late",
    "sequence-ended",
    "campaign-ended",
    "left-audience",
]

ALWAYS_SUPPRESS = frozenset({EMAIL_UNSUBSCRIBED, EMAIL_COMPLAINED, EMAIL_BOUNCED})
"""Types after which no e-mail goes out, whatever the rulebook says."""

REPLIES = frozenset({MESSAGE_RECEIVED, "email.replied", "email_reply", "linkedin_reply"})
"""Types that are a reply of the lead, whatever the rulebook says."""

FACT_TYPES = ALWAYS_SUPPRESS | REPLIES | CONSENT_TYPES | {REPLY_CLASSIFIED, REPLY_JUDGED}
"""Types that make a difference here, besides those of the rulebook's contact section."""

_SOFT = ("soft", "blocked", "temporary", "transient")
_WINDOW: Millis = DAY
_CODES: dict[str, ReasonCode] = {
    EMAIL_UNSUBSCRIBED: "opted-out",
    EMAIL_COMPLAINED: "complained",
    EMAIL_BOUNCED: "bounced",
}
_SAID = {
    "opted-out": "the lead has unsubscribed",
    "complained": "the lead has reported a message as spam",
    "bounced": "a message to the lead has bounced for good",
}


class Reason(Struct, frozen=True, rename="camel"):
    """One reason against sending, in words, with the event or the entry of the suppression list that it stands on."""

    code: ReasonCode
    detail: str
    event_id: str | None = None
    entry_id: str | None = None


class Suppressed(Struct, frozen=True):
    """An entry of the suppression list that the recipient meets."""

    entry_id: str
    scope: str
    """A channel, or `all`."""
    why: str


class Ended(Struct, frozen=True):
    """Why a sequence has been stopped, and the event behind it if there is one."""

    why: str
    event_id: str | None = None


class SendingFacts(Struct, frozen=True, kw_only=True):
    """What is known of a message and its lead at a moment.

    `stream`: the events of the lead, oldest first; `planned_position` and `planned_at`: those of `message.planned`, so that
    a reply after it is one after the decision to send. `opt_outs`: the ids of replies that say no in this channel and of which no event says so yet.
    `is_template`: an approved template, as WhatsApp asks for outside its window.
    """

    channel: str
    at: Millis
    stream: Sequence[Event]
    planned_position: int
    planned_at: Millis = 0
    """When it was received; for events of other partitions of the log."""
    suppressed: Sequence[Suppressed] = ()
    opt_outs: Sequence[str] = ()
    despite_reply: bool = False
    by_reader: bool = False
    """Whether it is from somebody who has read what the lead wrote up to `planned_position`, and so has judged suspicions."""
    is_template: bool = False
    needs_consent: bool = False
    asks_consent: bool = False
    """Whether it is the question for consent itself."""
    not_after: Millis | None = None
    sequence_ended: Ended | None = None
    """Why the sequence that the message is of has been stopped."""


def closes_email(kind: str, properties: Mapping[str, Json]) -> bool:
    """Whether an event of this type ends all e-mail to its address; a bounce that is not for good does not."""
    if kind == EMAIL_BOUNCED:
        return properties.get("type") not in _SOFT and properties.get("severity") not in _SOFT
    return kind in ALWAYS_SUPPRESS


def reasons_to_withhold(facts: SendingFacts, rules: ContactRules) -> tuple[Reason, ...]:
    """Every reason against sending now; empty if the message may go out."""
    return (
        *_by_list(facts.suppressed),
        *_by_rulebook(facts, rules),
        *_by_type(facts),
        *_by_reading(facts),
        *_by_reply(facts),
        *_by_window(facts),
        *_by_consent(facts),
        *_by_sequence(facts),
    )


def _by_list(entries: Iterable[Suppressed]) -> Iterator[Reason]:
    for entry in entries:
        where = "every channel" if entry.scope == "all" else entry.scope
        why = f": {entry.why}" if entry.why else ""
        yield Reason(
            "suppressed", f"the recipient is on the suppression list of {where}{why}", entry_id=entry.entry_id
        )


def _by_rulebook(facts: SendingFacts, rules: ContactRules) -> Iterator[Reason]:
    """What the contact section forbids, folded over the whole stream: the stored state may lag behind it."""
    state, last, last_here = ContactState(), None, None
    for event in facts.stream:
        if event.type in (REPLY_CLASSIFIED, REPLY_JUDGED):  # have a reason of their own, see _by_reading
            continue
        before, state = state, rules.evolve(state, event)
        if state.suppressed and not before.suppressed:
            last = event
        if facts.channel in state.closed_channels and facts.channel not in before.closed_channels:
            last_here = event
    if state.suppressed and last is not None:
        yield Reason("contact-forbidden", f"no contact after {last.type}", event_id=last.event_id)
    if facts.channel in state.closed_channels and last_here is not None:
        detail = f"no contact by {facts.channel} after {last_here.type}"
        yield Reason("contact-forbidden", detail, event_id=last_here.event_id)


def _by_type(facts: SendingFacts) -> Iterator[Reason]:
    if facts.channel != "email":
        return
    for event in _last_of_each(facts.stream, ALWAYS_SUPPRESS):
        if not closes_email(event.type, event.properties):
            continue
        code = _CODES[event.type]
        yield Reason(code, _SAID[code], event_id=event.event_id)


def _by_reading(facts: SendingFacts) -> Iterator[Reason]:
    """An opt-out in a reply ends all messages in the channels that it means, unless the reply was retracted.

    One that is only suspected ends those that the engine would send, until a person says that it is none; who writes
    after it has judged it.
    """
    retracted = {event.event_id for event in facts.stream if event.type == EVENT_DISCARDED}
    cleared = {
        str(event.properties.get("replyId")) for event in facts.stream if judged_opt_out(event) is False
    }
    read = (
        event.event_id
        for event in facts.stream
        if (not {EVERY_CHANNEL, facts.channel}.isdisjoint(refused_channels(event)) or judged_opt_out(event))
        and event.properties.get("replyId") not in retracted
        and not _was_judged(event, facts, cleared)
    )
    event_id = next(iter((*read, *facts.opt_outs)), None)
    if event_id is not None:
        yield Reason("opted-out", "the lead has asked in a reply not to be written to", event_id=event_id)


def _was_judged(reading: Event, facts: SendingFacts, cleared: Collection[str]) -> bool:
    if suspected_opt_out(reading) is None:
        return False
    by_author = facts.by_reader and not _is_after_plan(reading, facts)
    return by_author or str(reading.properties.get("replyId")) in cleared


def _is_after_plan(event: Event, facts: SendingFacts) -> bool:
    return is_after(event.position, event.received_at, facts.planned_position, facts.planned_at)


def _by_reply(facts: SendingFacts) -> Iterator[Reason]:
    if facts.despite_reply:
        return
    for event in facts.stream:
        if event.type in REPLIES and _is_after_plan(event, facts):
            yield Reason(
                "replied", "the lead has replied since the message was planned", event_id=event.event_id
            )
            return


def _by_window(facts: SendingFacts) -> Iterator[Reason]:
    """WhatsApp: free text only within 24 hours of the last message of the lead."""
    if facts.channel != "whatsapp" or facts.is_template:
        return
    last = max(
        (
            event.occurred_at
            for event in facts.stream
            if event.type == MESSAGE_RECEIVED and event.properties.get("channel") == "whatsapp"
        ),
        default=None,
    )
    if last is None or facts.at - last > _WINDOW:
        yield Reason(
            "window-closed",
            "WhatsApp allows free text only within 24 hours of the last message of the lead; use a template",
        )


def _by_consent(facts: SendingFacts) -> Iterator[Reason]:
    """An address that waits for its confirmation gets nothing but the question, whether or not consent is needed."""
    consent = consent_state(facts.stream, facts.channel)
    if facts.asks_consent:
        return
    if consent.name == "requested":
        yield Reason(
            "unconfirmed", "the lead has not confirmed its address (double opt-in)", event_id=consent.event_id
        )
    elif facts.needs_consent and consent.name != "given":
        withdrawn = consent.name == "withdrawn"
        said = "the lead has withdrawn its consent" if withdrawn else "no consent of the lead is stored"
        yield Reason("no-consent", said, event_id=consent.event_id)


def _by_sequence(facts: SendingFacts) -> Iterator[Reason]:
    if facts.not_after is not None and facts.at > facts.not_after:
        yield Reason("too-late", "the message would come too late")
    if (ended := facts.sequence_ended) is not None:
        yield Reason("sequence-ended", f"its sequence has ended: {ended.why}", event_id=ended.event_id)


def _last_of_each(stream: Sequence[Event], types: frozenset[str]) -> Iterator[Event]:
    found = {event.type: event for event in stream if event.type in types}
    yield from found.values()
