"""Messages as a kind of due work: an attempt looks again whether the message may go out, records itself, and sends.

The order of the steps is what keeps a message from going out twice: it is recorded that the message is handed over before
it is, and that it was taken before anything else. A worker that dies in between leaves a message of which it is not known
whether it went out. That one is held, said to be `unknown`, and never sent again by itself (ADR 70).
"""

from __future__ import annotations

import re
import time
from functools import partial

from msgspec import to_builtins
from msgspec.structs import replace

from domain.instant import DAY, HOUR, MINUTE, SECOND, Millis
from domain.outreach.vocabulary import (
    MESSAGE_FAILED,
    MESSAGE_PLANNED,
    MESSAGE_SENT,
    MESSAGE_UNKNOWN,
    MESSAGE_WITHHELD,
)
from domain.outreach.warm_up import WARM_UP_DAYS, daily_limit
from domain.outreach.withhold import Reason
from engine.outreach.channels.channel import Accepted, Channel, Letter, Rejected, Retry, Sent, Unknown
from engine.outreach.message import MESSAGE, Content, Message
from engine.outreach.sealed_content import open_content
from engine.outreach.sender import sender_id
from engine.outreach.suppression_store import NewEntry
from engine.runtime import Runtime
from engine.work.backoff import exponential
from engine.work.kind import WorkKind
from engine.work.outcome import Outcome
from engine.work.policy import Policy
from workflows.outreach.alert import alert
from workflows.outreach.answer import record_answer
from workflows.outreach.events import append_message_event
from workflows.outreach.facts import ADDRESS_KINDS, reasons_now
from workflows.outreach.links import unsubscribe_link
from workflows.outreach.of_campaign import campaign_is_paused, hour_of_campaign

__all__ = ["message_kind", "send_message"]

_FIRST_PAUSE: Millis = 5 * MINUTE
_LONGEST_PAUSE: Millis = 12 * HOUR
_CONCURRENCY, _PER_DOMAIN = 32, 8
_PAUSED: Millis = 30 * SECOND
"""Between two looks at a message whose campaign is paused."""
_LEASE_IN_TIMEOUTS = 8
"""Each step of a send may take one time-out; the lease is beyond all of them."""
_GONE_WITHOUT_RESULT = (
    "the attempt ended after the message was handed over and before it was known whether it was taken"
)


