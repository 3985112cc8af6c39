"""Local fakes of the APIs of language models: they check what they get as the real ones do, and answer in their forms.

Their faithfulness is proved by `recorded_requests.json`: what the official clients sent to this very fake, which they
understood (openai and anthropic, in the versions that stand there). The clients are too large to be installed for tests.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Models:
    """What the fakes got, and what they answer: `says` is the JSON of the next answers, in turn; None never answers.

    `next_answers` come before them, in place of the right ones.
    """

    url: str = ""
    requests: list[tuple[str, dict[str, str], dict]] = field(default_factory=list)
    says: deque[object] = field(default_factory=deque)
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
        self.requests.append((scope["path"], headers, json.loads(body)))
        answer = (
            self.next_answers.popleft()
            if self.next_answers
            else self._answer(scope["path"], headers, json.loads(body))
        )
        if answer is None:
            await asyncio.sleep(60)
            return
        status, more, content = answer
        raw = [
            (name.encode(), value.encode())
            for name, value in {"content-type": "application/json", **more}.items()
        ]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, path: str, headers: dict[str, str], body: dict) -> Answer:
        if path == "/v1/chat/completions":
            return self._openai(headers, body)
        if path == "/v1/messages":
            return self._anthropic(headers, body)
        return error(404, "not_found_error", "no such path")

    def _openai(self, headers: dict[str, str], body: dict) -> Answer:
        if headers.get("authorization") != "Bearer secret":
            return error(401, "invalid_api_key", "Incorrect API key provided.")
        shape = body["response_format"]["json_schema"]
        if not (shape["strict"] and _is_strict(shape["schema"])):
            return error(400, "invalid_request_error", "Invalid schema for response_format")
        said = self.says.popleft()
        message = {
            "role": "assistant",
            "content": said if isinstance(said, str) else json.dumps(said),
            "refusal": None,
        }
        return ok(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1790000000,
                "model": body["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
                "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
            }
        )

    def _anthropic(self, headers: dict[str, str], body: dict) -> Answer:
        if headers.get("authorization") != "Bearer secret":
            return error(401, "authentication_error", "invalid bearer token")
        if "anthropic-version" not in headers:
            return error(400, "invalid_request_error", "anthropic-version: header is required")
        shape = body["output_config"]["format"]
        if shape["type"] != "json_schema" or not _is_strict(shape["schema"]):
            return error(400, "invalid_request_error", "output_config.format")
        said = self.says.popleft()
        text = said if isinstance(said, str) else json.dumps(said)
        return ok(
            {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": body["model"],
                "content": [{"type": "text", "text": text, "citations": None}],
                "stop_reason": "end_turn",
                "stop_sequence": None,
                "usage": {"input_tokens": 100, "output_tokens": 20},
            }
        )


def ok(body: dict) -> Answer:
    """An answer of success."""
    return 200, {}, json.dumps(body).encode()


def error(status: int, code: str, message: str, **headers: str) -> Answer:
    """An error as both APIs write it."""
    body = {"type": "error", "error": {"type": code, "code": code, "message": message}}
    return (
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        json.dumps(body).encode(),
    )


def _is_strict(schema: dict) -> bool:
    return schema["additionalProperties"] is False and set(schema["required"]) == set(schema["properties"])


@asynccontextmanager
async def running_models() -> AsyncIterator[Models]:
    """The fakes on a free port."""
    models = Models()
    server = uvicorn.Server(
        uvicorn.Config(models, port=0, log_level="warning", lifespan="off", timeout_keep_alive=30)
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    models.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield models
    finally:
        server.should_exit = True
        server.force_exit = True
        await serving
