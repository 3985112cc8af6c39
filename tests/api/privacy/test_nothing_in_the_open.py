"""Personal data is stored unencrypted nowhere: not in MongoDB or its files, not in Redis, not in a log.

A marker is sent through every way into the engine, and then looked for byte by byte. A marker in a field that is not
personal goes the same ways: that it is found everywhere shows that the search can find.
"""

from __future__ import annotations

import json
import logging
import secrets
from base64 import b64encode
from pathlib import Path

import pytest
from bson import encode
from pymongo.errors import OperationFailure
from redis.asyncio import Redis

from domain.leads import fold as lead
from engine.webhooks.message import Message
from workflows.capture.ingest import ingest
from workflows.dispatch.dispatch import dispatch_once
from workflows.imports.import_file import import_file
from workflows.imports.mapping.mapping_file import parse_mapping
from workflows.work.loops import drain

MAPPING = """
source: crm
leadId: "{Id}"
events:
  - type: lead.updated
    eventId: "crm:{Id}"
    occurredAt: {column: When, format: "%Y-%m-%d", timezone: UTC}
    properties: {email: Mail, industry: Industry}
"""


@pytest.fixture
def marker():
    """Stands for what is personal: no other run and nothing else holds it, and it does not compress."""
    return f"pii{secrets.token_hex(16)}"


@pytest.fixture
def control():
    """Stands for what is not."""
    return f"ctl{secrets.token_hex(16)}"


@pytest.fixture
async def lived(api, receiver, marker, control, tmp_path, monkeypatch, caplog):  # noqa: PLR0917
    """Leads through whose lives both markers went by every way there is."""
    caplog.set_level(logging.DEBUG)
    made = (await api.http.post("/api/webhook-endpoints", json={"url": receiver.url})).json()
    person = {"email": f"{marker}@example.com", "plan": control}
    # Events, one alone and many at once, of every depth, repeated, in conflict, and refused.
    await api.send({"leadId": "ada", "type": "signup", "eventId": "e1", "properties": person})
    await api.send({"leadId": "ada", "type": "signup", "eventId": "e1", "properties": person})
    await api.send(
        {"leadId": "ada", "type": "signup", "eventId": "e1", "properties": {**person, "name": marker}}
    )
    await api.send({"leadId": "ada", "type": "signup", "properties": {**person, "big": 2**70}})
    await api.send(json.dumps([{"leadId": "ada", "type": "x", "properties": person}]).encode()[:-1])
    deep = {"form": [{"name": marker, "plan": control, "phones": [{"phone": {"home": marker}}]}]}
    for kind in ("page_view", "download", "demo_request", "lead.updated"):
        await api.store({"leadId": "ada", "type": kind, "properties": {**person, **deep}})
    await api.store(
        {"leadId": "ada", "type": "stage.set", "properties": {"stage": "hot", "why": marker, "by": marker}}
    )
    # A file of a CRM.
    file = tmp_path / "leads.csv"
    file.write_text(f"Id,When,Mail,Industry\nada,2026-11-01,{marker},{control}\n", encoding="utf-8")
    report = await import_file(
        file,
        parse_mapping(MAPPING, "mapping.yaml"),
        lambda events: ingest(api.runtime, events),
        rejects=tmp_path / "rejects.csv",
    )
    assert report.accepted == 1
    # Automations with tasks, and webhooks whose receivers write back.
    await dispatch_once(api.runtime)
    await api.work()
    endpoints = await api.runtime.webhooks.endpoints.listening_to("lead.qualified")
    message = Message(key="m", event="lead.qualified", body=b"{}", lead_id="ada", execution_id="x")
    await api.runtime.webhooks.deliveries.add(message, endpoints, api.runtime.now())
    await drain(api.runtime)
    # Messages that are sent, refused and replied to, and entries of the suppression list.
    text = {"subject": marker, "text": f"Hello {marker}", "why": control}
    for to in (f"{marker}@example.com", f"{marker}@example.org"):
        sent = await api.http.post("/api/leads/ada/messages", json={"channel": "email", "to": to, **text})
        assert sent.status_code == 202, sent.text
    draft = {"purpose": "introduction", "to": f"{marker}@example.com"}
    assert (await api.http.post("/api/leads/ada/drafts", json=draft)).status_code == 201
    refused = {"entries": [{"value": f"{marker}@example.org", "why": control}]}
    assert (await api.http.post("/api/suppressions", json=refused)).status_code == 200
    await drain(api.runtime)
    reply = {"text": f"Yes, {marker}", "subject": marker}
    assert (await api.http.post("/api/leads/ada/replies", json=reply)).status_code == 202
    # An event that cannot be folded, whose failure quotes all that it holds.
    step = lead.step

    def failing(state, event, rulebook):
        if event.type == "poison":
            raise ValueError(f"cannot fold {event.properties}")
        return step(state, event, rulebook)

    monkeypatch.setattr(lead, "step", failing)
    await api.store({"leadId": "poisoned", "type": "poison", "properties": person})
    for _ in range(3):
        await api.work()
    # A group commit that fails and quotes what it could not write.
    async with api.failing("insert", errorCode=11601):
        await api.send({"leadId": "ada", "type": "signup", "properties": person})
    assert receiver.requests
    return made["id"]


