"""Records the data of a release: `python -m tests.upgrade.record CHECKOUT ARCHIVE`, see docs/releasing.md.

Drives the release in CHECKOUT, with the Python in its `.venv`, through its command line and its HTTP API only, so that
any release can be recorded. What comes of it are documents of every kind that the engine stores, among them those of
work that a crash has interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http
import http.server
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from pymongo import MongoClient

from engine.local.mongod import start_mongod
from engine.local.valkey import start_valkey
from tests.ports import free_port
from tests.upgrade.archive import dump
from tests.upgrade.release import OPEN, Release, until

RULEBOOK = Path(__file__).with_name("rulebook.yaml")
DATABASE = "lead_engine"
PARTS = ("api", "dispatcher", "scheduler", "worker")
SICK, HEALED = ("sick-1", "sick-2"), "healed"
RUNNING = {"$or": [{"state": "running"}, {**OPEN, "leasedUntil": {"$type": "date"}}]}
DELIVERED = {"state": {"$in": ["delivered", "done"]}}
UNDELIVERED = {"state": {"$in": ["failed", "retrying"]}}
FLOOD = 60
"""Leads whose automations the worker is killed over."""
BEHIND = ("behind-1", "behind-2", "behind-3")
"""Leads whose newest events no worker has seen."""


class Receiver(http.server.BaseHTTPRequestHandler):
    """A webhook endpoint that answers as its path says: /200, /503."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(int(self.path.strip("/")))
        self.end_headers()
        self.wfile.write(b"noted")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def event(lead: str, kind: str, **more: object) -> dict[str, Any]:
    return {"leadId": lead, "type": kind, "eventId": f"{lead}-{kind}-{time.monotonic_ns()}", **more}


def record(release: Release, receiver: str) -> None:
    """Let everything happen of which documents are to be kept."""
    release.start(*PARTS)
    _make_endpoints(release, receiver)
    _make_keys(release)
    release.command("demo", "--leads", "40", "--url", str(release.api.base_url), API_KEY=_key(release))
    until(release.settled, "the simulated week is applied")
    release.command("rulebook", "activate", str(RULEBOOK), "--wait")
    _send_personal_data(release)
    until(release.settled, "the leads with personal data are applied")
    release.command("personal-data", "erase", "bob", "--yes")
    if release.has("/api/duplicates"):
        _make_people(release)
    if release.has("/api/campaigns"):
        _make_campaigns(release)
        _try_rules(release)
    if release.has("/api/people"):
        _assign(release)
    _make_dead_letters(release)
    deliveries = release.database["webhookDeliveries"]
    until(lambda: deliveries.find_one(DELIVERED), "a message is delivered")
    until(lambda: deliveries.find_one(UNDELIVERED), "a message could not be delivered")
    _crash(release)


def _key(release: Release) -> str:
    return release.api.headers["Authorization"].removeprefix("Bearer ")


def _make_endpoints(release: Release, receiver: str) -> None:
    for path, kind in (("200", []), ("503", ["lead.active"])):
        made = release.post(
            "/api/webhook-endpoints", {"url": f"{receiver}/{path}", "description": path, "eventTypes": kind}
        )
        release.post(f"/api/webhook-endpoints/{made['id']}/rotate-secret", {})
    disabled = release.post("/api/webhook-endpoints", {"url": f"{receiver}/200", "description": "disabled"})
    release.patch(f"/api/webhook-endpoints/{disabled['id']}", {"enabled": False})


def _make_keys(release: Release) -> None:
    release.command("keys", "create", "website", "--scope", "ingest", "--origin", "https://a.example")
    for name, command in (("rotated", "rotate"), ("revoked", "revoke")):
        release.command("keys", "create", name, "--scope", "read")
        made = release.database["apiKeys"].find_one({"name": name})
        assert made is not None
        release.command("keys", command, made["_id"])


def _send_personal_data(release: Release) -> None:
    for lead in ("ada", "bob"):
        release.send(
            event(lead, "signup", properties={"email": f"{lead}@example.com", "plan": "gold"}),
            event(lead, "lead.updated", properties={"attributes": {"companySize": 120, "phone": "+49 30 1"}}),
            event(lead, "tag.added", properties={"tag": "vip"}),
            event(lead, "stage.set", properties={"stage": "warm", "why": "met at a fair", "by": "rep"}),
            event(lead, "email.replied"),
            event(lead, "demo_request", occurredAt="2026-01-15T10:00:00+02:00"),
            event(lead, "deal.lost", properties={"amount": 2**40, "share": 0.25, "lines": [1, "two", None]}),
        )
    release.send(event("cid", "do_not_contact"), event("cid", "page_view", source="crm"))
    same = event("cid", "download")
    release.send(same)
    release.send(same)


