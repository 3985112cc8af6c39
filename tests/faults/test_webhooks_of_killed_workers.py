"""Workers are killed while webhooks are under way, and every message arrives all the same."""

from __future__ import annotations

import asyncio
from importlib.resources import files

import pytest
from standardwebhooks.webhooks import Webhook

from tests.faults.harness.clients import open_client

LEADS = 30
AUTOMATION = """
  - id: notify-crm
    trigger: {event: demo_request}
    action: {type: webhook, event: lead.demo_requested}
"""


@pytest.fixture
async def engine(new_engine, tmp_path):
    """An engine whose rulebook has a webhook for demo requests, and that may send to this machine."""
    classic = (files("domain") / "rulebooks" / "builtin" / "classic.yaml").read_text()
    (tmp_path / "webhooks.yaml").write_text(classic.replace("name: classic", "name: webhooks") + AUTOMATION)
    async with new_engine(
        rulebook=str(tmp_path / "webhooks.yaml"),
        webhook_allowed_hosts="127.0.0.1",
        webhook_timeout_seconds=1.0,
    ) as opened:
        await opened.whole()
        yield opened


@pytest.mark.long
async def test_every_message_is_delivered_though_all_workers_are_killed_while_they_send(engine, receiver):
    receiver.will(*[receiver.hang] * 4)
    async with open_client(engine.url, seconds=20) as http:
        endpoint = (await http.post("/api/webhook-endpoints", json={"url": receiver.url})).json()
        events = [{"leadId": f"lead-{n}", "type": "demo_request"} for n in range(LEADS)]
        assert (await http.post("/api/events", json=events)).json()["accepted"] == LEADS
        async with asyncio.timeout(30):
            while len(receiver.requests) < 4:
                await asyncio.sleep(0.01)
        await engine.kill("worker-1")
        await engine.kill("worker-2")
        await engine.start("worker-3")
        path = f"/api/webhook-endpoints/{endpoint['id']}/deliveries?state=delivered&limit=200"
        async with asyncio.timeout(60):
            while len(delivered := (await http.get(path)).json()["items"]) < LEADS:
                await asyncio.sleep(0.2)
    assert {one["leadId"] for one in delivered} == {f"lead-{n}" for n in range(LEADS)}
    assert {request.headers["webhook-id"] for request in receiver.requests} == {
        one["id"] for one in delivered
    }
    for request in receiver.requests:
        Webhook(endpoint["secret"]).verify(request.body, request.headers)
    again = [one for one in delivered if len(one["attempts"]) > 1]
    assert again, "the control: some were under way when their worker was killed"
