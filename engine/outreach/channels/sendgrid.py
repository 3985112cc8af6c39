"""E-mail by SendGrid's v3 API."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from engine.outreach.channels.addresses import email_fault
from engine.outreach.channels.channel import Accepted, HandOver, Letter, Rejected, Retry, Sent, Unknown
from engine.outreach.channels.mail import MailSender
from engine.outreach.channels.provider import ProviderClient

__all__ = ["SendGridChannel"]

_MAX_ANSWER = 300


class SendGridChannel:
    """Sends by SendGrid, whose events name the message by the custom argument `message_id`."""

    channel = "email"
    name = "sendgrid"

    def __init__(self, base_url: str, api_key: str, sender: MailSender, seconds: float) -> None:
        self._provider = ProviderClient(base_url, {"Authorization": f"Bearer {api_key}"}, seconds)
        self._sender = sender

    def recipient_fault(self, to: str) -> str | None:
        return email_fault(to)

    async def send(self, letter: Letter, hand_over: HandOver) -> Sent:
        response = await self._provider.post("/v3/mail/send", hand_over, json=self._body(letter))
        if isinstance(response, Retry | Unknown):
            return response
        if response.status_code == HTTPStatus.ACCEPTED:
            return Accepted(response.headers.get("x-message-id", letter.message_id))
        said = f"SendGrid answered {response.status_code}: {response.text[:_MAX_ANSWER]}"
        if response.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return Retry(said, pauses_channel=True)  # about the key, not about the message
        return Rejected(said)

    async def close(self) -> None:
        await self._provider.close()

    def _body(self, letter: Letter) -> dict[str, Any]:
        content, sender = letter.content, self._sender
        parts = [{"type": "text/plain", "value": content.text}]
        if content.html:
            parts.append({"type": "text/html", "value": content.html})
        headers = {"Message-ID": f"<{letter.mail_id}@{sender.domain}>"}
        if letter.thread:
            headers["In-Reply-To"] = f"<{letter.thread[-1]}>"
            headers["References"] = " ".join(f"<{one}>" for one in letter.thread)
        if letter.unsubscribe_url:
            headers["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        body: dict[str, Any] = {
            "from": {"email": sender.address, **({"name": sender.name} if sender.name else {})},
            "subject": content.subject,
            "personalizations": [{"to": [{"email": content.to}]}],
            "content": parts,
            "headers": headers,
            "custom_args": {"message_id": letter.message_id},
        }
        if sender.reply_to:
            body["reply_to"] = {"email": sender.reply_to}
        return body
