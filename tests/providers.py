"""Local fakes of SendGrid, Twilio and WhatsApp's Cloud API: they check what they get as the providers do, and answer so.

Their faithfulness is proved by the official clients of SendGrid and Twilio, which run against them unchanged. Meta has
none for Python: its fake is proved by `pywa`, a client of third parties that many use.
"""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import uvicorn

Answer = tuple[int, dict[str, str], bytes]
_REFUSED = 400


@dataclass
class Providers:
    """What the fakes got, and the answers that they give next in place of the right one; None: none at all."""

    url: str = ""
    sent: list[dict] = field(default_factory=list)
    next_answers: deque[Answer | None] = field(default_factory=deque)

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        known = len(self.sent)
        answer = self._answer(scope["method"], scope["path"], headers, body)
        if self.next_answers:
            answer = self.next_answers.popleft()
            if answer is not None and answer[0] >= _REFUSED:
                del self.sent[known:]
        if answer is None:
            await asyncio.sleep(30)
        status, more, content = answer
        raw = [(name.encode(), value.encode()) for name, value in more.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if method != "POST":
            return 405, {}, b""
        if path == "/v3/mail/send":
            return self._sendgrid(headers, body)
        if path.startswith("/2010-04-01/Accounts/"):
            return self._twilio(path, headers, body)
        return self._meta(path, headers, body)

    def _sendgrid(self, headers: dict[str, str], body: bytes) -> Answer:
        if headers.get("authorization") != "Bearer SG.key":
            said = "The provided authorization grant is invalid, expired, or revoked"
            return _json(401, {"errors": [{"message": said, "field": None, "help": None}]})
        mail = json.loads(body)
        errors = []
        if not mail.get("from", {}).get("email"):
            errors.append(
                {"message": "The from object must be provided", "field": "from.email", "help": None}
            )
        if not all(one.get("to") for one in mail.get("personalizations", [])) or not mail.get(
            "personalizations"
        ):
            errors.append({"message": "to is required", "field": "personalizations.0.to", "help": None})
        types = [part["type"] for part in mail.get("content", [])]
        if not types or types != sorted(types, key=["text/plain", "text/html"].index):
            errors.append({"message": "text/plain first", "field": "content", "help": None})
        if errors:
            return _json(400, {"errors": errors})
        self.sent.append(mail)
        return 202, {"x-message-id": "14c5d75ce93.dfd.64b469", "content-length": "0"}, b""

    def _twilio(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if headers.get("authorization") != "Basic " + base64.b64encode(b"AC1:token").decode():
            return _json(401, _twilio_error(20003, "Authenticate", 401))
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if path != "/2010-04-01/Accounts/AC1/Messages.json" or not form.get("To"):
            return _json(400, _twilio_error(21604, "A 'To' phone number is required.", 400))
        if not form["To"].startswith("whatsapp:+"):
            return _json(400, _twilio_error(21211, f"Invalid 'To' Phone Number: {form['To']}", 400))
        if not form.get("Body") and not form.get("ContentSid"):
            return _json(400, _twilio_error(21602, "Message body is required.", 400))
        self.sent.append(form)
        sid = f"SM{uuid.uuid4().hex}"
        message = {
            "sid": sid,
            "account_sid": "AC1",
            "status": "queued",
            "to": form["To"],
            "from": form.get("From"),
            "body": form.get("Body", ""),
            "error_code": None,
            "error_message": None,
            "direction": "outbound-api",
            "date_created": "Thu, 24 Aug 2023 05:01:45 +0000",
            "uri": f"/2010-04-01/Accounts/AC1/Messages/{sid}.json",
        }
        return _json(201, message)

    def _meta(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if headers.get("authorization") != "Bearer EAA":
            return _json(401, _meta_error(190, "Invalid OAuth access token."))
        message = json.loads(body)
        if message.get("messaging_product") != "whatsapp" or not message.get("to"):
            return _json(400, _meta_error(100, "(#100) The parameter messaging_product is required."))
        self.sent.append(message)
        return _json(
            200,
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": message["to"], "wa_id": message["to"]}],
                "messages": [{"id": f"wamid.{uuid.uuid4().hex}", "message_status": "accepted"}],
            },
        )


def _json(status: int, content: object, **headers: str) -> Answer:
    return status, {"content-type": "application/json", **headers}, json.dumps(content).encode()


def _twilio_error(code: int, message: str, status: int) -> dict:
    return {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }


def _meta_error(code: int, message: str) -> dict:
    return {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"}}


@asynccontextmanager
async def running_providers() -> AsyncIterator[Providers]:
    """All fakes at one address of this machine, on the running loop."""
    fakes = Providers()
    server = uvicorn.Server(
        uvicorn.Config(fakes, port=0, log_level="critical", lifespan="off", timeout_keep_alive=30)
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    fakes.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield fakes
    finally:
        server.should_exit = server.force_exit = True
        await serving
