"""The real application behind a real socket, with plain calls in place of the dispatcher and the workers."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import uvicorn
from litestar import Litestar
from litestar.types import ASGIApp
from pymongo.errors import AutoReconnect
from redis.asyncio import Redis

from api.access.authenticator import Authenticator
from api.access.throttle import Throttle
from api.app import create_app, create_framework
from api.transport.connection import bounded_connections
from api.transport.connection_limits import ConnectionLimits
from domain.instant import to_datetime
from domain.teams.roles import SCOPES, Role, Scope
from engine.access.keys.key_store import IssuedKey
from engine.access.rate_limits.limiter import Limiter
from engine.access.rate_limits.policy import Policy
from engine.access.rate_limits.shared_buckets import SharedBuckets, connect_redis
from engine.operations.audit_log import ENGINE
from engine.people.person import Person
from engine.people.session_store import IssuedSession
from engine.runtime import Runtime, open_runtime
from engine.schema import create_schema
from engine.settings import Settings
from engine.work.loop import WorkLoop
from tests.clock import NOON, Clock
from tests.databases import empty
from tests.http_client import open_client
from workflows.access.keys import create_key
from workflows.automations.run_execution import automation_kind
from workflows.leads.process import process_leads


class QuietServer(uvicorn.Server):
    """A server that leaves the signals of the test process alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(frozen=True)
class Browser:
    """A signed-in person and the browser that has the session."""

    person: Person
    http: httpx.AsyncClient
    issued: IssuedSession


