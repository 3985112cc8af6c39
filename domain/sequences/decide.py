"""The decider of sequences: what an enrolled lead gets now, and how long it waits or why it ends.

It is pure and reads no clock. The calendar is printed, and the steps are taken, by this same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from domain.decisions.assessment import Measurements
from domain.events.event import Event, Json
from domain.instant import Millis
from domain.replies.opt_out_event import counts_as
from domain.sequences.absence import Absence
from domain.sequences.program import (
    Branch,
    ChangeTag,
    CreateTask,
    End,
    Node,
    Program,
    Send,
    Variant,
    Wait,
    WaitFor,
)
from domain.sequences.stops import stop_of
from domain.sequences.variants import chosen
from domain.sequences.window import next_open

__all__ = [
    "FINISHED",
    "HANDED_OVER",
    "NO_WINDOW",
    "TOO_LATE",
    "AddTask",
    "Decision",
    "Effect",
    "Facts",
    "Progress",
    "SendMessage",
    "SetTag",
    "SkipStep",
    "decide",
]

FINISHED, HANDED_OVER, TOO_LATE, NO_WINDOW = "finished", "handed-over", "too-late", "no-window"
"""Reasons of ends, besides those that stop a sequence and those that its author gives."""


class Progress(Struct, frozen=True, rename="camel"):
    """How far an enrolment has come: the index of its node, and the moment from which the times of that node count."""

    step: int
    since: Millis


class Facts(Struct, frozen=True, kw_only=True):
    """What is known of the lead now.

    `events`: those received since the enrolment, oldest first. `last_touch`: when the last message of any sequence was
    decided on. `country`: the code of the recipient's country, for holidays. `away`: the absence that its latest reply
    says, whether or not it is over.
    """

    lead_id: str
    measured: Measurements
    attributes: dict[str, Json]
    events: Sequence[Event]
    zone: ZoneInfo
    country: str | None = None
    last_touch: Millis | None = None
    away: Absence | None = None


class SendMessage(Struct, frozen=True, tag="send", rename="camel"):
    """A message that goes out now, and not any more after `not_after`."""

    step: str
    channel: str
    variant: Variant
    not_after: Millis


class AddTask(Struct, frozen=True, tag="task", rename="camel"):
    """A task for a person."""

    step: str
    title: str
    priority: str
    due_at: Millis


class SetTag(Struct, frozen=True, tag="tag", rename="camel"):
    """A tag that the lead gets or, with `removes`, loses."""

    step: str
    tag: str
    removes: bool


class SkipStep(Struct, frozen=True, tag="skip", rename="camel"):
    """A message that was due at `due_at` and is not sent, because it is too late."""

    step: str
    due_at: Millis


Effect = SendMessage | AddTask | SetTag | SkipStep


class Decision(Struct, frozen=True, kw_only=True):
    """What happens now, and then either a wait until a moment, or the end with its reason and the event behind it.

    `paused`: the absence because of which it waits.
    """

    effects: tuple[Effect, ...]
    progress: Progress
    wait_until: Millis | None = None
    waits_for: frozenset[str] = frozenset()
    paused: Absence | None = None
    ended: str | None = None
    ended_by: str | None = None


class _Look(Struct, frozen=True):
    """One look at an enrolment: what is decided on, when, and the last absence from its begin to the end of the pause."""

    program: Program
    now: Millis
    facts: Facts
    last_touch: Millis | None
    away: tuple[Millis, Millis] | None


class _Moved(Struct, frozen=True):
    """One node is done: where it leads, from when the next one's times count, and what it did."""

    step: int
    since: Millis
    effect: Effect | None = None


class _Waits(Struct, frozen=True):
    until: Millis
    types: frozenset[str] = frozenset()


class _Ends(Struct, frozen=True):
    reason: str
    effect: Effect | None = None


_Outcome = _Moved | _Waits | _Ends


