"""Fixtures of the hostile suite: the real API process under attack, its responses, its log and its memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import socket
import sys
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.access.browser_session import BrowserSessions
from domain.teams.roles import SCOPES
from engine.local.process import Child
from engine.operations.audit_log import ENGINE
from engine.rulebooks.built_in import built_in
from engine.runtime import Runtime, open_runtime
from engine.schema import create_schema
from engine.settings import Settings
from tests.http_client import open_client
from tests.ports import free_port
from workflows.access.keys import create_key
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.rule_lab.start import Wanted, start_preview

REQUEST_SECONDS = 2.0
"""Time that a request has to arrive; 30 in production."""
CONNECTIONS = 400
"""Open connections that one address may have; 1,000 in production."""
_READY_SECONDS = 60
_MAX_GROWTH = 64 * 1024 * 1024
_MAX_GROWTH_OF_A_FEW_REQUESTS = 24 * 1024 * 1024
ASSET = "/docs/assets/swagger-ui-bundle.js"
"""A file of more than a MiB."""


class JsonLog:
    """The log of a process that writes an object in each line; a line is read and decoded once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0
        self._entries: list[dict[str, str]] = []

    def entries(self) -> list[dict[str, str]]:
        """Everything logged so far. Raises `ValueError` for a line that is no object of JSON."""
        with self.path.open("rb") as file:
            file.seek(self._read)
            whole, end, _ = file.read().rpartition(b"\n")
        self._read += len(whole) + len(end)
        self._entries += map(json.loads, whole.splitlines())
        return self._entries