class _Withheld(Exception):
    """A reason against sending has come up between the first look and the hand-over."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(_said(reasons))
        self.reasons = reasons


class _Overtaken(Exception):
    """Another attempt has begun: this one may not send any more."""


def message_kind(runtime: Runtime) -> WorkKind[Message]:
    """The kind: first again after five minutes, then twice as long each time, up to twelve hours."""
    settings = runtime.settings
    policy = Policy(
        attempts=settings.send_attempts,
        backoff=exponential(2 * _FIRST_PAUSE, _LONGEST_PAUSE),
        lease=round(_LEASE_IN_TIMEOUTS * settings.send_timeout_seconds * SECOND),
        concurrency=_CONCURRENCY,
        per_key=_PER_DOMAIN,
    )
    return WorkKind(MESSAGE, runtime.outreach.messages, policy, partial(send_message, runtime))


async def send_message(runtime: Runtime, message: Message) -> Outcome:
    """Make one attempt of a claimed message, or take up where one that was cut off has ended."""
    if message.provider_id is not None:
        return await _sent(runtime, message, message.provider_id, "")
    if message.handed_over is not None:
        return await _unknown(runtime, message, _GONE_WITHOUT_RESULT)
    content = open_content(message.sealed, await runtime.privacy.keys.find(message.lead_id))
    if content is None:
        return Outcome(verdict="dead", detail="the lead was erased")
    message = await _with_plan(runtime, message)
    if reasons := await reasons_now(runtime, message, content):
        return await _withheld(runtime, message, reasons)
    channel = runtime.outreach.channels[message.channel]
    if (room_at := await _room(runtime, message, content)) is not None:
        return Outcome(verdict="later", detail=room_at[1], not_before=room_at[0])
    return await _attempt(runtime, message, content, channel)


async def _with_plan(runtime: Runtime, message: Message) -> Message:
    """The message with the position of its plan in the stream; who stored it may have died before appending that."""
    if message.planned_position is not None:
        return message
    appended = await append_message_event(runtime, message, MESSAGE_PLANNED)
    await runtime.outreach.messages.planned(message.unit_id, appended.position)
    return await runtime.outreach.messages.get(message.unit_id)


async def _room(runtime: Runtime, message: Message, content: Content) -> tuple[Millis, str] | None:
    """When the message may go out and why not now; None if there is room now, which is then taken."""
    limits, settings, at = runtime.outreach.limits, runtime.settings, runtime.now()
    if await campaign_is_paused(runtime, message):
        return at + _PAUSED, "its campaign is paused"
    if (opens := await hour_of_campaign(runtime, message, content)) is not None:
        return opens, "it is outside of the hours of its campaign"
    pause = await limits.pause_of(message.channel, at)
    if pause is not None:
        return pause.until, f"{message.channel} is paused: {pause.why}"
    until = await limits.take(f"domain:{message.bucket}", MINUTE, settings.send_per_domain_minute, at)
    if until is not None:
        return until, f"{settings.send_per_domain_minute} messages went to this domain within this minute"
    return await _room_today(runtime, message.channel, at)


async def _room_today(runtime: Runtime, channel: str, at: Millis) -> tuple[Millis, str] | None:
    """The same for the sender of the channel and the present day (UTC), of which the limit may grow from day to day."""
    limits, settings = runtime.outreach.limits, runtime.settings
    name, first = f"day:{sender_id(settings, channel)}", settings.warm_up_per_day
    most = await limits.most_of(name, DAY, WARM_UP_DAYS, at) if first else 0
    limit = daily_limit(first, settings.warm_up_growth, most, settings.send_per_day)
    until = await limits.take(name, DAY, limit, at, spans_kept=1 + WARM_UP_DAYS)
    if until is None:
        return None
    because = ", as many as the sender may while it warms up" if limit != settings.send_per_day else ""
    return until, f"{limit} messages were sent by {channel} today{because}"


async def _attempt(runtime: Runtime, message: Message, content: Content, channel: Channel) -> Outcome:
    async def hand_over() -> None:
        """The last look: what arrives after this is too late for this message."""
        if reasons := await reasons_now(runtime, message, content):
            raise _Withheld(reasons)
        if not await runtime.outreach.messages.hand_over(message):
            raise _Overtaken

    letter = Letter(
        message_id=message.unit_id,
        lead_id=message.lead_id,
        mail_id=message.mail_id,
        content=content,
        thread=message.thread,
        unsubscribe_url=await unsubscribe_link(runtime, message),
    )
    began = time.monotonic()
    try:
        result = await channel.send(letter, hand_over)
    except _Withheld as found:
        return await _withheld(runtime, message, found.reasons)
    except _Overtaken:
        return Outcome(verdict="failed", detail="another attempt has overtaken this one")
    took = round((time.monotonic() - began) * 1000)
    return await _settled(runtime, message, content, channel, _without_recipient(result, content.to), took)


def _without_recipient(result: Sent, to: str) -> Sent:
    """The result without the address, which servers like to quote and which is stored nowhere unencrypted."""
    name = "answer" if isinstance(result, Accepted) else "reason"
    said = re.sub(re.escape(to), "[recipient]", getattr(result, name), flags=re.IGNORECASE)
    return replace(result, **{name: said})


async def _settled(  # noqa: PLR0917 - the parts of an attempt
    runtime: Runtime, message: Message, content: Content, channel: Channel, result: Sent, took: int
) -> Outcome:
    if isinstance(result, Accepted):
        await runtime.outreach.messages.accepted(message, channel.name, result.provider_id)
        await runtime.outreach.limits.succeeded(message.channel)
        return await _sent(runtime, message, result.provider_id, result.answer, took)
    if isinstance(result, Unknown):
        return await _unknown(runtime, message, result.reason, took)
    await runtime.outreach.messages.taken_back(message)
    if isinstance(result, Retry):
        return await _again(runtime, message, result, took)
    return await _rejected(runtime, message, content, result, took)


async def _sent(
    runtime: Runtime, message: Message, provider_id: str, answer: str, took: int | None = None
) -> Outcome:
    await append_message_event(runtime, message, MESSAGE_SENT, {"providerId": provider_id})
    await record_answer(runtime, message)
    return Outcome(verdict="done", answer=answer[:500], duration_ms=took)


async def _unknown(runtime: Runtime, message: Message, reason: str, took: int | None = None) -> Outcome:
    await alert(runtime, message, MESSAGE_UNKNOWN, reason)
    return Outcome(verdict="unclear", detail=reason, duration_ms=took)


async def _again(runtime: Runtime, message: Message, result: Retry, took: int) -> Outcome:
    at, not_before = runtime.now(), None
    if result.pauses_channel:
        pause = await runtime.outreach.limits.failed(message.channel, result.reason, at, result.after)
        not_before = pause.until if pause else None
    if message.tries >= runtime.settings.send_attempts:
        return await _failed(runtime, message, result.reason, took)
    asked_for = at + result.after if result.after else None
    return Outcome(
        verdict="failed",
        detail=result.reason,
        not_before=max((one for one in (not_before, asked_for) if one is not None), default=None),
        duration_ms=took,
    )


async def _rejected(
    runtime: Runtime, message: Message, content: Content, result: Rejected, took: int
) -> Outcome:
    if result.suppress:
        entry = NewEntry(
            scope=message.channel,
            kind=ADDRESS_KINDS.get(message.channel, message.channel),
            value=content.to,
            why=f"a message was refused for good: {result.reason}"[:300],
            source="bounce",
            lead_id=message.lead_id,
        )
        await runtime.outreach.suppressions.add([entry], runtime.now())
    return await _failed(runtime, message, result.reason, took)


async def _failed(runtime: Runtime, message: Message, reason: str, took: int | None = None) -> Outcome:
    await alert(runtime, message, MESSAGE_FAILED, reason)
    return Outcome(verdict="dead", detail=reason, duration_ms=took)


async def _withheld(runtime: Runtime, message: Message, reasons: tuple[Reason, ...]) -> Outcome:
    await runtime.outreach.messages.withheld(message, reasons)
    if entry_ids := [reason.entry_id for reason in reasons if reason.entry_id is not None]:
        await runtime.outreach.suppressions.link(entry_ids, message.lead_id)
    said = [to_builtins(reason) for reason in reasons]
    await append_message_event(
        runtime, message, MESSAGE_WITHHELD, {"reasons": said}, number=len(message.attempts)
    )
    return Outcome(verdict="done", detail=f"withheld: {_said(reasons)}")


def _said(reasons: tuple[Reason, ...]) -> str:
    return "; ".join(reason.detail for reason in reasons)
