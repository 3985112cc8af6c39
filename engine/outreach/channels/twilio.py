"""WhatsApp by Twilio's Messages API."""

from __future__ import annotations

import json
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from engine.outreach.channels.addresses import phone_fault
from engine.outreach.channels.channel import Accepted, HandOver, Letter, Rejected, Retry, Sent, Unknown
from engine.outreach.channels.provider import ProviderClient, json_object

__all__ = ["TwilioWhatsApp"]

_LIMITS = frozenset({20429, 63018, 14107})
"""Too many requests; rate limits of channel and sender."""
_NO_SUCH_RECIPIENT = frozenset({21211, 21614, 63003, 63024})
_OPTED_OUT = frozenset({21610})


class TwilioWhatsApp:
    """Sends by Twilio; `status_url` is where it reports what became of a message, with our id of it as `messageId`."""

    channel = "whatsapp"
    name = "twilio"

    def __init__(  # noqa: PLR0917 - the parts of an account
        self, base_url: str, account: str, token: str, sender: str, status_url: str, seconds: float
    ) -> None:
        self._provider = ProviderClient(base_url, {}, seconds, auth=(account, token))
        self._path = f"/2010-04-01/Accounts/{account}/Messages.json"
        self._sender, self._status_url = sender, status_url

    def recipient_fault(self, to: str) -> str | None:
        return phone_fault(to)

    async def send(self, letter: Letter, hand_over: HandOver) -> Sent:
        response = await self._provider.post(self._path, hand_over, data=self._form(letter))
        if isinstance(response, Retry | Unknown):
            return response
        answer = json_object(response.text)
        if response.status_code == HTTPStatus.CREATED:
            return Accepted(str(answer.get("sid", letter.message_id)))
        code = answer.get("code")
        said = f"Twilio answered {response.status_code}, code {code}: {answer.get('message', '')}"
        if code in _LIMITS:
            return Retry(said)
        if response.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} and code not in _OPTED_OUT:
            return Retry(said, pauses_channel=True)
        return Rejected(said, suppress=code in _NO_SUCH_RECIPIENT | _OPTED_OUT)

    async def close(self) -> None:
        await self._provider.close()

    def _form(self, letter: Letter) -> dict[str, str]:
        content = letter.content
        form = {"To": f"whatsapp:{content.to}", "From": f"whatsapp:{self._sender}"}
        if content.template:
            form |= {"ContentSid": content.template, "ContentVariables": json.dumps(content.variables)}
        else:
            form["Body"] = content.text
        return form | ({"StatusCallback": self._status_of(letter)} if self._status_url else {})

    def _status_of(self, letter: Letter) -> str:
        """The address with our id, by which a report is matched even if Twilio's answer with its own id never came."""
        separator = "&" if urlsplit(self._status_url).query else "?"
        return f"{self._status_url}{separator}{urlencode({'messageId': letter.message_id})}"
