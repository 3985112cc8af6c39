"""CloudEvents over HTTP in every mode."""

from __future__ import annotations

import json

import pytest

EVENT = {
    "specversion": "1.0",
    "id": "evt-1",
    "source": "/web/forms",
    "type": "com.example.demo_requested",
    "subject": "ada@example.com",
}
BINARY = {f"ce-{name}": value for name, value in EVENT.items()}
STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
BATCHED = {"content-type": "application/cloudevents-batch+json"}


@pytest.fixture
def send(sender):
    async def send(body, headers):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await sender.post("/v1/events", raw, **headers)

    return send


async def test_binary_mode(api, sender, send):
    headers = {**BINARY, "content-type": "application/json", "ce-time": api.at(minutes=-5)}
    answer = await send({"plan": "pro"}, {**headers, "ce-traceparent": "00-0af7-b7ad-01"})
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
    (event,) = await sender.events()
    assert event.type == "com.example.demo_requested"
    assert event.occurred_at == api.clock.at - 5 * 60_000
    assert event.properties["plan"] == "pro"
    assert event.properties["envelope"]["traceparent"] == "00-0af7-b7ad-01"


async def test_binary_mode_without_a_content_type_and_with_other_data(sender, send):
    for number, (body, media_type, data) in enumerate(
        [(b'{"plan":1}', "", {"plan": 1}), (b"hello", "text/plain", {"data": "hello"}), (b"", "", {})]
    ):
        answer = await send(body, {**BINARY, "ce-id": f"{number}", "content-type": media_type})
        assert answer.status_code == 202, answer.text
        event = (await sender.events())[-1]
        assert {name: value for name, value in event.properties.items() if name != "envelope"} == data


async def test_headers_are_decoded_once(api, sender, send):
    headers = {**BINARY, "ce-subject": "Zo%C3%AB%20Ada%2525", "ce-note": '"a \\"b\\""'}
    assert (await send({}, {**headers, "content-type": "application/json"})).status_code == 202
    (event,) = await sender.events()
    assert event.properties["envelope"]["subject"] == "Zoë Ada%25"
    assert event.properties["envelope"]["note"] == 'a "b"'
    problem = api.problem(await send({}, {**BINARY, "ce-subject": "%ff"}), 400)
    assert problem["errors"][0]["pointer"] == "ce-subject"


async def test_structured_mode_wins_over_headers(sender, send):
    answer = await send(
        {**EVENT, "data": {"plan": "pro"}}, {**STRUCTURED, "ce-specversion": "1.0", "ce-id": "x"}
    )
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
    (event,) = await sender.events()
    assert event.event_id.endswith("/web/forms#evt-1")


async def test_batched_mode(api, sender, send):
    batch = [{**EVENT, "id": f"{number}", "data": {"n": number}} for number in range(3)]
    for _ in range(2):
        answer = await send(batch, BATCHED)
        assert (answer.status_code, answer.json()) == (202, {"accepted": 3})
    assert await api.stored() == 3
    assert (await send([], BATCHED)).json() == {"accepted": 0}


async def test_what_is_no_cloudevent_refuses_the_request_and_names_each_fault(api, send):
    bad = {
        "specversion": "0.3",
        "id": "",
        "source": "/x",
        "data": 1,
        "data_base64": "",
        "Upper": 1,
        "time": "now",
    }
    problem = api.problem(await send([EVENT, bad, 7], BATCHED), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == [
        *("/1/specversion", "/1/id", "/1/type", "/1/data_base64", "/1/time", "/1/Upper", "/2")
    ]
    assert await api.stored() == 0
    for body, headers in ((EVENT, BATCHED), ([EVENT], STRUCTURED), (b"{", STRUCTURED)):
        assert api.problem(await send(body, headers), 400)
    answer = await send(EVENT, {"content-type": "application/json"})
    assert api.problem(answer, 415)["code"] == "unsupported-media-type"


async def test_a_cloudevent_of_nobody_is_kept_until_the_mapping_says_whom_it_is_about(api, sender, send):
    nobody = {**EVENT, "subject": None, "data": {"customer": {"id": "c-1"}}}
    answer = await send([nobody, {**EVENT, "id": "evt-2"}], BATCHED)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "rejected": 1})
    path = f"/api/sources/{sender.source['id']}"
    await api.http.patch(path, json={"identifiers": {"userId": "data.customer.id"}})
    assert (await api.http.post(f"{path}/rejected/replay")).json()["accepted"] == 1
    assert await api.stored() == 2