@dataclass(frozen=True, repr=False)
class Attacked:
    """An API process with one scored lead, an endpoint, a spare key, a task and a dead letter."""

    runtime: Runtime
    port: int
    key: str
    pid: int
    log: JsonLog
    http: httpx.AsyncClient
    names: dict[str, str]
    """For each parameter of a path, something that is there."""
    generated: dict[str, str]
    """The headers of a signed-in browser for generated requests, which may end the session."""

    def __repr__(self) -> str:
        return "the attacked API"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def prove(self) -> None:
        """Let every session be one that was opened just now: after ten minutes some calls ask for a new proof."""
        await self.runtime.store.database["personSessions"].update_many(
            {}, {"$set": {"provedAt": datetime.now(UTC)}}
        )

    def address(self, path: str, **other: str) -> str:
        """The path of a call with what is there, or with other names, in place of its parameters."""
        return re.sub(r"{(\w+)}", lambda found: {**self.names, **other}[found[1]], path)

    def shown(self, path: str) -> dict[str, str]:
        """The headers with which a generated request is allowed: of a session where a key is none."""
        return self.generated if is_for_people(path) else {"x-api-key": self.key}

    def head(self, line: str, *headers: str, key: bool = True) -> bytes:
        """The head of a request that is written by hand."""
        shown = [f"X-API-Key: {self.key}"] if key else []
        return "\r\n".join([line, "Host: attacked", *shown, *headers, "", ""]).encode("latin-1")

    async def raw(self, *parts: bytes, seconds: float = 60) -> bytes:
        """Write bytes as they are until there is an answer. Returns it, or nothing if the other side hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answering = asyncio.create_task(_first_answer(reader))
        writing = asyncio.create_task(_write(writer, parts))
        try:
            async with asyncio.timeout(seconds):
                return await answering
        finally:
            writing.cancel()
            writer.close()

    async def connect(self, receive_buffer: int = 2048) -> socket.socket:
        """A connection whose kernel takes little for a client that does not read."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
        return sock

    def problem(self, answer: httpx.Response, *statuses: int) -> dict[str, Any]:
        """The body of a refusal, which must be a whole problem with one of these statuses."""
        assert answer.status_code in statuses, (answer.request.method, answer.request.url, answer.text[:500])
        assert answer.headers["content-type"] == "application/problem+json"
        problem: dict[str, Any] = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["title"] == HTTPStatus(answer.status_code).phrase
        assert problem["requestId"] == answer.headers["x-request-id"]
        assert len(answer.content) < 256 * 1024
        return problem

    async def stored(self) -> int:
        """How many events are stored."""
        return await self.runtime.capture.log.count()

    def memory(self) -> int:
        """The most memory, in bytes, that the process has had at once since the last `forget_peak`."""
        (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        return int(peak) * 1024

    def forget_peak(self) -> None:
        """Reset the peak of memory."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")


def is_for_people(path: str) -> bool:
    """Whether the call is for a browser of the console and for no key."""
    return path.startswith(
        ("/api/me", "/api/session", "/api/invites/open", "/api/invites/accept", "/api/views")
    )


class Shown(httpx.Auth):
    """Shows the key, or the session where a key is none."""

    def __init__(self, key: str, session: dict[str, str]) -> None:
        self.key, self.session = key, session

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if is_for_people(request.url.path):
            request.headers.update(self.session)
        else:
            request.headers["authorization"] = f"Bearer {self.key}"
        yield request


async def signed_in(runtime: Runtime, email: str) -> dict[str, str]:
    """The headers of the browser of a new person."""
    person = await runtime.people.accounts.add(email, "Ada", "owner", runtime.now())
    issued = await runtime.people.sessions.start(person.person_id, "tests", "127.0.0.1", runtime.now())
    cookie = BrowserSessions.of(runtime.settings).cookie
    return {"cookie": f"{cookie}={issued.token}", "sec-fetch-site": "same-origin"}


async def _write(writer: asyncio.StreamWriter, parts: Iterable[bytes]) -> None:
    with contextlib.suppress(ConnectionError):
        for part in parts:
            writer.write(part)
            await writer.drain()


async def _first_answer(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        return head + (await reader.readexactly(int(length[1])) if length else b"")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


async def _furnish(runtime: Runtime) -> dict[str, str]:
    """Something for each parameter of a path."""
    types = ("page_view", "download", "signup", "demo_request")
    await ingest(runtime, [EventInput(lead_id="ada", type=name) for name in types])
    await process_leads(runtime, ["ada"])
    for _ in range(runtime.settings.fold_attempts):
        await runtime.operations.dead_letters.record_failure(
            "sick", 0, "", "a rule divides by zero", runtime.now()
        )
    preview = await start_preview(runtime, ENGINE, built_in("standard"), "", Wanted())
    spare = await create_key(runtime, ENGINE, "spare", ("read",), ())
    return {
        "lead_id": "sick",
        "name": "standard",
        "version": "2",
        "task_id": "none",
        "delivery_id": "none",
        "kind": "automation",
        "unit_id": "none",
        "reply_id": "none",
        "key_id": spare.key.key_id,
        "person_id": "none",
        "invite_id": "none",
        "session_id": "none",
        "passkey_id": "none",
        "view_id": "none",
        "message_id": "none",
        "enrolment_id": "none",
        "campaign_id": "none",
        "draft_id": "none",
        "preview_id": preview.preview_id,
        "duplicate_id": "none",
        "account_id": "domain:acme.com",
        "entry_id": "none",
        "token": "none",
    }


@pytest.fixture(scope="session")
async def attacked(services, tmp_path_factory):
    """One process for all tests here."""
    mongodb_uri, redis_url = services
    log = JsonLog(tmp_path_factory.mktemp("attacked") / "log")
    settings = Settings(
        _env_file=None,
        mongodb_uri=mongodb_uri,
        redis_url=redis_url,
        mongodb_database=f"test_{os.getpid()}_attacked",
        rulebook="classic",
        port=free_port(),
        log_format="json",
        request_seconds=REQUEST_SECONDS,
        response_seconds=REQUEST_SECONDS,
        connections_per_address=CONNECTIONS,
        logged_refusals_per_minute=100_000,
        rate_limit=1_000_000,
        rate_limit_address=1_000_000,
        auth_failures_per_minute=100_000,
        sign_ins_per_minute=10_000,
    )
    env = {name.upper(): str(value) for name, value in settings.model_dump(mode="json").items()}
    async with open_runtime(settings) as runtime:
        await create_schema(runtime.store.database)
        key = (await create_key(runtime, ENGINE, "tests", SCOPES, ())).token.text
        names = await _furnish(runtime)
        session = await signed_in(runtime, "ada@example.com")
        generated = await signed_in(runtime, "eve@example.com")
        with log.path.open("wb") as output:
            child = await Child.start(
                (sys.executable, "-m", "scripts.cli", "api"), env=env, output=output.fileno()
            )
        base = f"http://127.0.0.1:{settings.port}"
        async with open_client(base, auth=Shown(key, session), timeout=10) as http:
            async with asyncio.timeout(_READY_SECONDS):
                while not await _is_ready(http):
                    assert not child.ended.done(), log.path.read_text()
                    await asyncio.sleep(0.05)
            made = await http.post("/api/webhook-endpoints", json={"url": "https://8.8.8.8/hook"})
            names["endpoint_id"] = made.json()["id"]
            hook = await http.post("/api/hooks", json={"provider": "stripe", "secret": "x"})
            names["provider"], names["hook_id"] = "stripe", hook.json()["id"]
            names["import_id"], names["mapping_name"] = "import-1", "crm"
            names["model"] = "win@1"
            form = await http.post("/api/forms", json={"name": "Contact"})
            names["form_key"] = form.json()["formKey"]
            source = await http.post("/api/sources", json={"name": "website"})
            names["source_id"], names["write_key"] = source.json()["id"], source.json()["writeKey"]
            yield Attacked(runtime, settings.port, key, child.pid, log, http, names, generated)
        await child.stop(10)
        await runtime.store.client.drop_database(settings.mongodb_database)


async def _is_ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/health/ready")).status_code == HTTPStatus.OK
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
async def warm(attacked):
    """The process has once held a hundred responses that nobody reads: it keeps the memory for the next time."""
    held = [await attacked.connect() for _ in range(100)]
    for sock in held:
        request = attacked.head(f"GET {ASSET} HTTP/1.1", key=False)
        await asyncio.get_running_loop().sock_sendall(sock, request * 6)
    assert all(await asyncio.gather(*map(aborted, held)))
    for sock in held:
        sock.close()


async def aborted(sock: socket.socket) -> bool:
    """Whether the other side ends this connection, of which nothing is read; in a minute at most."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        # TCP_INFO begins with the state of the connection; 7 is CLOSE, which only a reset brings about here.
        if sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 7:
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.fixture
def flat(attacked, warm):
    """The most memory that the process needs more during a test is a few requests' worth."""
    attacked.forget_peak()
    before = attacked.memory()
    yield
    assert attacked.memory() - before < _MAX_GROWTH_OF_A_FEW_REQUESTS


@pytest.fixture(autouse=True)
async def unhurt(attacked):
    """After each test the process lives, answers, has logged no error and has not grown."""
    logged = len(attacked.log.entries())
    attacked.forget_peak()
    before = attacked.memory()
    yield
    assert (await attacked.http.get("/health/live")).status_code == HTTPStatus.OK
    assert [one for one in attacked.log.entries()[logged:] if one["level"] == "ERROR"] == []
    assert attacked.memory() - before < _MAX_GROWTH
