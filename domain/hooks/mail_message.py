"""An e-mail as it lies in a mailbox: a reply, the answer of a machine, or a report that a mail of ours has bounced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from html.parser import HTMLParser

from domain.hooks.inbound_mail import InboundMail, received
from domain.hooks.payload import address_of, digest, given
from domain.hooks.request import HookEvent

__all__ = ["UnreadableMail", "mail_events"]

_MAX_TEXT = 10_000
_MAX_PARTS = 200
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_INVISIBLE = {"script", "style", "head", "title"}
_BREAKS = {"p", "br", "div", "li", "tr", "blockquote", "h1", "h2", "h3"}


class UnreadableMail(ValueError):
    """The e-mail is so malformed that it cannot be parsed."""


def mail_events(raw: bytes) -> list[HookEvent]:
    """What the e-mail says, about people who are known only. Raises `UnreadableMail`.

    A report of delivery (RFC 3464) is an `email.bounced` per recipient that it gives up; other mails are replies or answers
    of machines. An e-mail without a sender says nothing.
    """
    try:
        mail = message_from_bytes(raw)
        if mail.get_content_type() == "multipart/report":
            return list(_bounces(mail, raw))
        return received(_inbound(mail), raw)
    except (ValueError, LookupError, AttributeError, TypeError) as error:  # what the email package raises
        raise UnreadableMail(f"{type(error).__name__}: {error}") from error


def _inbound(mail: Message) -> InboundMail:
    names = ("message-id", "in-reply-to", "references", "auto-submitted", "precedence")
    headers = {name: _header(mail, name) for name in (*names, "x-autoreply", "x-autorespond") if name in mail}
    recipients = [one for name in ("to", "cc", "delivered-to") for one in _headers(mail, name)]
    return InboundMail(
        sender=address_of(_header(mail, "from")).lower(),
        envelope_sender="" if _header(mail, "return-path") == "<>" else None,
        recipients=recipients,
        subject=_header(mail, "subject"),
        body=_text(mail),
        headers=headers,
        attachments=sum(part.get_content_disposition() == "attachment" for part in _parts(mail)),
    )


def _bounces(report: Message, raw: bytes) -> Iterator[HookEvent]:
    """An event per recipient that the report gives up; what is only delayed will be reported again."""
    parts = list(_parts(report))
    original = next(
        (found for part in parts if (found := _original_id(part))), _header(report, "in-reply-to")
    )
    for number, fields in enumerate(part for part in parts if "final-recipient" in part):
        if _header(fields, "action").lower() != "failed":
            continue
        status = _STATUS.search(_header(fields, "status"))
        yield HookEvent(
            key=f"{_header(report, 'message-id') or digest(raw)}:{number}",
            type="email.bounced",
            identifiers=given(email=_header(fields, "final-recipient").rpartition(";")[2].strip()),  # type: ignore[arg-type]
            known_only=True,
            properties=given(
                channel="email",
                type="soft" if status and status[0].startswith("4") else "hard",
                status=status[0] if status else None,
                reason=_header(fields, "diagnostic-code")[:300],
                inReplyTo=original,
            ),
        )


def _original_id(part: Message) -> str:
    """The Message-ID of the mail that came back: a part of its own, or its headers as text."""
    if part.get_content_type() == "text/rfc822-headers":
        returned = message_from_bytes(_bytes(part))
        return _header(returned, "message-id")
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return _header(first, "message-id") if isinstance(first, Message) else ""
    return ""


def _parts(mail: Message) -> Iterator[Message]:
    for number, part in enumerate(mail.walk()):
        if number >= _MAX_PARTS:
            return
        yield part


def _text(mail: Message) -> str:
    """The first plain text that is no attachment, else the first HTML as text."""
    parts = [part for part in _parts(mail) if part.get_content_disposition() != "attachment"]
    for kind, read in (("text/plain", str), ("text/html", _from_html)):
        for part in parts:
            if part.get_content_type() == kind:
                return read(_decoded(part))[:_MAX_TEXT]
    return ""


def _decoded(part: Message) -> str:
    content = _bytes(part)
    try:
        return content.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        return content.decode("utf-8", errors="replace")


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _headers(mail: Message, name: str) -> list[str]:
    return [_decoded_header(str(value)) for value in mail.get_all(name, [])]


def _header(mail: Message, name: str) -> str:
    return next(iter(_headers(mail, name)), "").strip()


def _decoded_header(value: str) -> str:
    """The header without its encoding (RFC 2047), as it stands if that cannot be read."""
    joined = " ".join(value.split())
    try:
        return str(make_header(decode_header(joined)))
    except (LookupError, ValueError):
        return joined


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - of the parent
        self._hidden += tag in _INVISIBLE
        if tag in _BREAKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _INVISIBLE and self._hidden > 0
        if tag in _BREAKS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data)


def _from_html(html: str) -> str:
    reader = _Reader()
    reader.feed(html[: 20 * _MAX_TEXT])
    lines = (" ".join(line.split()) for line in "".join(reader.said).splitlines())
    return "\n".join(line for line in lines if line)
