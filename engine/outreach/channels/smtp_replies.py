"""What the reply of a mail server means for a message: later, never, or never to this address (RFC 5321, RFC 3463)."""

from __future__ import annotations

import re

from domain.instant import MINUTE
from engine.outreach.channels.channel import Rejected, Retry

__all__ = ["meaning_of"]

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_CLOSING = 421
_PERMANENT = 500
_MAILBOX_FULL = ("2", "2")
_NO_SUCH_ADDRESS = frozenset({("1", "1"), ("1", "2"), ("1", "3"), ("1", "6"), ("1", "10"), ("2", "1")})
_MAX_TEXT = 200


def meaning_of(code: int, text: str) -> Retry | Rejected:
    """The meaning of a reply of 4xx or 5xx. Its enhanced status code, if there is one, decides before the code."""
    said = f"{code} {text}"[:_MAX_TEXT]
    enhanced = _ENHANCED.search(text)
    if code == _CLOSING:
        return Retry(said, pauses_channel=True)
    detail = (enhanced[2], enhanced[3]) if enhanced else None
    if detail == _MAILBOX_FULL:
        return Retry(said, after=30 * MINUTE)
    is_permanent = enhanced[1] == "5" if enhanced else code >= _PERMANENT
    if not is_permanent:
        return Retry(said)
    return Rejected(
        said, suppress=detail in _NO_SUCH_ADDRESS if detail else code in {550, 551, 553} and _is_user(text)
    )


def _is_user(text: str) -> bool:
    """Whether a reply without an enhanced code says that there is no such mailbox."""
    return re.search(r"(?i)\b(no such|unknown|does ?n.t exist|not exist|invalid)\b", text) is not None
