"""The turn of one lead of a campaign: its message is planned, or it is enrolled, under ids made of campaign and lead."""

from __future__ import annotations

import hashlib

from msgspec import Struct
from msgspec.structs import replace

from domain.campaigns.definition import Wording
from domain.campaigns.hours import next_hour
from domain.campaigns.turn import Result, TurnReason
from domain.errors import Conflict, Invalid, NotFound
from domain.events.event import ENGINE_SOURCE, Json, NewEvent
from domain.instant import Millis
from domain.sequences.merge_fields import fill_in
from domain.sequences.vocabulary import SEQUENCE_NOT_ENROLLED
from engine.campaigns.campaign import CAMPAIGN, Campaign
from engine.outreach.message import Author, message_id_of
from engine.runtime import Runtime
from workflows.campaigns.refusals import reasons_against
from workflows.outreach.plan import NewMessage, plan_message
from workflows.privacy.encrypt import append_sealed, opened
from workflows.sequences.enrol import enrol_lead
from workflows.sequences.facts import attributes_of, whereabouts

__all__ = ["Turn", "take_turn"]

_KEY = "broadcast"
"""The idempotency key of the one message of a campaign to a lead."""


class Turn(Struct, frozen=True):
    """What became of a lead: its result, the codes of the reasons, and the id of its message or enrolment.

    One that is to wait for its hour has no result yet, and its turn `not_before` then.
    """

    result: Result
    reasons: tuple[str, ...] = ()
    subject_id: str | None = None
    not_before: Millis | None = None


async def take_turn(runtime: Runtime, campaign: Campaign, lead_id: str, *, is_in_audience: bool) -> Turn:
    """Do for the lead what the campaign does. Doing it again, after a worker has died, changes nothing."""
    message = campaign.definition.message
    if message is not None:
        return await _write(runtime, campaign, message, lead_id, is_in_audience=is_in_audience)
    return await _enrol(runtime, campaign, lead_id, is_in_audience=is_in_audience)


async def _write(
    runtime: Runtime, campaign: Campaign, message: Wording, lead_id: str, *, is_in_audience: bool
) -> Turn:
    message_id = message_id_of(_author(campaign), lead_id, _KEY)
    if await runtime.outreach.messages.find(message_id) is not None:
        return Turn("underWay", subject_id=message_id)
    if not is_in_audience:
        return _LEFT
    attributes = await _attributes(runtime, lead_id)
    new = _filled_in(campaign, message, attributes)
    window = campaign.definition.window
    if window is not None:
        zone, country = await whereabouts(runtime, lead_id, attributes, window.timezone)
        opens = next_hour(window, runtime.now(), zone, country)
        if opens is None:
            return Turn("withheld", ("no-window",))
        if opens > runtime.now():
            return Turn("waiting", not_before=opens)
        new = replace(new, zone=zone.key, country=country or "")
    return await _plan(runtime, campaign, lead_id, new)


async def _plan(runtime: Runtime, campaign: Campaign, lead_id: str, new: NewMessage) -> Turn:
    author = _author(campaign)
    try:
        await plan_message(runtime, author, lead_id, new, _KEY)
    except NotFound:
        return _LEFT
    except Conflict as error:  # the block of a person who was erased at this moment, or the like
        return _withheld((TurnReason("refused", str(error)),))
    except Invalid:
        return _withheld(await reasons_against(runtime, campaign.definition, lead_id))
    return Turn("underWay", subject_id=message_id_of(author, lead_id, _KEY))


def _author(campaign: Campaign) -> Author:
    return Author(CAMPAIGN, campaign.campaign_id)


async def _attributes(runtime: Runtime, lead_id: str) -> dict[str, Json]:
    """The attributes that the lead has now."""
    stream = await opened(runtime, await runtime.capture.events.of_lead(lead_id))
    return attributes_of(sorted(stream, key=lambda one: (one.occurred_at, one.received_at, one.position)))


def _filled_in(campaign: Campaign, message: Wording, attributes: dict[str, Json]) -> NewMessage:
    return NewMessage(
        channel=message.channel,
        subject=fill_in(message.subject, attributes),
        text=fill_in(message.text, attributes),
        template=message.template,
        language=message.language,
        not_after=campaign.definition.ends_at,
        why=_why(campaign),
    )


async def _enrol(runtime: Runtime, campaign: Campaign, lead_id: str, *, is_in_audience: bool) -> Turn:
    enrolment_id = _enrolment_id(campaign.campaign_id, lead_id)
    if await runtime.sequences.enrolments.find(enrolment_id) is None:
        if not is_in_audience:
            return _LEFT
        if reasons := await reasons_against(runtime, campaign.definition, lead_id):
            await _append_not_enrolled(runtime, campaign, lead_id, enrolment_id, reasons)
            return _withheld(reasons)
    author, sequence = _author(campaign), campaign.definition.sequence or ""
    try:
        await enrol_lead(runtime, author, lead_id, sequence, _why(campaign), enrolment_id)
    except NotFound:
        return _LEFT
    except Conflict as error:
        reasons = (TurnReason("refused", str(error)),)
        await _append_not_enrolled(runtime, campaign, lead_id, enrolment_id, reasons)
        return _withheld(reasons)
    except Invalid as error:
        return _withheld((TurnReason("refused", str(error)),))
    return Turn("done", subject_id=enrolment_id)


async def _append_not_enrolled(
    runtime: Runtime, campaign: Campaign, lead_id: str, enrolment_id: str, reasons: tuple[TurnReason, ...]
) -> None:
    """Say in the stream why the lead is not enrolled. Repeating it changes nothing."""
    at, event_id = runtime.now(), f"{enrolment_id}:{SEQUENCE_NOT_ENROLLED}"
    event = NewEvent(
        event_id=event_id,
        lead_id=lead_id,
        type=SEQUENCE_NOT_ENROLLED,
        occurred_at=at,
        received_at=at,
        body_hash=event_id,
        source=ENGINE_SOURCE,
        properties={
            "sequence": campaign.definition.sequence,
            "why": "; ".join(one.detail for one in reasons)[:300],
            "reasons": [one.code for one in reasons],
            "campaign": campaign.campaign_id,
        },
    )
    await append_sealed(runtime, [event])


def _withheld(reasons: tuple[TurnReason, ...]) -> Turn:
    return Turn("withheld", tuple(dict.fromkeys(one.code for one in reasons)) or ("refused",))


_LEFT = Turn("withheld", ("left-audience",))


def _why(campaign: Campaign) -> str:
    return f"campaign {campaign.name} ({campaign.campaign_id})"


def _enrolment_id(campaign_id: str, lead_id: str) -> str:
    digest = hashlib.blake2b(f"{campaign_id}\x1f{lead_id}".encode(), digest_size=16).hexdigest()
    return f"enr_{digest}"