UNAUTHORIZED = 13
"""MongoDB's code of what no user may read: its own keys and notes."""


async def dump(api):
    """Every document of every database, the log of operations included, by where it is."""
    found = {}
    for name in await api.runtime.store.client.list_database_names():
        database = api.runtime.store.client[name]
        for collection in await database.list_collection_names():
            try:
                documents = [encode(doc) async for doc in database[collection].find()]
            except OperationFailure as error:
                if error.code != UNAUTHORIZED or name not in {"admin", "config", "local"}:
                    raise
                continue
            found[f"{name}.{collection}"] = b"".join(documents)
    assert "local.oplog.rs" in found
    return found


async def redis_dump(api):
    """Every key of Redis with its value."""
    redis = Redis.from_url(api.runtime.settings.redis_url)
    readers = {b"string": redis.get, b"hash": redis.hgetall, b"set": redis.smembers}
    found = []
    async for key in redis.scan_iter():
        kind = await redis.type(key)
        if kind == b"list":
            found.append((key, await redis.lrange(key, 0, -1)))
        elif kind == b"zset":
            found.append((key, await redis.zrange(key, 0, -1, withscores=True)))
        else:
            found.append((key, await readers[kind](key)))
    await redis.aclose()
    return repr(found)


async def files_of_mongodb(api):
    """All bytes that MongoDB has written, its log among them."""
    admin = api.runtime.store.client.admin
    await admin.command("fsync")
    started = (await admin.command("getCmdLineOpts"))["parsed"]["storage"]["dbPath"]
    folder = Path(started).parent
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def logged(caplog):
    """All that was logged while the leads lived, and since."""
    return [
        caplog.handler.format(record) for phase in ("setup", "call") for record in caplog.get_records(phase)
    ]


def holding(text, found):
    return sorted(place for place, content in found.items() if text.encode() in content)


async def views(api):
    """All that readers are shown, by path."""
    paths = ["/api/leads", "/api/tasks", "/api/automations/executions", "/api/audit", "/metrics"]
    paths += [f"/api/leads/{one}/{what}" for one in ("ada", "poisoned") for what in ("events", "export")]
    paths += [f"/api/leads/ada{what}" for what in ("", "/history", "/intelligence")]
    paths += ["/api/messages?leadId=ada", "/api/drafts?leadId=ada", "/api/suppressions"]
    return {path: (await api.http.get(path)).content for path in paths}


async def test_personal_data_is_nowhere_unencrypted_and_gone_after_the_erasure(
    api, lived, marker, control, caplog
):
    collections = await dump(api)
    ours = api.runtime.settings.mongodb_database
    assert {f"{ours}.events", f"{ours}.deadLetters", "local.oplog.rs"} <= set(holding(control, collections))
    assert holding(marker, collections) == []
    files = await files_of_mongodb(api)
    assert any(place.startswith("db/") for place in holding(control, files)), "the control: files can be read"
    assert holding(marker, files) == []
    in_redis = await redis_dump(api)
    assert "ada" in in_redis, "the control: this is where messages are"
    assert marker not in in_redis
    (failed, *_) = (line for line in logged(caplog) if "cannot fold" in line)
    assert control in failed, "the control: the failed fold is in the log, with all that it holds"
    assert not [line for line in logged(caplog) if marker in line]

    shown = await views(api)
    wanted = [
        "/api/leads/ada",
        "/api/leads/ada/events",
        "/api/leads/ada/export",
        "/api/leads/ada/intelligence",
    ]
    wanted += ["/api/messages?leadId=ada", "/api/drafts?leadId=ada", "/api/suppressions"]
    assert holding(marker, shown) == sorted(
        [*wanted, "/api/leads/poisoned/events", "/api/leads/poisoned/export"]
    )

    for lead_id in ("ada", "poisoned"):
        answer = await api.http.delete(f"/api/leads/{lead_id}/personal-data")
        assert answer.json()["keys"] == 1
    assert holding(marker, await views(api)) == []
    assert holding(marker, await dump(api)) == []
    assert control.encode() in (await views(api))["/api/leads/ada/events"]
    assert not [line for line in logged(caplog) if marker in line]


async def test_the_key_is_in_no_log_of_mongodb_however_slow_it_was(api, marker):
    """MongoDB writes slow commands into its log, and there a destroyed key would live on."""
    await api.runtime.store.database.command("profile", 0, slowms=-1)
    try:
        await api.store({"leadId": "ada", "type": "signup", "properties": {"email": marker}})
        secret = (await api.runtime.privacy.keys.find("ada")).secret
        await api.http.delete("/api/leads/ada/personal-data")
    finally:
        await api.runtime.store.database.command("profile", 0, slowms=1000)
    log = (await files_of_mongodb(api))["mongod.log"]
    assert b'"insert":"leadKeys"' in log, "the control: the command is there"
    assert b64encode(secret) not in log
    assert secret.hex().encode() not in log.lower()
    assert marker.encode() not in log
