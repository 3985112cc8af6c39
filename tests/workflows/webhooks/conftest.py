"""An engine that sends webhooks about demo requests to a receiver on this machine, all under the test's control."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pytest

from domain.instant import Millis
from engine.runtime import Runtime
from engine.webhooks.delivery import Delivery
from engine.webhooks.endpoint import Endpoint
from engine.webhooks.endpoint_store import EndpointChange
from engine.webhooks.schedule import ATTEMPTS
from engine.work.loop import WorkLoop
from workflows.webhooks.deliver import webhook_kind

AUTOMATION = """
  - id: notify-crm
    trigger: {event: demo_request}
    action: {type: webhook, event: lead.demo_requested}
"""


@dataclass(repr=False)
class Hooks:
    """One endpoint at a receiver, and what happens to it."""

    runtime: Runtime
    clock: Any
    receiver: Any
    endpoint: Endpoint
    send_events: Any
    apply: Any
    attempt_unit: Any
    seconds: float

    async def fired(self) -> str:
        """Ada requests a demo. Returns the id of the execution, which nobody has run."""
        await self.send_events("ada", "demo_request")
        await self.apply("ada")
        (execution,) = await self.executions()
        return execution.unit_id

    async def requested(self) -> str:
        """Ada requests a demo, and the automation runs, so that a delivery is stored. Returns the id of its execution."""
        identity = await self.fired()
        await self.attempt_unit(identity)
        return identity

    async def claim(self, lease: Millis) -> Delivery:
        """Begin an attempt of the only delivery, as a worker does that then says nothing more."""
        (claimed,) = await self.deliveries.claim([(await self.delivery()).unit_id], self.clock.at, lease)
        return claimed

    async def executions(self):
        return await self.runtime.automations.executions.page(
            lead_id="ada", rule_id="notify-crm", state=None, after=None, limit=10
        )

    async def send(self) -> int:
        """Send what is due."""
        return await WorkLoop(webhook_kind(self.runtime), self.runtime.now).drain()

    async def send_until_dead(self) -> None:
        """Let time pass and send, as often as the schedule says."""
        for _ in range(ATTEMPTS):
            self.clock.at = max(self.clock.at, (await self.delivery()).due_at)
            assert await self.send() == 1

    async def delivery(self) -> Delivery:
        """The only delivery to the endpoint."""
        (only,) = await self.deliveries_to(self.endpoint)
        return only

    async def deliveries_to(self, endpoint: Endpoint) -> list[Delivery]:
        return await self.deliveries.page(endpoint.endpoint_id, state=None, after=None, limit=200)

    async def endpoint_now(self) -> Endpoint:
        return await self.endpoints.get(self.endpoint.endpoint_id)

    async def add_endpoint(self, *event_types: str, url: str = "") -> Endpoint:
        return await self.endpoints.add(url or self.receiver.url, "", event_types, 0)

    async def change(self, **change: Any) -> None:
        await self.endpoints.change(self.endpoint.endpoint_id, EndpointChange(**change))

    async def enable(self) -> None:
        await self.change(state="enabled", reason=None)

    async def events(self) -> list[Any]:
        """The events of the action in ada's stream."""
        return [
            one for one in await self.runtime.capture.events.of_lead("ada") if one.type == "webhook.requested"
        ]

    @property
    def endpoints(self):
        return self.runtime.webhooks.endpoints

    @property
    def deliveries(self):
        return self.runtime.webhooks.deliveries

    @property
    def requests(self):
        return self.receiver.requests


@pytest.fixture
def settings(settings, tmp_path):
    """A rulebook with a webhook for demo requests, and an egress policy that allows this machine."""
    classic = (files("domain") / "rulebooks" / "builtin" / "classic.yaml").read_text()
    (tmp_path / "webhooks.yaml").write_text(classic.replace("name: classic", "name: webhooks") + AUTOMATION)
    return settings.model_copy(
        update={
            "rulebook": str(tmp_path / "webhooks.yaml"),
            "webhook_allowed_hosts": "127.0.0.1",
            "webhook_timeout_seconds": 2.0,
        }
    )


@pytest.fixture
async def hooks(runtime, clock, receiver, send, apply, attempt_unit):  # noqa: PLR0917 - pytest names them
    """One endpoint that subscribes to `lead.*`."""
    endpoint = await runtime.webhooks.endpoints.add(receiver.url, "", ["lead.*"], 0)
    seconds = runtime.settings.webhook_timeout_seconds
    return Hooks(runtime, clock, receiver, endpoint, send, apply, attempt_unit, seconds)