def decide(program: Program, progress: Progress, now: Millis, facts: Facts) -> Decision:
    """Take every step that is due at `now`. Nodes lead forward only, so there are at most as many as the program has."""
    stop = stop_of(program.stop, facts.events, facts.measured.outcome)
    if stop is not None:
        return Decision(effects=(), progress=progress, ended=stop.kind, ended_by=stop.event_id)
    away = _away(program, facts)
    if away is not None and now < away[1]:
        return Decision(effects=(), progress=progress, wait_until=away[1], paused=facts.away)
    effects, look = list[Effect](), _Look(program, now, facts, facts.last_touch, away)
    while progress.step < len(program.nodes):
        node = program.nodes[progress.step]
        outcome = _take(node, progress.since, look)
        if isinstance(outcome, _Waits):
            return Decision(
                effects=tuple(effects),
                progress=progress,
                wait_until=outcome.until,
                waits_for=outcome.types,
            )
        if outcome.effect is not None:
            effects.append(outcome.effect)
            if isinstance(outcome.effect, SendMessage):
                look = replace(look, last_touch=now)
        if isinstance(outcome, _Ends):
            return Decision(effects=tuple(effects), progress=progress, ended=outcome.reason)
        progress = Progress(outcome.step, outcome.since)
    return Decision(effects=tuple(effects), progress=progress, ended=FINISHED)


def _away(program: Program, facts: Facts) -> tuple[Millis, Millis] | None:
    """When the lead went away, and the first open hour of the window from the day after its return on."""
    if facts.away is None:
        return None
    until = facts.away.until(facts.zone, program.away)
    opens = next_open(program.window, until, facts.zone, facts.country)
    return facts.away.since, until if opens is None else opens


def _take(  # noqa: PLR0911 - one return per kind of node
    node: Node, since: Millis, look: _Look
) -> _Outcome:
    now, facts = look.now, look.facts
    match node:
        case Send():
            return _send(node, since, look)
        case Wait():
            until = node.duration.after(since, facts.zone)
            return _Waits(until) if now < until else _Moved(node.next, until)
        case WaitFor():
            return _wait_for(node, since, look)
        case Branch():
            return _Moved(_case(node, facts), since)
        case CreateTask():
            task = AddTask(node.key, node.title, node.priority, now + node.due_in)
            return _Ends(HANDED_OVER, task) if node.ends else _Moved(node.next, since, task)
        case ChangeTag():
            return _Moved(node.next, since, SetTag(node.key, node.tag, node.removes))
        case End():
            return _Ends(node.reason)


def _send(node: Send, since: Millis, look: _Look) -> _Outcome:
    """The message goes out in the first hour of the window that is after the gap; unless that is too long past."""
    program, facts, now = look.program, look.facts, look.now
    earliest = since if look.last_touch is None else max(since, look.last_touch + program.gap)
    due = next_open(program.window, earliest, facts.zone, facts.country)
    if due is not None and look.away is not None and look.away[0] <= due + node.late_after:
        due = max(due, look.away[1])  # it was put off by the absence, not by us
    at = None if due is None else next_open(program.window, max(due, now), facts.zone, facts.country)
    if due is None or at is None:
        return _Ends(NO_WINDOW)
    if at - due > node.late_after and node.late != "send":
        skipped = SkipStep(node.key, due)
        return _Ends(TOO_LATE, skipped) if node.late == "end" else _Moved(node.next, due, skipped)
    if at > now:
        return _Waits(at)
    weights = [variant.weight for variant in node.variants]
    variant = node.variants[chosen(weights, facts.lead_id, program.name, node.key)]
    return _Moved(node.next, now, SendMessage(node.key, node.channel, variant, now + node.late_after))


def _wait_for(node: WaitFor, since: Millis, look: _Look) -> _Outcome:
    """Events are waited for from `since` on; if the lead went away meanwhile, the time begins again at its return."""
    now, facts = look.now, look.facts
    until = node.within.after(since, facts.zone)
    if look.away is not None and look.away[0] <= until:
        until = max(until, node.within.after(max(since, look.away[1]), facts.zone))
    for event in facts.events:
        if (
            counts_as(event, node.types)
            and since <= event.occurred_at <= until
            and not event.is_automated
            and node.where.holds(event.properties)
        ):
            return _Moved(node.next, event.occurred_at)
    return _Waits(until, node.types) if now < until else _Moved(node.otherwise, until)


def _case(node: Branch, facts: Facts) -> int:
    happened = [event for event in facts.events if not event.is_automated]
    for test, target in node.cases:
        if test.holds(facts.measured, facts.attributes, happened):
            return target
    return node.next
