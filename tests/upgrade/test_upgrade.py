"""The data of every earlier release is taken over: migrated, proved equal to its events, and worked on with."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

import pytest

from engine.runtime import open_runtime
from scripts.cli.operations.setup import run_setup
from scripts.cli.passes.replay import run_replay
from scripts.cli.passes.replay_processes import ReplayTask
from tests.faults.harness.checker import everything_applied
from tests.faults.harness.clients import open_client
from tests.faults.harness.engine import open_engine
from tests.ports import free_port
from tests.upgrade.archive import load, manifest_of
from workflows.leads.rebuild_outdated import rebuild_outdated
from workflows.replay.replay import replay

ARCHIVES = sorted((Path(__file__).parent / "archives").glob("*.tar.xz"))
PARTS = ("api", "dispatcher", "scheduler", "worker")
QUARANTINED = {"sick-1", "sick-2"}
"""Leads with an event that nobody can read; one of them waits to be tried again."""


def test_there_is_something_to_upgrade_from():
    assert ARCHIVES


RELEASES = [
    pytest.param(file, id=file.name.removesuffix(".tar.xz"), marks=marks)
    for file in ARCHIVES
    for marks in [[] if file in (ARCHIVES[0], ARCHIVES[-1]) else [pytest.mark.long]]
]
"""The oldest and the last release; those between them in `make faults` only, for each takes half a minute in all."""


@pytest.fixture(params=RELEASES)
async def archive(request, settings):
    """A database that an earlier release has left, set up by this one."""
    return await _set_up(request, settings)


async def _set_up(request, settings):
    async with open_runtime(settings) as runtime:
        await runtime.store.client.drop_database(settings.mongodb_database)
    await asyncio.to_thread(load, request.param, settings.mongodb_uri, settings.mongodb_database)
    await run_setup(settings, None)
    return manifest_of(request.param)


async def outdated_leads_rebuilt(runtime):
    """What the scheduler does in the background after a start."""
    async with asyncio.timeout(60):
        while await rebuild_outdated(runtime):
            pass


async def test_a_replay_finds_no_drift(archive, settings, capsys):
    async with open_runtime(settings) as runtime:
        assert runtime.rulebook.label == "upgrade@1"
        await outdated_leads_rebuilt(runtime)
        report = await replay(runtime, "verify")
        assert (report.outdated, report.drifted, report.failed) == (0, [], {})
        assert report.events == archive["documents"]["scoreHistory"]
        assert await runtime.leads.lists.count() == archive["documents"]["leads"]
    assert await run_replay(ReplayTask(settings, "verify")) == 0
    assert "0 drifted" in capsys.readouterr().out


async def test_a_replay_finds_what_an_upgrade_would_have_spoilt(archive, settings):
    async with open_runtime(settings) as runtime:
        await outdated_leads_rebuilt(runtime)
        leads = runtime.store.database["leads"]
        state = json.loads((await leads.find_one({"_id": "ada"}))["state"])
        state["activities"] += 1
        await leads.update_one({"_id": "ada"}, {"$set": {"state": json.dumps(state)}})
        await runtime.store.database["scoreHistory"].delete_one({"leadId": "flood-1"})
        assert (await replay(runtime, "verify")).drifted == ["ada", "flood-1"]


async def test_tasks_have_the_owner_of_their_lead(archive, settings):
    """Which they got after 0.7.0."""
    owners = archive.get("owners", {})
    async with open_runtime(settings) as runtime:
        tasks = await runtime.store.database["tasks"].find({}, {"leadId": 1, "ownerId": 1}).to_list()
    assert {task["_id"]: task.get("ownerId") for task in tasks} == {
        task["_id"]: owners.get(task["leadId"]) for task in tasks
    }
    assert not owners or any(task.get("ownerId") for task in tasks)


async def test_enrolments_are_looked_at_when_a_reply_was_judged(archive, settings):
    """Which they were not before 0.9.0."""
    async with open_runtime(settings) as runtime:
        active = await runtime.store.database["enrolments"].find({"active": True}).to_list()
    assert bool(active) == (archive["documents"].get("enrolments", 0) > 0)
    assert all({"reply.classified", "reply.judged"} <= set(one["wakesOn"]) for one in active)


@contextlib.asynccontextmanager
async def running_receiver():
    """An endpoint that notes what it gets and answers 200."""
    got: list[dict[str, object]] = []

    async def take(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length:")[1].split()[0])
        got.append(json.loads(await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        yield got, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_the_engine_goes_on_where_the_earlier_release_was_killed(archive, settings):
    """With the key of then: open automations are run, waiting messages are sent, new events are scored."""
    async with running_receiver() as (got, receiver):
        changed = {"port": free_port(), "webhook_allowed_hosts": receiver, "fold_attempts": 2}
        async with open_engine(settings.model_copy(update=changed)) as engine:
            engine.let_in(archive["apiKey"])
            await engine.start("api")
            await engine.ready()
            async with open_client(engine.url) as api:
                endpoints = (await api.get("/api/webhook-endpoints")).json()["items"]
                for endpoint in endpoints:
                    if endpoint["state"] == "enabled":
                        body = {"url": f"http://{receiver}/"}
                        assert (
                            await api.patch(f"/api/webhook-endpoints/{endpoint['id']}", json=body)
                        ).is_success
                # Only now, for a message that is tried at its old address waits minutes for the next attempt.
                await engine.start(*(part for part in PARTS if part != "api"))
                event = {"leadId": "ada", "type": "page_view", "properties": {"email": "ada@example.com"}}
                answer = (await api.post("/api/events", json=event)).json()["results"][0]
                assert answer["status"] == "accepted"
                assert answer["position"] > archive["documents"]["events"]
                await everything_applied(engine.truth, 60, but=QUARANTINED)
                ada = (await api.get("/api/leads/ada")).json()
                bob = (await api.get("/api/leads/bob/export")).json()
                tasks = (await api.get("/api/tasks", params={"leadId": "behind-1"})).json()["items"]
            assert ada["position"] >= answer["position"]
            assert "bob@example.com" not in json.dumps(bob)
            assert tasks
            await messages_arrived(got, archive["leadsWithMessagesToSend"])
            report = await replay(engine.truth, "verify")
            assert (report.outdated, report.drifted, report.failed) == (0, [], {})


async def messages_arrived(got, lead_ids):
    async with asyncio.timeout(60):
        while not set(lead_ids) <= {message["data"]["leadId"] for message in got}:
            await asyncio.sleep(0.1)
