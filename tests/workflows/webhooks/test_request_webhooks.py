"""The action `webhook` writes down what is to be told, once; telling comes after."""

from __future__ import annotations

import pytest

from domain.errors import Unavailable
from domain.events.event import ENGINE_SOURCE
from domain.instant import SECOND
from workflows.automations.run_execution import run_execution
from workflows.webhooks.delivery_worker import enqueue_due_deliveries


async def test_a_delivery_is_written_for_each_listening_endpoint_and_the_bell_is_rung(hooks):
    exact, all_of_them = await hooks.add_endpoint("lead.demo_requested"), await hooks.add_endpoint()
    deaf = await hooks.add_endpoint("deal.*")
    execution = await hooks.told()
    assert hooks.runtime.work_queue.deliveries == 1
    for endpoint in (hooks.endpoint, exact, all_of_them):
        (delivery,) = await hooks.deliveries_to(endpoint)
        assert (delivery.state, delivery.due_at, delivery.attempts) == ("pending", hooks.clock.at, ())
        assert (delivery.execution_id, delivery.lead_id) == (execution, "ada")
    assert await hooks.deliveries_to(deaf) == []
    assert hooks.requests == []


async def test_what_was_asked_for_comes_back_as_an_event_of_the_lead(hooks):
    await hooks.told()
    (event,) = await hooks.events()
    assert event.source == ENGINE_SOURCE
    assert event.properties["event"] == "lead.demo_requested"
    assert event.properties["endpoints"] == 1


async def test_without_a_listening_endpoint_nothing_is_written_and_the_event_says_so(hooks):
    await hooks.change(event_types=["deal.*"])
    await hooks.told()
    (event,) = await hooks.events()
    assert event.properties["endpoints"] == 0
    assert hooks.runtime.work_queue.deliveries == 0
    assert await hooks.deliveries_to(hooks.endpoint) == []


async def test_an_automation_that_is_repeated_after_a_crash_tells_nothing_twice(hooks, monkeypatch):
    async def crash(*args):
        raise KeyboardInterrupt

    identity = await hooks.fired()
    with monkeypatch.context() as dying:
        dying.setattr(hooks.runtime.automations.executions, "finish", crash)
        with pytest.raises(KeyboardInterrupt):
            await run_execution(hooks.runtime, identity)
    assert await hooks.send() == 1
    hooks.clock.at += 61 * SECOND
    await run_execution(hooks.runtime, identity)
    assert [one.outcome for one in (await hooks.executions())[0].attempts] == ["started", "done"]
    assert await hooks.send() == 0
    assert len(hooks.requests) == 1
    assert len(await hooks.events()) == 1


async def test_without_redis_the_automation_is_done_all_the_same_and_the_scheduler_rings_later(
    hooks, monkeypatch
):
    async def silent():
        raise Unavailable("Redis does not answer.")

    with monkeypatch.context() as away:
        away.setattr(hooks.runtime.work_queue, "enqueue_deliveries", silent)
        await hooks.told()
    assert [one.state for one in await hooks.executions()] == ["done"]
    assert await enqueue_due_deliveries(hooks.runtime)
    assert hooks.runtime.work_queue.deliveries == 1
    await hooks.send()
    assert (await hooks.delivery()).state == "delivered"
    assert not await enqueue_due_deliveries(hooks.runtime)
