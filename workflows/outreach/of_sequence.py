"""The last look at the sequence that a message is of: whether it has been stopped since the message was decided on."""

from __future__ import annotations

from domain.decisions.outcome import OPEN
from domain.instant import to_datetime
from domain.outreach.withhold import Ended
from domain.sequences.stops import STOP_TYPES, stop_of
from engine.outreach.message import Message
from engine.runtime import Runtime
from engine.sequences.enrolment import SEQUENCE
from workflows.privacy.encrypt import opened

__all__ = ["sequence_ended"]

_STOPPED_BY_HAND = frozenset({"manual", "erased"})


async def sequence_ended(runtime: Runtime, message: Message) -> Ended | None:
    """Why the sequence may not write any more; None if it may, or if the message is of none.

    A sequence that has come to its last step still sends what it decided on before.
    """
    if message.author.kind != SEQUENCE:
        return None
    enrolment = await runtime.sequences.enrolments.find(message.author.id)
    if enrolment is None:
        return Ended("its enrolment is not stored any more")
    if enrolment.ending is not None and enrolment.ending.reason in _STOPPED_BY_HAND:
        at = to_datetime(enrolment.ending.at).isoformat(timespec="seconds")
        return Ended(f"{enrolment.ending.reason}, {at}")
    program = await runtime.sequences.library.program(enrolment.label)
    stream = await runtime.capture.events.of_lead(message.lead_id, types=STOP_TYPES)
    since = await opened(runtime, [one for one in stream if one.received_at >= enrolment.enrolled_at])
    state = await runtime.leads.states.get(await runtime.identity.streams.lead_of(message.lead_id))
    stop = stop_of(program.stop, since, OPEN if state is None else state.assessment.outcome)
    return None if stop is None else Ended(stop.kind, stop.event_id)
