"""A smoke test of a running engine over HTTP: the first calls of a new user. Exits with 1 if any of them surprises."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import httpx

SIX = ("page_view", "email_open", "page_view", "download", "signup", "demo_request")
READY_SECONDS = 120
TASK_SECONDS = 60


def main() -> int:
    """Run the tour of the README. Returns the exit code."""
    url = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    lead = f"smoke-{os.getpid()}"
    with httpx.Client(base_url=url, timeout=10) as client:
        _wait_until_ready(client)
        assert client.get(f"/api/leads/{lead}").status_code == httpx.codes.UNAUTHORIZED
        client.headers["Authorization"] = f"Bearer {_key()}"
        position = 0
        for name in SIX:
            answer = client.post("/api/events", json={"leadId": lead, "type": name})
            position = _expect(answer, 202)["results"][0]["position"]
        found = _expect(client.get(f"/api/leads/{lead}/intelligence", params={"after": position}), 200)
        assert found["stage"] == "qualified", found
        assert round(sum(reason["points"] for reason in found["reasons"]), 2) == found["score"], found
        history = _expect(client.get(f"/api/leads/{lead}/history"), 200)["items"]
        assert len(history) == len(SIX), history
        assert abs(history[0]["newScore"] - found["score"]) < 0.01, (history[0], found)  # noqa: PLR2004 - points
        classic = _expect(client.get(f"/api/leads/{lead}/intelligence", params={"rulebook": "classic"}), 200)
        assert (classic["score"], classic["stage"]) == (65, "qualified"), classic
        assert _expect(client.get("/api/leads", params={"stage": "qualified"}), 200)["items"]
        assert (
            _expect(client.post("/api/events", json={"leadId": lead}), 400)["errors"][0]["pointer"] == "/type"
        )
        assert client.get("/docs").status_code == httpx.codes.OK
        _wait_for_task(client, lead)
    print("smoke: score, history, list, refusal, docs and automation are as expected")
    return 0


def _key() -> str:
    """The key of the environment, else the one that `make up` keeps in its data folder."""
    file = Path(os.environ.get("DATA_DIR", ".data")) / "api-key"
    return os.environ.get("API_KEY") or file.read_text(encoding="ascii").strip()


def _expect(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, f"{answer.request.url}: {answer.status_code} {answer.text}"
    return answer.json()


def _wait_until_ready(client: httpx.Client) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if client.get("/health/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"the engine was not ready within {READY_SECONDS} s")


def _wait_for_task(client: httpx.Client, lead: str) -> None:
    deadline = time.monotonic() + TASK_SECONDS
    while time.monotonic() < deadline:
        if _expect(client.get("/api/tasks", params={"leadId": lead}), 200)["items"]:
            return
        time.sleep(0.1)
    raise AssertionError("no automation made a task")


if __name__ == "__main__":
    sys.exit(main())
