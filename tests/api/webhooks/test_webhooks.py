"""Webhook endpoints over HTTP: responses, refusals, and a secret that is shown only once."""

from __future__ import annotations

import base64
import json
import logging
import time

import pytest
from standardwebhooks.webhooks import Webhook

from engine.process.logs import set_up_logs
from workflows.work.loops import drain

PATH = "/api/webhook-endpoints"
URL = "https://hooks.example.com/lead-engine"


@pytest.fixture
def call(api):
    """Send a JSON value, or bytes as they are, and get the answer: `await call("POST", path, body)`."""

    async def call(method, path, body=None, **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        if body is None:
            return await api.http.request(method, path, headers=headers)
        given = {"content-type": "application/json", **headers}
        return await api.http.request(method, path, content=raw, headers=given)

    return call


@pytest.fixture
def create(call):
    """Create an endpoint: `await create(eventTypes=["lead.*"])`; returns it with its secret."""

    async def create(**fields):
        answer = await call("POST", PATH, {"url": URL, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()

    return create


@pytest.fixture
async def endpoint(create, receiver):
    """An endpoint at the receiver."""
    return await create(url=receiver.url)


@pytest.fixture
def refused(api, call):
    """What must be refused for exactly these faults: `await refused("POST", path, body, "/url")`."""

    async def refused(method, path, body, *pointers, status=400):
        problem = api.problem(await call(method, path, body), status)
        assert [fault["pointer"] for fault in problem.get("errors", ())] == list(pointers)
        return problem

    return refused


# --- Creating ---


async def test_an_endpoint_is_created_with_a_secret_that_signs(create):
    made = await create(eventTypes=["lead.*", "deal.won"], description="CRM")
    secret = made.pop("secret")
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    assert made.pop("id").startswith("ep_")
    assert made == {
        "url": URL,
        "description": "CRM",
        "eventTypes": ["lead.*", "deal.won"],
        "state": "enabled",
        "reason": None,
        "createdAt": "2026-11-22T12:00:00Z",
        "oldSecretsExpireAt": None,
    }


async def test_a_url_alone_is_enough_and_means_every_event(create):
    made = await create()
    assert (made["eventTypes"], made["description"]) == ([], "")


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/url"]),
        ({"url": 5}, ["/url"]),
        ({"url": None}, ["/url"]),
        ({"url": ""}, ["/url"]),
        ({"url": "https://x.example/" + "x" * 2000}, ["/url"]),
        ({"url": URL, "eventTypes": "lead.*"}, ["/eventTypes"]),
        ({"url": URL, "eventTypes": ["lead.*", "*", 5, "lead.", "a b", "lead.*.x"]}, [f"/eventTypes/{n}" for n in range(1, 6)]),
        ({"url": URL, "eventTypes": ["a"] * 101}, ["/eventTypes"]),
        ({"url": URL, "eventTypes": ["a" * 101]}, ["/eventTypes/0"]),
        ({"url": URL, "description": "x" * 501}, ["/description"]),
        ({"url": URL, "secret": "whsec_mine", "a/b~": 1}, ["/secret", "/a~1b~0"]),
        ({"url": URL, "event_types": []}, ["/event_types"]),
        ({"url": 5, "eventTypes": [5], "description": 5, "x": 5}, ["/url", "/eventTypes/0", "/description", "/x"]),
        ([], [""]),
        ("x", [""]),
    ],
)  # fmt: skip
async def test_a_wrong_body_is_refused_with_a_pointer_to_every_fault(api, refused, body, pointers):
    await refused("POST", PATH, body, *pointers)
    assert (await api.get(PATH))["items"] == []


@pytest.mark.parametrize("body", [b"", b"{", b'{"url":"\xff"}', b"[" * 100_000, b"9" * 5000])
async def test_a_body_that_is_no_json_is_refused(refused, body):
    problem = await refused("POST", PATH, body, "")
    assert "not JSON" in problem["detail"] or "wrong" in problem["detail"]


async def test_a_number_beyond_all_floats_is_a_fault_of_its_field(refused):
    await refused("POST", PATH, b'{"url": 1e999}', "/url")


async def test_another_content_type_is_refused(api, call):
    body = {"url": URL}
    api.problem(await call("POST", PATH, body, **{"content-type": "text/plain"}), 415)
    api.problem(await call("POST", PATH, body, **{"content-encoding": "gzip"}), 415)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "https://10.0.0.1/",
        "https://localhost:x/",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://me:pass@hooks.example.com/",
        "not a url",
    ],
)
async def test_a_url_that_messages_may_not_go_to_is_refused_when_it_is_given(refused, create, url):
    await refused("POST", PATH, {"url": url}, "/url")
    made = await create()
    await refused("PATCH", f"{PATH}/{made['id']}", {"url": url}, "/url")


