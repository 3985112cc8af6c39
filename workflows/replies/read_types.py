"""The types of events that are read as replies: those of people, and the answers of machines for the day of a return."""

from __future__ import annotations

from domain.outreach.withhold import REPLIES
from domain.replies.reply_event import AUTO_REPLIED

__all__ = ["READ_TYPES"]

READ_TYPES = REPLIES | {AUTO_REPLIED}
