"""The action `webhook` stores one delivery per endpoint, once; sending comes after."""

from __future__ import annotations

import pytest

from domain.errors import Unavailable
from domain.events.event import ENGINE_SOURCE
from domain.instant import SECOND


async def test_a_delivery_is_stored_for_each_subscribed_endpoint_and_announced(hooks):
    exact, all_of_them = await hooks.add_endpoint("lead.demo_requested"), await hooks.add_endpoint()
    deaf = await hooks.add_endpoint("deal.*")
    execution = await hooks.requested()
    assert hooks.runtime.work_queue.due.count("webhook") == 1
    for endpoint in (hooks.endpoint, exact, all_of_them):
        (delivery,) = await hooks.deliveries_to(endpoint)
        assert (delivery.delivery_state, delivery.due_at, delivery.attempts) == (
            "pending",
            hooks.clock.at,
            (),
        )
        assert (delivery.execution_id, delivery.lead_id) == (execution, "ada")
    assert await hooks.deliveries_to(deaf) == []
    assert hooks.requests == []


async def test_the_effect_comes_back_as_an_event_of_the_lead(hooks):
    await hooks.requested()
    (event,) = await hooks.events()
    assert event.source == ENGINE_SOURCE
    assert event.properties["event"] == "lead.demo_requested"
    assert event.properties["endpoints"] == 1


async def test_without_a_subscribed_endpoint_nothing_is_stored_and_the_event_says_so(hooks):
    await hooks.change(event_types=["deal.*"])
    await hooks.requested()
    (event,) = await hooks.events()
    assert event.properties["endpoints"] == 0
    assert hooks.runtime.work_queue.due.count("webhook") == 0
    assert await hooks.deliveries_to(hooks.endpoint) == []


async def test_an_automation_that_is_repeated_after_a_crash_sends_nothing_twice(hooks, monkeypatch):
    async def crash(*args):
        raise KeyboardInterrupt

    identity = await hooks.fired()
    with monkeypatch.context() as dying:
        dying.setattr(hooks.runtime.automations.executions, "finish", crash)
        with pytest.raises(KeyboardInterrupt):
            await hooks.attempt_unit(identity)
    assert await hooks.send() == 1
    hooks.clock.at += 61 * SECOND
    await hooks.attempt_unit(identity)
    assert [one.outcome for one in (await hooks.executions())[0].attempts] == [None, "done"]
    assert await hooks.send() == 0
    assert len(hooks.requests) == 1
    assert len(await hooks.events()) == 1


async def test_without_redis_the_automation_is_done_all_the_same_and_the_delivery_is_found_by_polling(
    hooks, monkeypatch
):
    async def silent(kind):
        raise Unavailable("Redis does not answer.")

    with monkeypatch.context() as away:
        away.setattr(hooks.runtime.work_queue, "enqueue_due", silent)
        await hooks.requested()
    assert [one.execution_state for one in await hooks.executions()] == ["done"]
    assert await hooks.send() == 1
    assert (await hooks.delivery()).delivery_state == "delivered"
