"""WhatsApp by Meta's Cloud API."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from engine.outreach.channels.addresses import phone_fault
from engine.outreach.channels.channel import Accepted, HandOver, Letter, Rejected, Retry, Sent, Unknown
from engine.outreach.channels.provider import ProviderClient, json_object

__all__ = ["MetaWhatsApp"]

_LIMITS = frozenset({4, 80007, 130429, 131048, 131056})
_TOKEN = frozenset({0, 3, 10, 190})
_UNDELIVERABLE = frozenset({131026})


class MetaWhatsApp:
    """Sends by the Cloud API, whose statuses name the message by `biz_opaque_callback_data`."""

    channel = "whatsapp"
    name = "meta"

    def __init__(self, base_url: str, version: str, phone_number_id: str, token: str, seconds: float) -> None:
        self._provider = ProviderClient(base_url, {"Authorization": f"Bearer {token}"}, seconds)
        self._path = f"/{version}/{phone_number_id}/messages"

    def recipient_fault(self, to: str) -> str | None:
        return phone_fault(to)

    async def send(self, letter: Letter, hand_over: HandOver) -> Sent:
        response = await self._provider.post(self._path, hand_over, json=_body(letter))
        if isinstance(response, Retry | Unknown):
            return response
        answer = json_object(response.text)
        if response.status_code == HTTPStatus.OK:
            messages = answer.get("messages")
            found = messages[0] if isinstance(messages, list) and messages else {}
            return Accepted(str(found.get("id", letter.message_id)))
        error = answer.get("error")
        error = error if isinstance(error, dict) else {}
        code = error.get("code")
        said = f"Meta answered {response.status_code}, code {code}: {error.get('message', '')}"
        if code in _LIMITS:
            return Retry(said)
        if code in _TOKEN or response.status_code == HTTPStatus.UNAUTHORIZED:
            return Retry(said, pauses_channel=True)
        return Rejected(said, suppress=code in _UNDELIVERABLE)

    async def close(self) -> None:
        await self._provider.close()


def _body(letter: Letter) -> dict[str, Any]:
    content = letter.content
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": content.to.lstrip("+"),
        "biz_opaque_callback_data": letter.message_id,
    }
    if not content.template:
        return body | {"type": "text", "text": {"preview_url": False, "body": content.text}}
    parameters = [{"type": "text", "text": value} for value in content.variables.values()]
    template: dict[str, Any] = {"name": content.template, "language": {"code": content.language or "en_US"}}
    if parameters:
        template["components"] = [{"type": "body", "parameters": parameters}]
    return body | {"type": "template", "template": template}