# --- Reading and changing ---


async def test_endpoints_are_listed_newest_first_in_pages(api, create):
    made = []
    for _ in range(5):
        made.insert(0, (await create())["id"])
        api.wait(seconds=1)
    page = await api.get(PATH, limit=2)
    seen = [one["id"] for one in page["items"]]
    while page["nextCursor"]:
        page = await api.get(PATH, limit=2, cursor=page["nextCursor"])
        seen += [one["id"] for one in page["items"]]
    assert seen == made


async def test_a_change_changes_what_it_says_and_nothing_else(api, call, create):
    made = await create(description="mine")
    answer = await call("PATCH", f"{PATH}/{made['id']}", {"eventTypes": ["lead.*"], "description": "$set"})
    assert answer.status_code == 200
    made.pop("secret")
    assert answer.json() == {**made, "eventTypes": ["lead.*"], "description": "$set"}
    assert await api.get(f"{PATH}/{made['id']}") == answer.json()
    assert (await call("PATCH", f"{PATH}/{made['id']}", {})).json() == answer.json()


async def test_an_endpoint_is_disabled_and_enabled_by_hand(call, create):
    one = f"{PATH}/{(await create())['id']}"
    disabled = (await call("PATCH", one, {"enabled": False})).json()
    assert (disabled["state"], disabled["reason"]) == ("disabled", "It was disabled by hand.")
    enabled = (await call("PATCH", one, {"enabled": True})).json()
    assert (enabled["state"], enabled["reason"]) == ("enabled", None)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"enabled": "true"}, "/enabled"), ({"url": None}, "/url"), ({"state": "enabled"}, "/state"), ([], "")],
)
async def test_a_wrong_change_is_refused_with_a_pointer(refused, create, body, pointer):
    await refused("PATCH", f"{PATH}/{(await create())['id']}", body, pointer)


async def test_a_deleted_endpoint_is_gone(api, call, create):
    one = f"{PATH}/{(await create())['id']}"
    deleted = await call("DELETE", one)
    assert (deleted.status_code, deleted.content) == (204, b"")
    for method, path in [
        ("GET", one),
        ("DELETE", one),
        ("POST", f"{one}/test"),
        ("GET", f"{one}/deliveries"),
    ]:
        assert api.problem(await call(method, path), 404)["code"] == "not-found"
    api.problem(await call("PATCH", one, {"description": "x"}), 404)
    api.problem(await call("POST", f"{one}/rotate-secret"), 404)


# --- Secrets ---


async def test_a_rotation_shows_the_new_secret_and_says_when_the_old_one_ends(api, call, create):
    made = await create()
    answer = await call("POST", f"{PATH}/{made['id']}/rotate-secret")
    assert answer.status_code == 200
    assert answer.json()["secret"] != made["secret"]
    assert answer.json()["oldSecretsExpireAt"] == "2026-11-23T12:00:00Z"
    api.wait(hours=24)
    assert (await api.get(f"{PATH}/{made['id']}"))["oldSecretsExpireAt"] is None


