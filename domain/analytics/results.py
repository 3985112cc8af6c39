"""The results of all messages to a lead, from its events: a function of their set, whatever order they arrived in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from domain.analytics.attribution import attributed, is_fate, sent_at
from domain.analytics.message_result import Fate, MessageResult
from domain.analytics.standing_events import standing_events
from domain.analytics.vocabulary import CLICKS, DELIVERIES, MEETINGS, OPENS, OPT_OUTS, UNREAD
from domain.events.event import ENGINE_SOURCE, Event
from domain.events.vocabulary import LEAD_ASSIGNED
from domain.instant import Millis
from domain.outreach.vocabulary import (
    EMAIL_BOUNCED,
    EMAIL_COMPLAINED,
    MESSAGE_FAILED,
    MESSAGE_PLANNED,
    MESSAGE_UNKNOWN,
    MESSAGE_WITHHELD,
)
from domain.outreach.withhold import REPLIES, closes_email
from domain.replies.opt_out_event import judged_opt_out
from domain.sequences.vocabulary import SEQUENCE_ENROLLED, SEQUENCE_STEP_DONE

__all__ = ["message_results"]

_FATES: dict[str, Fate] = {
    MESSAGE_WITHHELD: "withheld",
    MESSAGE_FAILED: "failed",
    MESSAGE_UNKNOWN: "unknown",
}


class _Origin(Struct, frozen=True):
    """What a message is of."""

    sequence: str = ""
    version: int = 0
    step: str = ""
    variant: str = ""
    campaign: str = ""


def message_results(
    lead_id: str, events: Iterable[Event], wins: Collection[str]
) -> tuple[MessageResult, ...]:
    """The results of the messages that were planned for the lead, by message id.

    `events` are those of all its streams, retracted ones and retractions included; `wins` the types that say it was won.
    """
    standing = standing_events(events)
    planned = {
        str(event.properties.get("messageId")): event
        for event in standing
        if event.type == MESSAGE_PLANNED and event.source == ENGINE_SOURCE
    }
    about = attributed(standing, planned)
    origins = _origins(standing, planned)
    intents = _intents(standing)
    won = [event.occurred_at for event in standing if event.type in wins and event.source != ENGINE_SOURCE]
    owner = _owner(standing)
    return tuple(
        _result(plan, about.get(message_id, ()), origins[message_id], intents, won, (lead_id, owner))
        for message_id, plan in sorted(planned.items())
    )


def _result(  # noqa: PLR0917 - the parts of a result
    plan: Event,
    about: Sequence[Event],
    origin: _Origin,
    intents: Mapping[str, str],
    won: Sequence[Millis],
    lead: tuple[str, str | None],
) -> MessageResult:
    sent = sent_at(about)
    decided = max((event for event in about if is_fate(event)), key=_in_time, default=None)
    fate: Fate = "planned" if decided is None else _FATES[decided.type]
    decided_at = plan.occurred_at if decided is None else decided.occurred_at
    replies = [event for event in about if event.type in REPLIES and not event.is_automated]
    read = {intents.get(event.event_id, UNREAD) for event in replies}
    opted_out = [event for event in about if event.type in OPT_OUTS]
    opted_out += [event for event in replies if intents.get(event.event_id) == "unsubscribe"]
    return MessageResult(
        message_id=str(plan.properties.get("messageId")),
        lead_id=lead[0],
        stream_id=plan.stream_id,
        owner_id=lead[1],
        channel=str(plan.properties.get("channel")),
        sequence=origin.sequence,
        version=origin.version,
        step=origin.step,
        variant=origin.variant,
        campaign=origin.campaign,
        at=decided_at if sent is None else sent,
        planned_at=plan.occurred_at,
        fate=fate if sent is None else "sent",
        reasons=_reasons(decided) if sent is None and decided is not None else (),
        sent_at=sent,
        delivered_at=_first(about, DELIVERIES),
        opened_at=_first(about, OPENS),
        clicked_at=_first(about, CLICKS),
        replied_at=_earliest(replies),
        intents=tuple(sorted(read)),
        meeting_at=_first([event for event in about if not event.properties.get("rescheduled")], MEETINGS),
        opted_out_at=_earliest(opted_out),
        complained_at=_first(about, {EMAIL_COMPLAINED}),
        bounced_at=_earliest(event for event in about if _is_bounce(event)),
        won_at=None if sent is None else min((at for at in won if at >= sent), default=None),
    )


def _origins(standing: Sequence[Event], planned: Mapping[str, Event]) -> dict[str, _Origin]:
    """What each message is of: as its step says, else as the enrolment says that sent it."""
    steps: dict[str, Event] = {}
    enrolments: dict[str, Event] = {}
    for event in standing:
        if event.source != ENGINE_SOURCE:
            continue
        if event.type == SEQUENCE_STEP_DONE:
            steps[_text(event, "messageId")] = event
        elif event.type == SEQUENCE_ENROLLED:
            enrolments[_text(event, "enrolmentId")] = event
    return {
        message_id: _origin(plan, steps.get(message_id), enrolments) for message_id, plan in planned.items()
    }


def _origin(plan: Event, step: Event | None, enrolments: Mapping[str, Event]) -> _Origin:
    kind, _, enrolment_id = _text(plan, "sender").partition(":")
    enrolment = enrolments.get(enrolment_id if kind == "sequence" else "")
    says = step or enrolment
    name, _, version = _text(says, "sequence").rpartition("@")
    return _Origin(
        sequence=name,
        version=int(version) if version.isdecimal() else 0,
        step=_text(step, "step"),
        variant=_text(step, "variant"),
        campaign=_text(plan, "campaign") or _text(enrolment, "campaign"),
    )


def _intents(standing: Sequence[Event]) -> dict[str, str]:
    """The intent of each reply that was classified or that a person has judged an opt-out, by its event id."""
    read = {_text(event, "replyId"): _text(event, "intent") for event in standing if event.is_reading}
    judged = {_text(event, "replyId"): "unsubscribe" for event in standing if judged_opt_out(event)}
    return read | judged


def _owner(standing: Iterable[Event]) -> str | None:
    """The owner of the lead, by the latest `lead.assigned`."""
    assigned = [event for event in standing if event.type == LEAD_ASSIGNED]
    return (_text(assigned[-1], "ownerId") or None) if assigned else None


def _reasons(withheld: Event) -> tuple[str, ...]:
    reasons = withheld.properties.get("reasons") if withheld.type == MESSAGE_WITHHELD else None
    codes: Iterator[object] = (
        (one.get("code") for one in reasons if isinstance(one, dict))
        if isinstance(reasons, list)
        else iter(())
    )
    return tuple(sorted({code for code in codes if isinstance(code, str)}))


def _is_bounce(event: Event) -> bool:
    """Whether the message did not arrive, for good: a hard bounce, or a failure that a provider reports after the sending."""
    if event.type == MESSAGE_FAILED:
        return event.source != ENGINE_SOURCE
    return event.type == EMAIL_BOUNCED and closes_email(event.type, event.properties)


def _first(events: Iterable[Event], types: Collection[str]) -> Millis | None:
    """When the first of these types occurred that no machine caused."""
    return _earliest(event for event in events if event.type in types and not event.is_automated)


def _earliest(events: Iterable[Event]) -> Millis | None:
    return min((event.occurred_at for event in events), default=None)


def _text(event: Event | None, name: str) -> str:
    value = None if event is None else event.properties.get(name)
    return value if isinstance(value, str) else ""


def _in_time(event: Event) -> tuple[Millis, Millis, int]:
    return event.occurred_at, event.received_at, event.position
