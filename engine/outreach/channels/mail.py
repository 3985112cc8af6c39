"""The composition of an e-mail: headers of thread and unsubscription, text and HTML, and its DKIM signature."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from domain.errors import Fault, Invalid
from domain.instant import Millis, to_datetime
from engine.outreach.channels.channel import Letter
from engine.outreach.channels.dkim_signature import load_dkim_key, sign_mail

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Composer", "MailSender", "mail_sender"]

_SIGNED = (
    *("from", "to", "subject", "date", "message-id", "in-reply-to", "references", "reply-to"),
    *("mime-version", "content-type", "list-unsubscribe", "list-unsubscribe-post"),
)
"""Both headers of one-click unsubscription must be covered (RFC 8058 section 4)."""


@dataclass(frozen=True)
class MailSender:
    """The address that mails come from, where replies go, and the key that signs them."""

    name: str
    address: str
    reply_to: str = ""
    dkim_domain: str = ""
    dkim_selector: str = ""
    dkim_key: RSAPrivateKey | None = None

    @property
    def domain(self) -> str:
        """The domain of the address, which Message-IDs carry."""
        return self.address.rpartition("@")[2]


def mail_sender(
    email_from: str,
    reply_to: str = "",
    dkim_domain: str = "",
    dkim_selector: str = "",
    dkim_key_file: str = "",
) -> MailSender:
    """The sender of these settings. Raises `Invalid` for an address that is none and a key that cannot be read."""
    name, address = parseaddr(email_from)
    if "@" not in address or address.endswith("@"):
        raise Invalid(
            "EMAIL_FROM is wrong.", (Fault("EMAIL_FROM", "should be like: Ada Smith <ada@example.com>"),)
        )
    key = None
    if dkim_key_file:
        try:
            key = load_dkim_key(Path(dkim_key_file).read_bytes())
        except OSError as error:
            raise Invalid(f"DKIM_KEY_FILE: {dkim_key_file} cannot be read: {error.strerror}") from None
    return MailSender(name, address, reply_to, dkim_domain or address.rpartition("@")[2], dkim_selector, key)


class Composer:
    """Makes the mail of a letter. The same letter gives the same Message-ID over all attempts."""

    def __init__(self, sender: MailSender, now: Callable[[], Millis]) -> None:
        self._sender = sender
        self._now = now

    @property
    def envelope_from(self) -> str:
        """The address that bounces go to."""
        return self._sender.address

    def message_id(self, letter: Letter) -> str:
        """The Message-ID, without angle brackets."""
        return f"{letter.mail_id}@{self._sender.domain}"

    def compose(self, letter: Letter) -> bytes:
        """The mail in the form in which it goes over the wire."""
        mail, content = EmailMessage(policy=SMTP), letter.content
        mail["From"] = Address(self._sender.name, addr_spec=self._sender.address)
        mail["To"] = Address(addr_spec=content.to)
        mail["Subject"] = content.subject
        mail["Date"] = format_datetime(to_datetime(self._now()))
        if self._sender.reply_to:
            mail["Reply-To"] = self._sender.reply_to
        mail.set_content(content.text)
        if content.html:
            mail.add_alternative(content.html, subtype="html")
        unfolded = self._unfolded(letter)
        head = "".join(f"{name}: {value}\r\n" for name, value in unfolded.items())
        return self._signed(head.encode() + mail.as_bytes())

    def _unfolded(self, letter: Letter) -> dict[str, str]:
        """Headers of ids and addresses, which may break at spaces alone.

        The email package would fold a long one by encoding it (RFC 2047), and mail programs do not decode these.
        """
        headers = {"Message-ID": f"<{self.message_id(letter)}>"}
        if letter.thread:
            headers["In-Reply-To"] = f"<{letter.thread[-1]}>"
            headers["References"] = "\r\n ".join(f"<{one}>" for one in letter.thread)
        if letter.unsubscribe_url:
            headers["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers

    def _signed(self, mail: bytes) -> bytes:
        sender = self._sender
        if sender.dkim_key is None:
            return mail
        return sign_mail(
            mail, sender.dkim_key, sender.dkim_domain, sender.dkim_selector, _SIGNED, self._now()
        )
