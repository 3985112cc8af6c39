"""The attribution of events to messages: by what they name, else to the latest message that was sent before them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from domain.analytics.vocabulary import FATES, RESPONSE_WINDOW, RESPONSES
from domain.events.event import ENGINE_SOURCE, Event
from domain.instant import Millis
from domain.outreach.references import message_references
from domain.outreach.status import MESSAGE_EVENTS
from domain.outreach.vocabulary import MESSAGE_PLANNED, MESSAGE_SENT

__all__ = ["attributed", "is_fate", "sent_at"]

_ABOUT = (MESSAGE_EVENTS | RESPONSES) - {MESSAGE_PLANNED}


def attributed(events: Sequence[Event], message_ids: Collection[str]) -> dict[str, list[Event]]:
    """The events of a lead about each of its messages.

    An event that names a message of ours belongs to that one, or to none of these. A response that names none belongs to
    the latest message that was sent in its channel within `RESPONSE_WINDOW` before it, in any channel if it has none.
    """
    about: dict[str, list[Event]] = defaultdict(list)
    unnamed = []
    for event in events:
        if event.type not in _ABOUT:
            continue
        named = tuple(message_references(event))
        found = next((one for one in named if one in message_ids), None)
        if found is not None:
            about[found].append(event)
        elif not named and event.type in RESPONSES:
            unnamed.append(event)
    latest = _Latest(events, about)
    for event in unnamed:
        if (message_id := latest.before(event)) is not None:
            about[message_id].append(event)
    return about


def is_fate(event: Event) -> bool:
    """Whether the engine says that a message did not, or may not have gone out; providers say so of sent ones."""
    return event.type in FATES and event.source == ENGINE_SOURCE


def sent_at(about: Iterable[Event]) -> Millis | None:
    """When a message went out by the events that name it: the first `message.sent`, else the first that proves it."""
    proofs = [event for event in about if not is_fate(event)]
    sent = [event for event in proofs if event.type == MESSAGE_SENT]
    return min((event.occurred_at for event in sent or proofs), default=None)


class _Latest:
    """Looks up the latest message sent before a response, by channel."""

    def __init__(self, events: Iterable[Event], about: Mapping[str, Sequence[Event]]) -> None:
        channels = {
            str(event.properties.get("messageId")): str(event.properties.get("channel"))
            for event in events
            if event.type == MESSAGE_PLANNED
        }
        self._sent: dict[str, list[tuple[Millis, str]]] = defaultdict(list)
        for message_id, named in about.items():
            if (at := sent_at(named)) is not None:
                for channel in ("", channels.get(message_id, "")):
                    self._sent[channel].append((at, message_id))
        for sent in self._sent.values():
            sent.sort()

    def before(self, response: Event) -> str | None:
        sent = self._sent.get(_channel_of(response), [])
        place = bisect_right(sent, response.occurred_at, key=lambda one: one[0])
        if not place or response.occurred_at - sent[place - 1][0] > RESPONSE_WINDOW:
            return None
        return sent[place - 1][1]


def _channel_of(event: Event) -> str:
    """The channel of a response; empty if it may be any."""
    channel = event.properties.get("channel")
    if isinstance(channel, str) and channel not in {"", "all"}:
        return channel
    family = event.type.replace("_", ".").partition(".")[0]
    return family if family in {"email", "linkedin"} else ""
