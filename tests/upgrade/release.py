"""A release as it is recorded: its processes, its API and its database, and no module of it."""

from __future__ import annotations

import contextlib
import http
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from pymongo.database import Database

OPEN = {"state": {"$in": ["pending", "running", "waiting", "retrying"]}}
"""Executions that are not done, in the words of every release: 0.2.0 renamed the states."""


class Release:
    """The release: its processes, its API, and its database."""

    def __init__(self, checkout: Path, env: dict[str, str], database: Database[Any]) -> None:
        self._checkout = checkout
        self._env = env
        self._parts: dict[str, subprocess.Popen[bytes]] = {}
        self.database = database
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{env['PORT']}", timeout=30)

    def command(self, *words: str, **env: str) -> str:
        """Run a command to its end. Returns what it wrote to standard output."""
        done = subprocess.run(
            self._words(*words),
            cwd=self._checkout,
            env={**self._env, **env},
            check=True,
            stdout=subprocess.PIPE,
        )
        return done.stdout.decode()

    def _words(self, *words: str) -> list[str]:
        return [str(self._checkout / ".venv" / "bin" / "python"), "-m", "scripts.cli", *words]

    def start(self, *parts: str) -> None:
        for part in parts:
            self._parts[part] = subprocess.Popen(self._words(part), cwd=self._checkout, env=self._env)
        until(lambda: self.api.get("/health/ready").is_success, "the API is ready")

    def stop(self, *parts: str, with_signal: signal.Signals = signal.SIGTERM) -> None:
        for part in parts or list(self._parts):
            self._parts[part].send_signal(with_signal)
        for part in parts or list(self._parts):
            self._parts.pop(part).wait()

    def has(self, path: str) -> bool:
        """Whether the release has this call."""
        return self.api.get(path).status_code != http.HTTPStatus.NOT_FOUND

    def post(self, path: str, body: object) -> Any:
        answer = self.api.post(path, json=body)
        answer.raise_for_status()
        return answer.json()

    def patch(self, path: str, body: object) -> None:
        self.api.patch(path, json=body).raise_for_status()

    def send(self, *events: dict[str, Any]) -> None:
        self.post("/api/events", list(events))

    def settled(self) -> bool:
        """Whether every lead that is not quarantined has applied its events, and no automation is open."""
        lead_of = {doc["_id"]: doc["leadId"] for doc in self.database["leadStreams"].find()}
        last: dict[str, int] = {}
        for doc in self.database["events"].aggregate(
            [{"$group": {"_id": "$leadId", "last": {"$max": "$_id"}}}, {"$sort": {"last": 1}}]
        ):
            last[lead_of.get(doc["_id"], doc["_id"])] = doc["last"]
        for doc in self.database["deadLetters"].find({"state": "quarantined"}):
            last.pop(doc["_id"], None)
        reached = {doc["_id"]: doc["position"] for doc in self.database["leads"].find()}
        return last.items() <= reached.items() and not self.open_executions()

    def open_executions(self) -> int:
        return self.database["automationExecutions"].count_documents(OPEN)


def until(true: Callable[[], object], what: str, seconds: float = 120, pause: float = 0.1) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            if true():
                return
        time.sleep(pause)
    raise TimeoutError(f"not within {seconds} s: {what}")
