"""The suspected opt-outs of a lead that nobody has judged yet: of bounded size, part of its contact state."""

from __future__ import annotations

from msgspec import Struct

from domain.events.event import Event
from domain.instant import Millis
from domain.replies.opt_out_event import judged_opt_out, suspected_opt_out

__all__ = ["MAX_SUSPECTED", "SuspectedOptOut", "suspected_after"]

MAX_SUSPECTED = 5
"""The latest that are kept. Sending looks at every reading, not at these."""


class SuspectedOptOut(Struct, frozen=True, gc=False, rename="camel"):
    """A reply in which the classifier suspects an opt-out, its moment, and the probability (0 to 1) that it is one."""

    reply_id: str
    at: Millis
    probability: float


def suspected_after(suspected: tuple[SuspectedOptOut, ...], event: Event) -> tuple[SuspectedOptOut, ...]:
    """Those that nobody has judged after one more reading, or after the word of a person about a reply."""
    reply_id = str(event.properties.get("replyId", ""))
    if judged_opt_out(event) is not None:
        return tuple(one for one in suspected if one.reply_id != reply_id)
    probability = suspected_opt_out(event)
    if probability is None:
        return suspected
    return (*suspected, SuspectedOptOut(reply_id, event.occurred_at, probability))[-MAX_SUSPECTED:]
