"""A person can send a test message, and send an old message again."""

from __future__ import annotations

import json

import pytest

from domain.errors import Conflict, NotFound
from domain.instant import MINUTE, SECOND
from engine.process.clock import to_bson
from engine.webhooks.schedule import ATTEMPTS
from engine.work.store import MAX_ATTEMPTS
from workflows.webhooks.redeliver import redeliver, send_test


async def replay(hooks):
    return await redeliver(hooks.runtime, (await hooks.delivery()).unit_id)


async def test_a_test_message_is_sent_whatever_the_endpoint_subscribes_to(hooks):
    await hooks.change(event_types=["deal.won"])
    delivery = await send_test(hooks.runtime, hooks.endpoint.endpoint_id)
    assert hooks.runtime.work_queue.due.count("webhook") == 1
    await hooks.send()
    (request,) = hooks.requests
    assert json.loads(request.body)["type"] == "webhook.test"
    assert request.headers["webhook-id"] == delivery.unit_id
    assert (await hooks.delivery()).delivery_state == "delivered"


async def test_every_test_message_is_a_message_of_its_own(hooks):
    first, second = [await send_test(hooks.runtime, hooks.endpoint.endpoint_id) for _ in range(2)]
    assert first.unit_id != second.unit_id


async def test_a_replay_of_a_dead_delivery_is_a_new_attempt_with_the_same_id_and_body(hooks):
    hooks.receiver.will(*[hooks.receiver.answer(500)] * ATTEMPTS)
    await hooks.requested()
    await hooks.send_until_dead()
    assert (await hooks.delivery()).delivery_state == "dead"
    await hooks.enable()
    announced = hooks.runtime.work_queue.due.count("webhook")
    assert (await replay(hooks)).delivery_state == "pending"
    assert hooks.runtime.work_queue.due.count("webhook") == announced + 1
    await hooks.send()
    delivery = await hooks.delivery()
    assert (delivery.delivery_state, len(delivery.attempts)) == ("delivered", ATTEMPTS + 1)
    assert len({(one.headers["webhook-id"], one.body) for one in hooks.requests}) == 1


async def test_what_was_delivered_can_be_replayed(hooks):
    await hooks.requested()
    await hooks.send()
    await replay(hooks)
    await hooks.send()
    assert len(hooks.requests) == 2


async def test_a_replay_begins_the_schedule_again(hooks):
    hooks.receiver.will(*[hooks.receiver.answer(500)] * 3)
    await hooks.requested()
    await hooks.send()
    hooks.clock.at += MINUTE
    await hooks.send()
    assert (await hooks.delivery()).due_at - hooks.clock.at >= 5 * MINUTE
    await replay(hooks)
    await hooks.send()
    assert (await hooks.delivery()).due_at - hooks.clock.at <= 5.5 * SECOND


async def test_a_message_that_is_being_sent_is_not_replayed(hooks):
    await hooks.requested()
    await hooks.claim(MINUTE)
    with pytest.raises(Conflict, match="under way"):
        await replay(hooks)
    hooks.clock.at += MINUTE
    assert (await replay(hooks)).delivery_state == "pending"


async def test_a_message_is_not_replayed_without_end(hooks):
    await hooks.requested()
    many = [{"at": to_bson(0)}] * (MAX_ATTEMPTS - 1)
    await hooks.runtime.store.database["webhookDeliveries"].update_one({}, {"$set": {"attempts": many}})
    await replay(hooks)
    await hooks.send()
    with pytest.raises(Conflict, match="100 times"):
        await replay(hooks)


async def test_a_disabled_endpoint_gets_neither_test_nor_replay(hooks):
    await hooks.requested()
    await hooks.endpoints.disable(hooks.endpoint.endpoint_id, "It answered 410 Gone.")
    with pytest.raises(Conflict, match=r"410 Gone\. Enable it first"):
        await send_test(hooks.runtime, hooks.endpoint.endpoint_id)
    with pytest.raises(Conflict, match=r"410 Gone\. Enable it first"):
        await replay(hooks)


async def test_what_does_not_exist_is_not_found(hooks):
    await hooks.requested()
    identity = (await hooks.delivery()).unit_id
    await hooks.endpoints.delete(hooks.endpoint.endpoint_id)
    with pytest.raises(NotFound, match="webhook delivery 'msg_0'"):
        await redeliver(hooks.runtime, "msg_0")
    with pytest.raises(NotFound, match="webhook endpoint"):
        await redeliver(hooks.runtime, identity)
    with pytest.raises(NotFound, match="webhook endpoint 'ep_0'"):
        await send_test(hooks.runtime, "ep_0")
