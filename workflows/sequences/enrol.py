"""Enrolment of a lead in the active version of a sequence, and its end by hand."""

from __future__ import annotations

from domain.decisions.outcome import OPEN
from domain.errors import Conflict, Fault, Invalid, NotFound
from domain.sequences.decide import Progress
from domain.sequences.program import Program
from domain.sequences.stops import STOP_TYPES, stop_of
from domain.sequences.variants import is_held_out
from domain.sequences.vocabulary import SEQUENCE_ENROLLED
from engine.outreach.message import Author
from engine.runtime import Runtime
from engine.sequences.enrolment import SEQUENCE, Ending, Enrolment, Refusal
from workflows.sequences.events import append_sequence_event

__all__ = ["append_enrolled", "enrol_lead", "enrolment_refusal", "stop_enrolment"]

HOLDOUT = "holdout"


async def enrol_lead(  # noqa: PLR0917 - the parts of an enrolment
    runtime: Runtime, author: Author, lead_id: str, sequence: str, why: str, enrolment_id: str = ""
) -> Enrolment:
    """Enrol the lead in the active version of the sequence; its first step is due now.

    With an `enrolment_id` a repeated call finds what the first one stored.

    Raises `NotFound` for a lead without events, `Invalid` for a sequence that is not active, `Conflict` for a lead that
    may not be enrolled: it is in the sequence, was in it, is in another exclusive one, or is decided already.
    """
    if enrolment_id and (stored := await runtime.sequences.enrolments.find(enrolment_id)) is not None:
        await append_enrolled(runtime, stored)
        return stored
    lead_id = await runtime.identity.streams.lead_of(lead_id)
    if not await runtime.capture.events.last_of_lead(lead_id):
        raise NotFound("lead", lead_id)
    if await runtime.privacy.blocked.among([lead_id]):
        raise Invalid("Nobody was enrolled.", (Fault("", "this lead was erased and is blocked"),))
    try:
        program = await runtime.sequences.library.active(sequence)
    except NotFound:
        fault = Fault("/sequence", f"there is no active sequence '{sequence}'")
        raise Invalid("Nobody was enrolled.", (fault,)) from None
    at = runtime.now()
    if (decided := await _decided(runtime, lead_id, program)) is not None:
        raise Conflict(decided.detail)
    held_out = is_held_out(program.holdout, lead_id, program.name)
    enrolment = Enrolment(
        unit_id=enrolment_id,
        lead_id=lead_id,
        state="waiting",
        created_at=at,
        due_at=at,
        sequence=program.name,
        label=program.label,
        progress=Progress(0, at),
        enrolled_at=at,
        author=(author.kind, author.id),
        why=why,
        ending=Ending(HOLDOUT, at) if held_out else None,
    )
    wakes_on = STOP_TYPES | program.event_types | set(runtime.rulebook.outcome.by_type)
    stored = await runtime.sequences.enrolments.add(enrolment, program, wakes_on)
    await append_enrolled(runtime, stored)
    await runtime.work.wake_ups.announce(SEQUENCE)
    return stored


async def enrolment_refusal(runtime: Runtime, lead_id: str, program: Program) -> Refusal | None:
    """Why the lead could not be enrolled in the program now; None if it could."""
    decided = await _decided(runtime, lead_id, program)
    return decided or await runtime.sequences.enrolments.refusal(lead_id, program, runtime.now())


async def _decided(runtime: Runtime, lead_id: str, program: Program) -> Refusal | None:
    """The refusal of a lead whose deal is decided, if that ends the sequence."""
    state = await runtime.leads.states.get(lead_id)
    stop = stop_of(program.stop, (), OPEN if state is None else state.assessment.outcome)
    return None if stop is None else Refusal("decided", f"The lead is {stop.kind}, which ends this sequence.")


async def append_enrolled(runtime: Runtime, enrolment: Enrolment) -> None:
    """Say in the stream that the lead is enrolled. Repeating it changes nothing."""
    said = {"by": ":".join(enrolment.author), "why": enrolment.why}
    await append_sequence_event(runtime, enrolment, SEQUENCE_ENROLLED, "enrolled", dict(said))


async def stop_enrolment(runtime: Runtime, enrolment_id: str, by: Author, why: str) -> Enrolment:
    """End an enrolment by hand. Messages that wait to be sent are withheld. Raises `NotFound`, and `Conflict` if it has ended."""
    said = f"{why} ({by.kind}:{by.id})" if why else f"{by.kind}:{by.id}"
    ending = Ending("manual", runtime.now(), why=said)
    stopped = await runtime.sequences.enrolments.stop(enrolment_id, ending)
    await runtime.work.wake_ups.announce(SEQUENCE)
    return stopped
