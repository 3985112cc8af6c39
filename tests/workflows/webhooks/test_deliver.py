"""A webhook is sent until it is delivered or dead, and every attempt sends the same message."""

from __future__ import annotations

import json
import time

import pytest
from standardwebhooks.webhooks import Webhook

from domain.instant import DAY, HOUR, MINUTE, SECOND
from engine.webhooks.schedule import ATTEMPTS
from workflows.webhooks.redeliver import redeliver, send_test

# --- What a receiver gets ---


@pytest.fixture
def present(clock):
    """The engine's clock is right, for receivers refuse what is old."""
    clock.at = time.time_ns() // 1_000_000


async def test_a_receiver_can_verify_what_it_gets_and_reads_what_the_lead_was_like(hooks, present):
    execution = await hooks.requested()
    assert await hooks.send() == 1
    (request,) = hooks.requests
    said = Webhook(hooks.endpoint.secrets[0].value).verify(request.body, request.headers)
    assert said["type"] == "lead.demo_requested"
    assert (said["data"]["leadId"], said["data"]["score"]) == ("ada", 30)
    assert said["data"]["executionId"] == execution
    delivery = await hooks.delivery()
    assert request.headers["webhook-id"] == delivery.unit_id
    assert request.headers["webhook-timestamp"] == str(hooks.clock.at // 1000)
    assert request.body == delivery.body
    assert delivery.delivery_state == "delivered"
    (attempt,) = delivery.attempts
    assert (attempt.number, attempt.at, attempt.status_code) == (1, hooks.clock.at, 200)
    assert 0 <= attempt.duration_ms < 1000 * hooks.seconds


async def test_during_a_rotation_a_receiver_can_verify_with_the_old_and_with_the_new_secret(hooks, present):
    rotated = await hooks.endpoints.rotate(hooks.endpoint.endpoint_id, hooks.clock.at, HOUR)
    await hooks.requested()
    await hooks.send()
    (request,) = hooks.requests
    old, new = hooks.endpoint.secrets[0].value, rotated.secrets[0].value
    assert old != new
    for secret in (old, new):
        assert Webhook(secret).verify(request.body, request.headers) == json.loads(request.body)


async def test_every_attempt_has_the_same_id_and_body_and_its_own_time_and_signature(hooks):
    hooks.receiver.will(hooks.receiver.answer(500), hooks.receiver.answer(500))
    await hooks.requested()
    for _ in range(3):
        await hooks.send()
        hooks.clock.at += HOUR
    assert len(hooks.requests) == 3
    assert len({(request.headers["webhook-id"], request.body) for request in hooks.requests}) == 1
    stamps = [int(request.headers["webhook-timestamp"]) for request in hooks.requests]
    assert [stamp - stamps[0] for stamp in stamps] == [0, 3600, 7200]
    assert len({request.headers["webhook-signature"] for request in hooks.requests}) == 3


async def test_a_message_goes_where_the_endpoint_is_now(hooks):
    await hooks.change(url="http://127.0.0.1:9/")
    await hooks.requested()
    await hooks.change(url=hooks.receiver.url)
    await hooks.send()
    assert (await hooks.delivery()).delivery_state == "delivered"


# --- What follows from an answer ---


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_any_other_status_than_2xx_is_a_failure_that_is_due_again(hooks, status):
    hooks.receiver.will(hooks.receiver.answer(status, b"why", location=hooks.receiver.url))
    await hooks.requested()
    await hooks.send()
    delivery = await hooks.delivery()
    (attempt,) = delivery.attempts
    assert (delivery.delivery_state, attempt.outcome, attempt.status_code) == ("failed", "failed", status)
    assert (attempt.detail, attempt.answer) == (f"the endpoint answered {status}", "why")
    assert 5 * SECOND <= delivery.due_at - hooks.clock.at <= 5.5 * SECOND
    assert len(hooks.requests) == 1


@pytest.mark.parametrize(
    ("way", "detail"),
    [("hang", "no answer within 2 seconds"), ("close", "no HTTP"), ("talk_nonsense", "no HTTP")],
)
async def test_no_response_at_all_is_a_failure_that_is_due_again(hooks, way, detail):
    hooks.receiver.will(getattr(hooks.receiver, way))
    await hooks.requested()
    await hooks.send()
    delivery = await hooks.delivery()
    (attempt,) = delivery.attempts
    assert (delivery.delivery_state, attempt.outcome, attempt.status_code) == ("failed", "failed", None)
    assert detail in attempt.detail
    assert 5 * SECOND <= delivery.due_at - hooks.clock.at <= 5.5 * SECOND


async def test_what_a_receiver_sends_instead_of_http_is_kept_and_logged_nowhere(hooks, caplog):
    hooks.receiver.will(*[hooks.receiver.talk_nonsense] * ATTEMPTS)
    await hooks.requested()
    for _ in range(ATTEMPTS):
        await hooks.send()
        hooks.clock.at += 2 * DAY
    delivery, endpoint = await hooks.delivery(), await hooks.endpoint_now()
    assert (delivery.delivery_state, endpoint.state) == ("dead", "disabled")
    for text in (repr(delivery), repr(endpoint), caplog.text):
        assert "RemoteProtocolError" in text
        assert "OpenSSH" not in text


async def test_of_an_endless_response_the_first_500_characters_are_kept(hooks):
    hooks.receiver.will(hooks.receiver.flood)
    await hooks.requested()
    await hooks.send()
    delivery = await hooks.delivery()
    assert (delivery.delivery_state, delivery.attempts[0].answer) == ("delivered", "x" * 500)


async def test_an_endpoint_that_is_no_longer_allowed_is_not_connected_to(hooks):
    await hooks.change(url=f"http://127.0.0.2:{hooks.receiver.port}/")
    await hooks.requested()
    await hooks.send()
    delivery = await hooks.delivery()
    assert delivery.delivery_state == "failed"
    assert "https" in delivery.attempts[0].detail
    assert hooks.receiver.connections == 0


async def test_a_failed_delivery_is_sent_again_at_its_time_and_not_before(hooks):
    hooks.receiver.will(hooks.receiver.answer(500))
    await hooks.requested()
    await hooks.send()
    hooks.clock.at = (await hooks.delivery()).due_at - 1
    assert await hooks.send() == 0
    hooks.clock.at += 1
    assert await hooks.send() == 1
    assert [one.outcome for one in (await hooks.delivery()).attempts] == ["failed", "done"]


async def test_a_receiver_that_throttles_is_left_alone_for_as_long_as_it_asks(hooks):
    hooks.receiver.will(
        hooks.receiver.answer(429, retry_after="3600"), hooks.receiver.answer(503, retry_after="1")
    )
    await hooks.requested()
    await hooks.send()
    assert (await hooks.delivery()).due_at == hooks.clock.at + HOUR
    hooks.clock.at += HOUR
    await hooks.send()
    assert (await hooks.delivery()).due_at >= hooks.clock.at + 5 * MINUTE, "asking for less shortens no pause"


# --- Giving up ---


async def test_after_the_last_attempt_of_the_schedule_the_delivery_is_dead_and_its_endpoint_disabled(hooks):
    hooks.receiver.will(*[hooks.receiver.answer(500)] * 20)
    await hooks.requested()
    pauses = []
    for _ in range(ATTEMPTS - 1):
        began = hooks.clock.at
        await hooks.send()
        hooks.clock.at = (await hooks.delivery()).due_at
        pauses.append((hooks.clock.at - began) / SECOND)
    planned = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert all(plan <= pause <= 1.1 * plan for plan, pause in zip(planned, pauses, strict=True))
    assert ((await hooks.delivery()).delivery_state, (await hooks.endpoint_now()).state) == (
        "failed",
        "enabled",
    )
    await hooks.send()
    delivery, endpoint = await hooks.delivery(), await hooks.endpoint_now()
    assert (delivery.delivery_state, len(delivery.attempts), len(hooks.requests)) == (
        "dead",
        ATTEMPTS,
        ATTEMPTS,
    )
    assert endpoint.state == "disabled"
    assert (
        endpoint.reason
        == f"All {ATTEMPTS} attempts to send {delivery.unit_id} failed: the endpoint answered 500."
    )
    hooks.clock.at += 30 * DAY
    assert await hooks.send() == 0


async def test_one_message_that_is_always_refused_does_not_disable_an_endpoint_that_accepts_others(hooks):
    hooks.receiver.will(*[hooks.receiver.answer(422)] * ATTEMPTS)
    await hooks.requested()
    refused = (await hooks.delivery()).unit_id
    for _ in range(ATTEMPTS - 1):
        await hooks.send()
        hooks.clock.at = (await hooks.deliveries.get(refused)).due_at
    await hooks.send()
    assert (await hooks.endpoint_now()).state == "disabled", "the control: nothing else was taken meanwhile"
    await hooks.enable()
    await send_test(hooks.runtime, hooks.endpoint.endpoint_id)
    await hooks.send()
    hooks.receiver.will(*[hooks.receiver.answer(422)] * ATTEMPTS)
    await redeliver(hooks.runtime, refused)
    for _ in range(ATTEMPTS):
        hooks.clock.at = max(hooks.clock.at, (await hooks.deliveries.get(refused)).due_at)
        await hooks.send()
    assert (await hooks.deliveries.get(refused)).delivery_state == "dead"
    assert (await hooks.endpoint_now()).state == "enabled"


async def test_410_disables_the_endpoint_at_once(hooks):
    hooks.receiver.will(hooks.receiver.answer(410))
    await hooks.requested()
    await hooks.send()
    endpoint = await hooks.endpoint_now()
    assert (await hooks.delivery()).delivery_state == "dead"
    assert (endpoint.state, endpoint.reason) == ("disabled", "It answered 410 Gone.")


async def test_what_waits_for_a_disabled_endpoint_ends_dead_without_a_request(hooks):
    await hooks.requested()
    await hooks.endpoints.disable(hooks.endpoint.endpoint_id, "by hand")
    await hooks.send()
    delivery = await hooks.delivery()
    assert (delivery.delivery_state, delivery.attempts[0].detail) == ("dead", "the endpoint is disabled")
    assert hooks.receiver.connections == 0


async def test_what_waits_for_a_deleted_endpoint_ends_dead_without_a_request(hooks):
    await hooks.requested()
    await hooks.endpoints.delete(hooks.endpoint.endpoint_id)
    await hooks.send()
    delivery = await hooks.delivery()
    assert (delivery.delivery_state, delivery.attempts[0].detail) == ("dead", "the endpoint is gone")
    assert hooks.receiver.connections == 0
