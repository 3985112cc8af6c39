"""Enrolments as a kind of due work: an attempt decides what is due, records it, and carries it out.

What is decided is stored before anything of it is done, in one transaction with the note that the lead was written to:
of two sequences that would write to a lead within the gap one conflicts and decides again. Everything that is done has
an id made of the enrolment's and the step's, so that a worker that takes up where another one died does nothing twice.
"""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from domain.events.event import Json
from domain.instant import HOUR, MINUTE, SECOND, Millis, to_datetime
from domain.sequences.absence import Absence
from domain.sequences.decide import Decision, SendMessage, decide
from domain.sequences.vocabulary import SEQUENCE_ENDED, SEQUENCE_PAUSED
from engine.runtime import Runtime
from engine.sequences.enrolment import SEQUENCE, Enrolment
from engine.sequences.wake_gate import LOOK_AGAIN
from engine.store.mongo import Session, transact
from engine.work.backoff import exponential
from engine.work.kind import WorkKind
from engine.work.outcome import Outcome
from engine.work.policy import Policy
from workflows.sequences.carry_out import carry_out
from workflows.sequences.enrol import append_enrolled
from workflows.sequences.events import append_sequence_event
from workflows.sequences.facts import read_facts

__all__ = ["advance_enrolment", "sequence_kind"]

_POLICY = Policy(attempts=20, backoff=exponential(5 * SECOND, HOUR), lease=MINUTE, concurrency=8)


class _Overtaken(Exception):
    """Another attempt, or a stop, was faster."""


def sequence_kind(runtime: Runtime) -> WorkKind[Enrolment]:
    """The kind, with its policy."""
    return WorkKind(SEQUENCE, runtime.sequences.enrolments, _POLICY, partial(advance_enrolment, runtime))


async def advance_enrolment(runtime: Runtime, enrolment: Enrolment) -> Outcome:
    """Take every step that is due, after what an earlier attempt decided on and did not carry out to the end."""
    if not enrolment.decided_at:
        await append_enrolled(runtime, enrolment)
    if enrolment.pending:
        enrolment = await _carried_out(runtime, enrolment)
    if enrolment.ending is not None:
        return await _ended(runtime, enrolment)
    try:
        decision = await _decide(runtime, enrolment)
    except _Overtaken:
        return Outcome(verdict="later", detail="another attempt, or a stop, was faster", not_before=0)
    enrolment = await _carried_out(runtime, decision[1])
    if enrolment.ending is not None:
        return await _ended(runtime, enrolment)
    if decision[0].paused is not None:
        await _say_paused(runtime, enrolment, decision[0], decision[0].paused)
    not_before = await _next_look(runtime, enrolment, decision[0])
    return Outcome(verdict="later", detail=_waits_for(decision[0]), not_before=not_before)


async def _decide(runtime: Runtime, enrolment: Enrolment) -> tuple[Decision, Enrolment]:
    """The decision, stored. Raises `_Overtaken`."""
    program = await runtime.sequences.library.program(enrolment.label)
    at = runtime.now()
    facts = await read_facts(runtime, enrolment.lead_id, program, enrolment.enrolled_at, at)
    store = runtime.sequences.enrolments

    async def decided(session: Session) -> tuple[Decision, Enrolment]:
        last_touch = await store.last_touch(enrolment.lead_id, session)
        decision = decide(program, enrolment.progress, at, replace(facts, last_touch=last_touch))
        if any(isinstance(effect, SendMessage) for effect in decision.effects):
            await store.touch(enrolment.lead_id, at, session)
        noted = await store.decided(enrolment, decision, at, session)
        if noted is None:
            raise _Overtaken
        return decision, noted

    return await transact(runtime.store.client, decided)


async def _next_look(runtime: Runtime, enrolment: Enrolment, decision: Decision) -> Millis | None:
    """When the wait ends; sooner for the first enrolments after a time without any, whose wake-ups may be missed."""
    soon, enrolments = enrolment.enrolled_at + LOOK_AGAIN, runtime.sequences.enrolments
    if decision.wait_until is None or not runtime.now() < soon < decision.wait_until:
        return decision.wait_until
    is_known = await enrolments.has_active_since(enrolment.enrolled_at - LOOK_AGAIN)
    return decision.wait_until if is_known else soon


async def _carried_out(runtime: Runtime, enrolment: Enrolment) -> Enrolment:
    for effect in enrolment.pending:
        await carry_out(runtime, enrolment, effect)
    if enrolment.pending:
        await runtime.sequences.enrolments.carried_out(enrolment)
    return replace(enrolment, pending=())


async def _ended(runtime: Runtime, enrolment: Enrolment) -> Outcome:
    ending = enrolment.ending
    assert ending is not None
    properties = {"reason": ending.reason, "eventId": ending.event_id, "why": ending.why}
    await append_sequence_event(runtime, enrolment, SEQUENCE_ENDED, "ended", dict(properties))
    return Outcome(verdict="done", detail=ending.reason)


async def _say_paused(runtime: Runtime, enrolment: Enrolment, decision: Decision, absence: Absence) -> None:
    """Say once per reply and end of the pause that the sequence waits for the lead to come back."""
    assert decision.wait_until is not None
    until = to_datetime(decision.wait_until).isoformat(timespec="seconds")
    properties: dict[str, Json] = {"replyId": absence.reply_id, "until": until}
    if absence.returns is not None:
        properties["returns"] = absence.returns.isoformat()
    await append_sequence_event(
        runtime, enrolment, SEQUENCE_PAUSED, f"{absence.reply_id}:{until}", properties
    )


def _waits_for(decision: Decision) -> str:
    if decision.paused is not None:
        return decision.paused.describe()
    return (
        f"waits for {', '.join(sorted(decision.waits_for))}" if decision.waits_for else "waits for its time"
    )
