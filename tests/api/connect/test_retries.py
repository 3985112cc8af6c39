"""Real clients whose requests are refused for a while: all obey, send again, and lose nothing."""

from __future__ import annotations

import pytest

from domain.errors import Unavailable
from engine.access.rate_limits.policy import Policy
from tests.clients.programs import COUNTING, counting

REFUSED_REQUESTS = 2
EVENTS = 30


async def counted(api, sender):
    """Every event is there once, and no other one."""
    numbers = [event.properties["number"] for event in await sender.events()]
    assert sorted(numbers) == list(range(EVENTS))
    assert await sender.rejected() == []


@pytest.mark.parametrize("name", COUNTING)
async def test_a_client_that_is_told_to_wait_delivers_later(api, url, sender, monkeypatch, name):
    require_room = api.runtime.capture.appender.require_room
    refused = []

    def full_at_first():
        if len(refused) < REFUSED_REQUESTS:
            refused.append(1)
            raise Unavailable("Too many events wait.", retry_after=1)
        require_room()

    monkeypatch.setattr(api.runtime.capture.appender, "require_room", full_at_first)
    await counting(name, events=EVENTS).run(url, sender.write_key)
    assert len(refused) == REFUSED_REQUESTS
    await counted(api, sender)


@pytest.mark.parametrize("name", COUNTING)
async def test_a_client_beyond_its_rate_limit_delivers_later(api, url, sender, limit, name):
    before = api.authenticator.context.refused["too-many-requests"]
    limit("keys", Policy("key", 1, 1))
    await counting(name, events=EVENTS).run(url, sender.write_key)
    limit("keys", Policy("key", 1000, 1000))
    assert api.authenticator.context.refused["too-many-requests"] > before
    await counted(api, sender)