@pytest.mark.parametrize(
    ("hours", "ends"), [(0, None), (1.5, "2026-11-22T13:30:00Z"), (168, "2026-11-29T12:00:00Z")]
)
async def test_the_overlap_can_be_chosen(call, create, hours, ends):
    one = f"{PATH}/{(await create())['id']}/rotate-secret"
    assert (await call("POST", one, {"overlapHours": hours})).json()["oldSecretsExpireAt"] == ends


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"overlapHours": -1}, "/overlapHours"),
        ({"overlapHours": 169}, "/overlapHours"),
        ({"overlapHours": "24"}, "/overlapHours"),
        ({"overlap": 24}, "/overlap"),
        ([], ""),
    ],
)
async def test_a_wrong_overlap_is_refused_and_nothing_is_rotated(api, refused, create, body, pointer):
    made = await create()
    await refused("POST", f"{PATH}/{made['id']}/rotate-secret", body, pointer)
    assert (await api.get(f"{PATH}/{made['id']}"))["oldSecretsExpireAt"] is None


async def test_too_many_rotations_conflict(api, call, create):
    one = f"{PATH}/{(await create())['id']}/rotate-secret"
    for _ in range(4):
        assert (await call("POST", one)).status_code == 200
    assert "overlapHours 0" in api.problem(await call("POST", one), 409)["detail"]
    assert (await call("POST", one, {"overlapHours": 0})).status_code == 200


async def test_a_secret_is_in_no_other_answer_and_in_no_log(api, call, receiver, capfd):
    set_up_logs("DEBUG")
    try:
        made = (await call("POST", PATH, {"url": receiver.url})).json()
        one = f"{PATH}/{made['id']}"
        secrets = [made["secret"], (await call("POST", f"{one}/rotate-secret")).json()["secret"]]
        answers = [
            await call("GET", PATH),
            await call("GET", one),
            await call("PATCH", one, {"description": "x"}),
            await call("POST", f"{one}/test"),
        ]
        receiver.will(receiver.answer(410))
        await drain(api.runtime)
        answers += [await call("GET", f"{one}/deliveries"), await call("GET", "/openapi.json")]
        answers += [await call("POST", f"{one}/test"), await call("DELETE", one)]
    finally:
        set_up_logs("WARNING")
    logged = "".join(capfd.readouterr())
    assert [answer.status_code for answer in answers] == [200, 200, 200, 202, 200, 200, 409, 204]
    assert made["id"] in logged, "the control: this is where logs go"
    for secret in secrets:
        bare = secret.removeprefix("whsec_")
        assert all(bare not in answer.text for answer in answers)
        assert bare not in logged


async def test_the_control_what_is_stored_would_be_found_in_the_log(capfd):
    set_up_logs("DEBUG")
    logging.getLogger("pymongo.command").setLevel(logging.DEBUG)
    logging.getLogger("pymongo.command").debug("shown: whsec_abc")
    set_up_logs("DEBUG")
    logging.getLogger("pymongo.command").debug("not shown: whsec_def")
    set_up_logs("WARNING")
    logged = "".join(capfd.readouterr())
    assert "shown: whsec_***" in logged, "it is logged, and hidden"
    assert "not shown" not in logged


# --- Sending ---


async def test_a_test_message_reaches_the_receiver_and_the_log_shows_the_attempt(
    api, call, endpoint, receiver
):
    api.clock.at = time.time_ns() // 1_000_000
    answer = await call("POST", f"{PATH}/{endpoint['id']}/test")
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["eventType"]) == ("pending", "webhook.test")
    receiver.will(receiver.answer(200, b"thanks"))
    await drain(api.runtime)
    (request,) = receiver.requests
    assert Webhook(endpoint["secret"]).verify(request.body, request.headers)["type"] == "webhook.test"
    (delivery,) = (await api.get(f"{PATH}/{endpoint['id']}/deliveries"))["items"]
    assert delivery["id"] == answer.json()["id"] == request.headers["webhook-id"]
    assert delivery["payload"] == request.body.decode()
    assert (delivery["state"], delivery["dueAt"]) == ("delivered", None)
    (attempt,) = delivery["attempts"]
    assert (attempt["number"], attempt["outcome"], attempt["statusCode"]) == (1, "delivered", 200)
    assert (attempt["answer"], attempt["detail"]) == ("thanks", "")
    assert 0 <= attempt["durationMs"] < 5000