def _make_people(release: Release) -> None:
    """A visitor who becomes known, two leads that are merged, a message, a form and a source (since 0.4.0)."""
    seen: dict[str, Any] = {"type": "page_view", "identifiers": {"anonymousId": "b7f3"}}
    known = {"type": "signup", "identifiers": {"anonymousId": "b7f3", "email": "eva@example.com"}}
    release.send(seen, seen)
    release.send(known)
    release.send(event("dan", "signup"), event("dora", "download"))
    until(release.settled, "the visitor is known")
    release.post("/api/leads/dan/merge", {"into": "dora", "why": "the same person"})
    found = release.api.get("/api/leads", params={"email": "eva@example.com"}).json()["items"]
    message = {"channel": "email", "subject": "Your demo", "text": "Hello Eva"}
    release.post(f"/api/leads/{found[0]['leadId']}/messages", message)
    release.post("/api/forms", {"name": "Contact"})
    release.post("/api/sources", {"name": "website"})
    messages = release.database["messages"]
    until(lambda: messages.find_one({"state": "done"}), "the message is sent")
    until(release.settled, "the merge is applied")
    if release.has("/api/sequences"):
        _enrol(release, found[0]["leadId"])


def _enrol(release: Release, lead: str) -> None:
    """A lead within a sequence, and one that has left it (since 0.5.0)."""
    release.command("sequences", "activate", "demo-request")
    for one in (lead, "dora"):
        release.post(f"/api/leads/{one}/enrolments", {"sequence": "demo-request", "why": "met at a fair"})
    [enrolled] = release.api.get("/api/leads/dora/enrolments").json()["items"]
    release.post(f"/api/enrolments/{enrolled['enrolmentId']}/stop", {"why": "has called"})
    until(release.settled, "the enrolments are applied")


def _assign(release: Release) -> None:
    """A lead that a person owns, with a task of its own (since 0.7.0)."""
    link = release.command("people", "invite", "ben@example.com", "--role", "rep").split()[-1]
    page, _, token = link.partition("#")
    origin = page.removesuffix("/console/join")
    joining = {"token": token, "name": "Ben", "password": "a long password of Ben"}
    of_page = {"origin": origin, "sec-fetch-site": "same-origin"}
    with httpx.Client(base_url=release.api.base_url, headers=of_page, trust_env=False) as browser:
        joined = browser.post("/api/invites/accept", json=joining)
    joined.raise_for_status()
    task = release.api.get("/api/tasks").json()["items"][0]
    owner = {"ownerId": joined.json()["person"]["id"], "why": "speaks French"}
    release.api.put(f"/api/leads/{task['leadId']}/owner", json=owner).raise_for_status()
    until(release.settled, "the lead has its owner")


def _make_campaigns(release: Release) -> None:
    """A campaign that has ended, one that waits for its start, drafts, and a lead that asks for no more (since 0.6.0)."""
    message = {"channel": "email", "subject": "News", "text": "Hello {{firstName|there}}"}
    broadcast = {"mode": "broadcast", "audience": {"tag": "vip"}, "message": message}
    for more in ({}, {"startsAt": "2100-01-01T00:00:00Z"}):
        made = release.post("/api/campaigns", {"name": "News", **broadcast, **more})
        path = f"/api/campaigns/{made['id']}"
        release.post(f"{path}/estimate", {})

        def estimated(path: str = path) -> Any:
            estimate = release.api.get(path).json()["estimate"]
            return estimate["state"] == "ready" and estimate

        until(estimated, "the audience is estimated")
        release.post(f"{path}/start", {"digest": estimated()["digest"]})
    draft = release.post("/api/campaigns", {"name": "Draft", **broadcast})
    if "window" in draft:  # since 0.8.0
        hours = {"days": ["mon", "tue"], "opens": "09:00", "closes": "17:00", "timezone": "Europe/Berlin"}
        release.post("/api/campaigns", {"name": "In office hours", **broadcast, "window": hours})
    campaigns = release.database["campaigns"]
    until(lambda: campaigns.find_one({"state": "finished"}), "a campaign has ended")
    release.post("/api/leads/cid/replies", {"text": "Please unsubscribe me."})
    readings = release.database["events"]
    until(lambda: readings.find_one({"type": "reply.classified"}), "the reply is read")
    until(release.settled, "the reply is applied")


def _try_rules(release: Release) -> None:
    """A preview of other rules, and a challenger that follows the log (since 0.6.0)."""
    release.command("rulebook", "preview", "standard", "--sample", "10")
    release.command("rulebook", "shadow", "start", "standard")
    shadows, states = release.database["shadowRulebooks"], release.database["shadowLeads"]
    until(lambda: shadows.find_one({"state": "running"}), "the challenger follows the log")
    release.send(event("cid", "download"))
    until(lambda: states.find_one({}), "the challenger has a state")