@dataclass(frozen=True, repr=False)
class Api:
    """The engine as its users see it, and `work` in place of all that runs in the background."""

    runtime: Runtime
    clock: Clock
    http: httpx.AsyncClient
    port: int
    key: IssuedKey
    """The key that `http` sends, with every scope."""
    framework: Litestar
    app: ASGIApp

    def __repr__(self) -> str:
        return "the API"

    @property
    def authenticator(self) -> Authenticator:
        """The one of the application."""
        authenticator: Authenticator = self.framework.state.authenticator
        return authenticator

    @property
    def key_header(self) -> bytes:
        """The key as a line of a request that is written by hand."""
        return f"X-API-Key: {self.key.token.text}".encode()

    async def reset(self) -> None:
        """Forget everything but the key; it is noon again."""
        self.clock.at = NOON
        database = self.runtime.store.database
        await empty(database, but=["apiKeys"])
        self.runtime.capture.appender.forget()
        self.runtime.privacy.blocked.forget()
        self.runtime.identity.identities.forget()
        self.framework.state.readiness.forget()
        for file in self.runtime.outreach.outbox.iterdir():
            file.unlink()
        await database["apiKeys"].delete_many({"_id": {"$ne": self.key.key.key_id}})
        await self.authenticator.context.keyring.refresh()
        await self.authenticator.context.sessions.refresh()

    @contextlib.asynccontextmanager
    async def signed_in(self, role: Role, email: str = "") -> AsyncIterator[Browser]:
        """A browser in which a new person of this role has signed in."""
        people = self.runtime.people
        person = await people.accounts.add(email or f"{role}@example.com", role.title(), role, self.clock.at)
        issued = await people.sessions.start(person.person_id, "a test", "127.0.0.1", self.clock.at)
        async with self.browser() as http:
            http.cookies.set(self.authenticator.context.browsers.cookie, issued.token)
            yield Browser(person, http, issued)

    def browser(self) -> httpx.AsyncClient:
        """A browser that shows a page of the console, without a session."""
        headers = {"sec-fetch-site": "same-origin", "origin": self.runtime.settings.console_url}
        return open_client(self.http.base_url, headers=headers)

    async def new_key(self, *scopes: Scope, origins: tuple[str, ...] = ()) -> IssuedKey:
        """A key with these scopes."""
        return await create_key(self.runtime, ENGINE, "a test", scopes, origins)

    async def ask(self, method: str, path: str, key: str | None, **headers: str) -> httpx.Response:
        """Make a call without a body that shows this key, or none."""
        shown = {} if key is None else {"authorization": f"Bearer {key}"}
        async with open_client(self.http.base_url) as http:
            return await http.request(method, path, headers={**shown, **headers})

    async def send(self, body: object, **headers: str) -> httpx.Response:
        """POST a JSON value, or bytes as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.http.post(
            "/api/events", content=raw, headers={"content-type": "application/json", **headers}
        )

    async def store(self, *events: dict[str, object]) -> list[int]:
        """Store events that are all new. Returns their positions."""
        answer = await self.send(list(events))
        assert answer.status_code == 202, answer.text
        assert answer.json()["accepted"] == len(events)
        return [result["position"] for result in answer.json()["results"]]

    async def work(self) -> None:
        """Apply all events and run all automations, until nothing is left to do."""
        events = self.runtime.store.database["events"]
        while await process_leads(self.runtime, await events.distinct("leadId")):
            await WorkLoop(automation_kind(self.runtime), self.runtime.now).drain()

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        """GET a JSON answer that is 200."""
        answer = await self.http.get(path, params=query or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refuses(self, body: object, *pointers: str, status: int = 400) -> dict[str, Any]:
        """POST what must be refused for exactly these faults, with nothing stored. Returns the problem."""
        before = await self.stored()
        answer = await self.send(body)
        problem = self.problem(answer, status)
        if pointers:
            assert [fault["pointer"] for fault in problem["errors"]] == list(pointers)
        assert await self.stored() == before
        return problem

    def problem(self, answer: httpx.Response, status: int) -> dict[str, Any]:
        """The body of an error, which must be a whole problem of this status."""
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == status
        assert problem["title"] == HTTPStatus(status).phrase
        assert problem["type"] == f"urn:lead-engine:problem:{problem['code']}"
        assert problem["message"] == problem["detail"] != ""
        assert unquote(problem["instance"]) == answer.request.url.path
        assert all(fault["detail"] for fault in problem.get("errors", ()))
        return problem

    async def stored(self) -> int:
        """How many events are in the store, counted one by one."""
        return await self.runtime.capture.log.count()

    def at(self, **from_noon: float) -> str:
        """A moment as senders write it, so far from the noon at which the test begins."""
        moment = to_datetime(NOON) + timedelta(**from_noon)
        return moment.isoformat().replace("+00:00", "Z")

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.clock.at += round(timedelta(**time).total_seconds() * 1000)

    @contextlib.asynccontextmanager
    async def failing(self, *commands: str, **how: object) -> AsyncIterator[None]:
        """MongoDB fails these commands, from any client."""
        admin, data = self.runtime.store.client.admin, {"failCommands": list(commands), **how}
        await admin.command("configureFailPoint", "failCommand", mode="alwaysOn", data=data)
        try:
            yield
        finally:
            await self._heal()

    async def _heal(self) -> None:
        """Ends the failing; what failed as a shutdown has paused the connections of this client for a moment."""
        for _ in range(20):
            with contextlib.suppress(AutoReconnect):
                await self.runtime.store.client.admin.command("configureFailPoint", "failCommand", mode="off")
                return
            await asyncio.sleep(0.1)
        pytest.fail("MongoDB could not be healed")


@contextlib.asynccontextmanager
async def _serving(runtime: Runtime, clock: Clock) -> AsyncIterator[Api]:
    key = await create_key(runtime, ENGINE, "tests", SCOPES)
    listening = socket.socket(proto=socket.IPPROTO_TCP)  # asyncio knows by it to send without delay
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    framework = create_framework(contextlib.nullcontext(runtime))
    app = create_app(framework)
    connections = bounded_connections(ConnectionLimits(runtime.settings.request_seconds))
    server = QuietServer(
        uvicorn.Config(
            app,
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            http=connections,
            timeout_keep_alive=30,  # as in the API process: longer than a client keeps a connection, 5 s
        )
    )
    running = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.001)
    shown = {"authorization": f"Bearer {key.token.text}"}
    async with open_client(f"http://127.0.0.1:{port}", headers=shown) as http:
        yield Api(runtime, clock, http, port, key, framework, app)
    server.should_exit = True
    await running


@pytest.fixture(scope="session")
async def served(services, tmp_path_factory):
    """One server for all tests here."""
    mongodb_uri, redis_url = services
    settings = Settings(
        _env_file=None,
        mongodb_uri=mongodb_uri,
        redis_url=redis_url,
        mongodb_database=f"test_{os.getpid()}_api",
        rulebook="classic",
        append_queue_events=1000,
        webhook_allowed_hosts="127.0.0.1",
        auth_failures_per_minute=100_000,
        sign_ins_per_minute=10_000,
        outbox_dir=str(tmp_path_factory.mktemp("outbox")),
    )
    clock = Clock()
    async with open_runtime(settings, now=clock) as runtime:
        await create_schema(runtime.store.database)
        async with _serving(runtime, clock) as api:
            yield api
        await runtime.store.client.drop_database(settings.mongodb_database)


@pytest.fixture
async def api(served):
    """The API on an empty database, at noon."""
    await served.reset()
    return served


@pytest.fixture
def limit(api, monkeypatch):
    """Replace a rate limit by another one that starts full: `limit("keys", Policy("key", 1, 3))`.

    Redis is waited for as long as this machine takes, for without it a process counts by itself, from the start.
    """
    monkeypatch.setattr("engine.access.rate_limits.shared_buckets._ANSWER_SECONDS", 60)

    def limit(name: str, policy: Policy, redis: Redis | None = None) -> None:
        redis = redis or connect_redis(api.runtime.settings.redis_url)
        shared = SharedBuckets(redis, f"test {secrets.token_hex(4)}", policy)
        throttle = Throttle(Limiter(policy, shared), "too-many-requests", "Too many.")
        if name == "failures":
            throttle = Throttle(Limiter(policy, shared), "too-many-failures", "Too many failures.")
        monkeypatch.setattr(
            api.authenticator, "context", dataclasses.replace(api.authenticator.context, **{name: throttle})
        )

    return limit


@pytest.fixture
async def ada(api):
    """A lead of six events at noon, worth 65 points, with everything applied that follows from them."""
    types = ("page_view", "page_view", "email_open", "download", "signup", "demo_request")
    await api.store(*({"leadId": "ada", "type": name, "occurredAt": api.at()} for name in types))
    await api.work()
    return "ada"


@pytest.fixture
async def cached_key(api, monkeypatch):
    """The key is cached, is not read again, and this process holds tokens for it."""

    async def nothing() -> None:
        pass

    monkeypatch.setattr(api.authenticator.context.keyring, "refresh", nothing)
    for shown in ({}, {"x-api-key": api.key.token.text}):
        await api.http.get("/api/leads", headers=shown)
