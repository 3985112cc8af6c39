"""A source, and a sender with its write key."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from engine.capture.stored_event import StoredEvent
from engine.store.mongo import without_codec
from tests.http_client import open_client
from workflows.privacy.encrypt import opened


@dataclass
class Sender:
    """A client that sends with the write key of one source."""

    api: Any
    source: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def write_key(self) -> str:
        return self.source["writeKey"]

    async def post(
        self, path: str, body: object, *, compress: bool = False, **headers: str
    ) -> httpx.Response:
        """POST as the clients of Segment do, with the key as the user of Basic."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        basic = base64.b64encode(f"{self.write_key}:".encode()).decode()
        shown = {"authorization": f"Basic {basic}", "content-type": "application/json", **headers}
        async with open_client(self.api.http.base_url) as http:
            return await http.post(
                path, content=gzip.compress(raw) if compress else raw, headers={**self.headers, **shown}
            )

    async def batch(self, *messages: object, **more: object) -> None:
        """Send messages, which are answered as every client expects."""
        answer = await self.post("/v1/batch", {"batch": list(messages), **more})
        assert (answer.status_code, answer.content) == (200, b'{"success":true}'), answer.text

    async def rejected(self) -> list[dict[str, Any]]:
        """What could not be taken."""
        return (await self.api.get(f"/api/sources/{self.source['id']}/rejected"))["items"]

    async def events(self) -> list[Any]:
        """Every stored event, opened, in the order of the log."""
        runtime = self.api.runtime
        documents = await without_codec(runtime.store.database["events"]).find().sort("_id", 1).to_list()
        stored = [StoredEvent.of(document).decode() for document in documents]
        return await opened(runtime, stored)


@pytest.fixture
def new_source(api):
    """Create a source: `await new_source(name=..., events=...)`."""

    async def new_source(name: str = "website", **fields: object) -> Sender:
        answer = await api.http.post("/api/sources", json={"name": name, **fields})
        assert answer.status_code == 201, answer.text
        return Sender(api, answer.json())

    return new_source


@pytest.fixture
async def sender(new_source):
    """A sender whose source has no mapping."""
    return await new_source()
