"""The result of a message: where it belongs, and the moment of each thing that became of it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from domain.instant import Millis

__all__ = ["Fate", "MessageResult"]

Fate = Literal["planned", "withheld", "failed", "unknown", "sent"]
"""How far a message has come. `sent` wins over the others; of these the latest counts."""


class MessageResult(Struct, frozen=True, kw_only=True):
    """A message as analytics counts it.

    `at` is when it was sent, else when its fate was decided, else when it was planned: the moment by which periods select it.
    `sequence`, `step`, `variant` and `campaign` are empty, and `version` is 0, for one that is of none. The other moments
    are those of the first event of each kind, None if there was none; what a machine did is left out. `won_at` is the
    first win of the lead at or after the sending.
    """

    message_id: str
    lead_id: str
    stream_id: str
    owner_id: str | None = None
    channel: str = ""
    sequence: str = ""
    version: int = 0
    step: str = ""
    variant: str = ""
    campaign: str = ""
    at: Millis
    planned_at: Millis
    fate: Fate = "planned"
    reasons: tuple[str, ...] = ()
    """Of a withheld one the codes of the reasons, sorted."""
    sent_at: Millis | None = None
    delivered_at: Millis | None = None
    opened_at: Millis | None = None
    clicked_at: Millis | None = None
    replied_at: Millis | None = None
    intents: tuple[str, ...] = ()
    """What its replies mean, sorted; `unread` is a reply that was not classified yet."""
    meeting_at: Millis | None = None
    opted_out_at: Millis | None = None
    complained_at: Millis | None = None
    bounced_at: Millis | None = None
    won_at: Millis | None = None
