"""An e-mail that somebody sent to us, whichever provider hands it over: who wrote, what it answers, and to which of our messages.

Answers of machines (out of office, mailing lists, bounces) are not what a person wrote, and say so in their type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from email import message_from_string
from email.policy import default

from msgspec import Struct

from domain.hooks.payload import digest, given
from domain.hooks.request import HookEvent

__all__ = ["InboundMail", "headers_of", "received"]

_MAX_BODY = 10_000
"""Characters of a text that are kept."""
_MAX_HEADERS = 200_000
_TOKEN = re.compile(r"\+([A-Za-z0-9_.-]{1,100})@")
_ID = re.compile(r"<[^<>\s]{1,300}>")
_PRECEDENCE = {"bulk", "auto_reply", "auto-reply", "junk", "list"}


class InboundMail(Struct, frozen=True, kw_only=True):
    """The parts of an e-mail that matter here; names of headers in lower case.

    `envelope_sender` is empty for a bounce, and None where the provider does not say it.
    """

    sender: str
    envelope_sender: str | None = None
    recipients: Sequence[str] = ()
    subject: str = ""
    body: str = ""
    headers: Mapping[str, str] = {}
    attachments: int = 0


def headers_of(lines: str) -> dict[str, str]:
    """The headers in the lines of an e-mail's head, by name in lower case; of several the first one."""
    found: dict[str, str] = {}
    for name, value in message_from_string(
        lines[:_MAX_HEADERS], policy=default.clone(raise_on_defect=False)
    ).items():
        found.setdefault(name.lower(), str(value))
    return found


def received(mail: InboundMail, raw: bytes) -> list[HookEvent]:
    """The e-mail as `message.received`, or `email.auto_replied`; nothing if nobody can have sent it."""
    if not mail.sender:
        return []
    message_id = mail.headers.get("message-id", "").strip()
    answers = _ID.findall(f"{mail.headers.get('in-reply-to', '')} {mail.headers.get('references', '')}")
    token = next((found[1] for to in mail.recipients if (found := _TOKEN.search(to))), None)
    return [
        HookEvent(
            key=message_id or digest(raw),
            type="email.auto_replied" if _is_automatic(mail) else "message.received",
            identifiers={"email": mail.sender},
            properties=given(
                channel="email",
                messageSubject=mail.subject[:500],
                messageBody=mail.body[:_MAX_BODY],
                providerId=message_id[:300],
                inReplyTo=answers[0] if answers else None,
                references=list(dict.fromkeys(answers))[:20] or None,
                replyToken=token,
                attachments=mail.attachments or None,
            ),
        )
    ]


def _is_automatic(mail: InboundMail) -> bool:
    headers = mail.headers
    return (
        headers.get("auto-submitted", "no").strip().lower() != "no"
        or "x-autoreply" in headers
        or "x-autorespond" in headers
        or headers.get("precedence", "").strip().lower() in _PRECEDENCE
        or mail.envelope_sender in ("", "<>")
    )
