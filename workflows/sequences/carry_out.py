"""Carrying out what a sequence has decided: a message, a task, a tag, or the note that a step was skipped."""

from __future__ import annotations

from domain.errors import Conflict, Invalid, NotFound
from domain.events.event import ENGINE_SOURCE, Json, NewEvent
from domain.events.vocabulary import TAG_ADDED, TAG_REMOVED
from domain.sequences.decide import AddTask, Effect, SendMessage, SetTag, SkipStep
from domain.sequences.merge_fields import fill_in
from domain.sequences.vocabulary import SEQUENCE_STEP_DONE, SEQUENCE_STEP_SKIPPED
from engine.automations.task_store import TaskView
from engine.campaigns.campaign import CAMPAIGN
from engine.outreach.message import Author, message_id_of
from engine.runtime import Runtime
from engine.sequences.enrolment import SEQUENCE, Enrolment
from workflows.outreach.plan import NewMessage, plan_message
from workflows.privacy.encrypt import append_sealed, opened
from workflows.sequences.events import append_sequence_event
from workflows.sequences.facts import attributes_of

__all__ = ["carry_out"]


async def carry_out(runtime: Runtime, enrolment: Enrolment, effect: Effect) -> None:
    """Do what was decided. Doing it again changes nothing."""
    match effect:
        case SendMessage():
            await _send(runtime, enrolment, effect)
        case AddTask():
            await _add_task(runtime, enrolment, effect)
        case SetTag():
            await _set_tag(runtime, enrolment, effect)
        case SkipStep():
            await _skip(runtime, enrolment, effect.step, "it is too late for the message")


async def _send(runtime: Runtime, enrolment: Enrolment, effect: SendMessage) -> None:
    author = Author(SEQUENCE, enrolment.unit_id)
    message_id = message_id_of(author, enrolment.lead_id, effect.step)
    if await runtime.outreach.messages.find(message_id) is None:
        if (
            runtime.now() > effect.not_after
        ):  # it was decided on by a worker that died, and nobody took it up in time
            await _skip(runtime, enrolment, effect.step, "it is too late for the message")
            return
        try:
            await plan_message(
                runtime, author, enrolment.lead_id, await _filled_in(runtime, enrolment, effect), effect.step
            )
        except (Invalid, NotFound, Conflict) as error:
            await _skip(runtime, enrolment, effect.step, _why(error))
            return
    properties: dict[str, Json] = {"messageId": message_id, "channel": effect.channel}
    if effect.variant.name:
        properties["variant"] = effect.variant.name
    await _done(runtime, enrolment, effect.step, "send", properties)


async def _filled_in(runtime: Runtime, enrolment: Enrolment, effect: SendMessage) -> NewMessage:
    """The message with the attributes that the lead has now."""
    stream = await opened(runtime, await runtime.capture.events.of_lead(enrolment.lead_id))
    attributes = attributes_of(
        sorted(stream, key=lambda one: (one.occurred_at, one.received_at, one.position))
    )
    program, variant = await runtime.sequences.library.program(enrolment.label), effect.variant
    return NewMessage(
        channel=effect.channel,
        subject=fill_in(variant.subject, attributes),
        text=fill_in(variant.text, attributes),
        template=variant.template,
        language=variant.language,
        not_after=effect.not_after,
        despite_reply="reply" not in program.stop,
        why=f"{enrolment.label}, step {effect.step}{_of_campaign(enrolment)}",
    )


async def _add_task(runtime: Runtime, enrolment: Enrolment, effect: AddTask) -> None:
    task_id = f"{enrolment.unit_id}:{effect.step}"
    await runtime.automations.tasks.create(
        TaskView(
            task_id=task_id,
            lead_id=enrolment.lead_id,
            rule_id=enrolment.sequence,
            title=effect.title,
            priority=effect.priority,
            state="open",
            created_at=enrolment.decided_at,
            due_at=effect.due_at,
        )
    )
    await _done(runtime, enrolment, effect.step, "task", {"taskId": task_id, "title": effect.title})


async def _set_tag(runtime: Runtime, enrolment: Enrolment, effect: SetTag) -> None:
    event_id, at = f"{enrolment.unit_id}:tag:{effect.step}", runtime.now()
    event = NewEvent(
        event_id=event_id,
        lead_id=enrolment.lead_id,
        type=TAG_REMOVED if effect.removes else TAG_ADDED,
        occurred_at=at,
        received_at=at,
        body_hash=event_id,
        source=ENGINE_SOURCE,
        properties={"tag": effect.tag, "enrolmentId": enrolment.unit_id},
    )
    await append_sealed(runtime, [event])
    await _done(
        runtime, enrolment, effect.step, "removeTag" if effect.removes else "addTag", {"tag": effect.tag}
    )


async def _done(
    runtime: Runtime, enrolment: Enrolment, step: str, does: str, properties: dict[str, Json]
) -> None:
    said: dict[str, Json] = {"step": step, "does": does, **properties}
    await append_sequence_event(runtime, enrolment, SEQUENCE_STEP_DONE, step, said)


async def _skip(runtime: Runtime, enrolment: Enrolment, step: str, why: str) -> None:
    said: dict[str, Json] = {"step": step, "why": why[:300]}
    await append_sequence_event(runtime, enrolment, SEQUENCE_STEP_SKIPPED, step, said)


def _of_campaign(enrolment: Enrolment) -> str:
    """What enrolled the lead, if that was a campaign."""
    kind, campaign_id = enrolment.author
    return f", of {kind} {campaign_id}" if kind == CAMPAIGN else ""


def _why(error: Exception) -> str:
    """The faults of the message, without the sentence before them."""
    faults = [str(fault) for fault in error.faults] if isinstance(error, Invalid) else []
    return "; ".join(faults) or str(error)