def _make_dead_letters(release: Release) -> None:
    """Events that cannot be read: their leads are quarantined, and one of them continues without its event."""
    release.stop("worker")
    for lead in (*SICK, HEALED):
        release.send(*(event(lead, kind) for kind in ("signup", "page_view", "download")))
    release.database["events"].update_many(
        {"leadId": {"$in": [*SICK, HEALED]}, "type": "page_view"}, {"$unset": {"receivedAt": 1}}
    )
    release.start("worker")
    letters = release.database["deadLetters"]
    quarantined = {"_id": {"$in": [*SICK, HEALED]}, "state": "quarantined"}
    until(lambda: letters.count_documents(quarantined) == len(SICK) + 1, "the leads are quarantined")
    bad = letters.find_one({"_id": HEALED})
    assert bad is not None
    release.command("dead-letters", "discard", HEALED, "--event", bad["eventId"], "--reason", "a broken form")
    until(release.settled, "the lead continues without its event")


def _crash(release: Release) -> None:
    """Kill the worker over the automations of many leads; events that come after that are seen by nobody."""
    release.stop("scheduler")
    for number in range(FLOOD):
        release.send(event(f"flood-{number}", "demo_request"), event(f"flood-{number}", "signup"))
    executions = release.database["automationExecutions"]
    until(lambda: executions.find_one(RUNNING), "an automation runs", pause=0.001)
    release.stop("worker", with_signal=signal.SIGKILL)
    assert executions.count_documents(OPEN) > executions.count_documents(RUNNING), (
        "nothing is left to do: record again"
    )
    assert executions.find_one(RUNNING), "nothing was interrupted: record again"
    release.command("dead-letters", "retry", SICK[0])
    for lead in BEHIND:
        release.send(event(lead, "signup"), event(lead, "demo_request"))
    release.stop()


def facts(release: Release, name: str) -> dict[str, Any]:
    """What a test of the archive must know, and what a reader of it would like to."""
    database = release.database
    waiting = {"action.type": "webhook", **OPEN}
    return {
        "release": name,
        "apiKey": _key(release),
        "leadsWithMessagesToSend": sorted(
            {*BEHIND, *(doc["leadId"] for doc in database["automationExecutions"].find(waiting))}
        ),
        "owners": {
            doc["_id"]: doc["ownerId"] for doc in database["leads"].find({"ownerId": {"$type": "string"}})
        },
        "mongod": database.client.server_info()["version"],
        "documents": {
            one: database[one].count_documents({}) for one in sorted(database.list_collection_names())
        },
        "states": {
            one: {
                doc["_id"]: doc["n"]
                for doc in database[one].aggregate([{"$group": {"_id": "$state", "n": {"$sum": 1}}}])
            }
            for one in ("automationExecutions", "deadLetters", "webhookDeliveries", "tasks")
        },
    }


@contextlib.contextmanager
def running_receiver() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path, help="folder of the release, with its virtual environment")
    parser.add_argument("archive", type=Path, help="file to write, NAME.tar.xz")
    given = parser.parse_args()
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for start in (start_mongod, start_valkey):
            server = await start(folder)
            stack.push_async_callback(server.stop)
            if start is start_mongod:
                mongodb_uri = server.uri
            else:
                redis_url = server.uri
        receiver = stack.enter_context(running_receiver())
        client = stack.enter_context(MongoClient[Any](mongodb_uri))
        env = {
            "PATH": os.environ["PATH"],
            "MONGODB_URI": mongodb_uri,
            "REDIS_URL": redis_url,
            "MONGODB_DATABASE": DATABASE,
            "DATA_DIR": str(folder),
            "PORT": str(free_port()),
            "RULEBOOK": "classic",
            "FOLD_ATTEMPTS": "2",
            "LOG_LEVEL": "ERROR",
            "WEBHOOK_ALLOWED_HOSTS": receiver.removeprefix("http://"),
        }
        release = Release(given.checkout, env, client[DATABASE])
        key_file = folder / "key"
        release.command("setup", "--key-file", str(key_file))
        release.api.headers["Authorization"] = f"Bearer {key_file.read_text().strip()}"
        try:
            await asyncio.to_thread(record, release, receiver)
        finally:
            release.stop(with_signal=signal.SIGKILL)
        manifest = facts(release, given.archive.name.removesuffix(".tar.xz"))
        await asyncio.to_thread(dump, mongodb_uri, DATABASE, given.archive, manifest)
        print(manifest, given.archive.stat().st_size, file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(main())