async def test_deliveries_are_listed_newest_first_in_pages_and_by_state(api, call, endpoint, receiver):
    path, made = f"{PATH}/{endpoint['id']}", []
    receiver.will(receiver.answer(500), receiver.answer(200))
    for _ in range(5):
        made.insert(0, (await call("POST", f"{path}/test")).json()["id"])
        if len(made) <= 2:
            await drain(api.runtime)
        api.wait(seconds=1)
    page = await api.get(f"{path}/deliveries", limit=2)
    seen = [one["id"] for one in page["items"]]
    while page["nextCursor"]:
        page = await api.get(f"{path}/deliveries", limit=2, cursor=page["nextCursor"])
        seen += [one["id"] for one in page["items"]]
    assert seen == made
    by_state = {
        state: [one["id"] for one in (await api.get(f"{path}/deliveries", state=state))["items"]]
        for state in ("pending", "delivered", "failed", "dead")
    }
    assert by_state == {"pending": made[:3], "delivered": [made[3]], "failed": [made[4]], "dead": []}


async def test_a_replay_sends_the_same_message_again(api, call, endpoint, receiver):
    made = (await call("POST", f"{PATH}/{endpoint['id']}/test")).json()
    await drain(api.runtime)
    answer = await call("POST", f"/api/webhook-deliveries/{made['id']}/replay")
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    await drain(api.runtime)
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == made["id"]
    assert first.body == second.body


async def test_what_cannot_be_replayed_or_tested_says_why(api, call, endpoint):
    made = (await call("POST", f"{PATH}/{endpoint['id']}/test")).json()
    await call("PATCH", f"{PATH}/{endpoint['id']}", {"enabled": False})
    replay = f"/api/webhook-deliveries/{made['id']}/replay"
    assert "disabled" in api.problem(await call("POST", replay), 409)["detail"]
    assert "disabled" in api.problem(await call("POST", f"{PATH}/{endpoint['id']}/test"), 409)["detail"]
    api.problem(await call("POST", "/api/webhook-deliveries/msg_0/replay"), 404)


@pytest.mark.parametrize("query", ["state=done", "cursor=x", "limit=0", "limit=201", "stat=dead"])
async def test_a_wrong_parameter_is_refused_by_name(api, call, endpoint, query):
    problem = api.problem(await call("GET", f"{PATH}/{endpoint['id']}/deliveries?{query}"), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == [f"?{query.partition('=')[0]}"]


async def test_a_cursor_of_one_endpoint_is_refused_by_another(api, call, endpoint, create):
    for _ in range(2):
        await call("POST", f"{PATH}/{endpoint['id']}/test")
    cursor = (await api.get(f"{PATH}/{endpoint['id']}/deliveries", limit=1))["nextCursor"]
    other = f"{PATH}/{(await create())['id']}/deliveries"
    assert (
        api.problem(await call("GET", f"{other}?cursor={cursor}"), 400)["errors"][0]["pointer"] == "?cursor"
    )


async def test_the_body_of_a_call_is_described_in_the_openapi_document(api):
    paths = (await api.get("/openapi.json"))["paths"]
    shown = paths[PATH]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert shown["required"] == ["url"]
    assert set(shown["properties"]) == {"url", "eventTypes", "description"}
    assert shown["additionalProperties"] is False
    assert "requestBody" in paths[f"{PATH}/{{endpoint_id}}"]["patch"]


@pytest.mark.parametrize(("method", "path", "body"), [("GET", PATH, None), ("POST", PATH, {"url": URL})])
async def test_while_the_store_is_down_the_answer_is_503(api, call, method, path, body):
    async with api.failing("find", "insert", "aggregate", errorCode=8):
        answer = await call(method, path, body)
    assert api.problem(answer, 503)["code"] == "unavailable"
