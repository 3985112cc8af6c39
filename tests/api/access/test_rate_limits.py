"""Rate limits: how often a caller may call, and the headers that report the quota."""

from __future__ import annotations

import re

import pytest

from engine.access.rate_limits.policy import Policy
from engine.access.rate_limits.shared_buckets import connect_redis

THREE = Policy("key", rate=1 / 60, burst=3)
VIEW = {"leadId": "ada", "type": "page_view"}


@pytest.fixture
async def key(api):
    return (await api.new_key("ingest", "read")).token.text


async def statuses(api, path, key, times=4):
    return [(await api.ask("get", path, key)).status_code for _ in range(times)]


async def test_a_response_reports_the_limit_and_what_is_left(api, key):
    answer = await api.ask("get", "/api/leads", key)
    assert answer.headers["ratelimit-policy"] == '"key";q=10000;w=2'
    assert re.fullmatch(r'"key";r=\d+;t=[0-2]', answer.headers["ratelimit"])
    assert "retry-after" not in answer.headers


async def test_an_exhausted_key_gets_429_with_the_time_to_wait(api, key, limit):
    limit("keys", THREE)
    quotas = [(await api.ask("get", "/api/leads", key)).headers["ratelimit"] for _ in range(3)]
    answer = await api.ask("get", "/api/leads", key)
    assert api.problem(answer, 429)["code"] == "too-many-requests"
    assert 30 <= int(answer.headers["retry-after"]) <= 60
    left_and_full_in = [
        re.fullmatch(r'"key";r=(\d);t=(\d+)', one) for one in [*quotas, answer.headers["ratelimit"]]
    ]
    assert [int(found[1]) for found in left_and_full_in] == [2, 1, 0, 0]
    for found, most in zip(left_and_full_in, (60, 120, 180, 180), strict=True):
        assert most - 30 <= int(found[2]) <= most
    assert answer.headers["ratelimit-policy"] == '"key";q=3;w=180'


async def test_nothing_of_a_refused_request_is_taken(api, key, limit):
    limit("keys", THREE)
    answers = [await api.send(VIEW, authorization=f"Bearer {key}") for _ in range(5)]
    assert [one.status_code for one in answers] == [202, 202, 202, 429, 429]
    assert await api.stored() == 3


async def test_a_refused_answer_counts_too(api, key, limit):
    limit("keys", THREE)
    assert await statuses(api, "/api/keys", key) == [403, 403, 403, 429]
    assert await statuses(api, "/api/leads", key, 1) == [429]


async def test_each_key_is_counted_on_its_own_and_its_address_does_not_matter(api, key, limit):
    limit("keys", THREE)
    limit("addresses", Policy("address", rate=1 / 60, burst=1))
    other = (await api.new_key("read")).token.text
    assert await statuses(api, "/api/leads", key) == [200, 200, 200, 429]
    assert await statuses(api, "/api/leads", other) == [200, 200, 200, 429]


async def test_a_rotated_key_is_still_the_same_caller(api, key, limit):
    limit("keys", THREE)
    assert await statuses(api, "/api/leads", key, 3) == [200, 200, 200]
    key_id = f"key_{key.split('_')[1]}"
    new = (await api.http.post(f"/api/keys/{key_id}/rotate")).json()["key"]
    assert await statuses(api, "/api/leads", new, 1) == [429]


async def test_calls_that_need_no_key_are_counted_by_address(api, limit):
    limit("addresses", Policy("address", rate=1 / 60, burst=3))
    assert await statuses(api, "/openapi.json", None) == [200, 200, 200, 429]
    assert await statuses(api, "/docs", None, 1) == [429]
    answer = await api.ask("options", "/api/events", None)
    assert api.problem(answer, 429)["code"] == "too-many-requests"


@pytest.mark.parametrize(
    ("method", "path"), [("get", "/f/none"), ("post", "/f/none"), ("post", "/v1/hooks/mailgun/none")]
)
async def test_forms_and_webhooks_of_providers_are_counted_by_address(api, limit, method, path):
    limit("addresses", Policy("address", rate=1 / 60, burst=2))
    assert [(await api.ask(method, path, None)).status_code for _ in range(3)] == [404, 404, 429]


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/track", "/batch/", "/v1/events"])
async def test_formats_of_clients_are_counted_by_their_write_key(api, limit, path):
    source = (await api.http.post("/api/sources", json={"name": "website"})).json()
    limit("keys", THREE)
    answers = [await api.ask("post", path, source["writeKey"]) for _ in range(4)]
    assert [one.status_code == 429 for one in answers] == [False, False, False, True]
    assert "retry-after" in answers[-1].headers


async def test_health_is_not_counted(api, limit):
    limit("addresses", Policy("address", rate=1 / 60, burst=1))
    assert await statuses(api, "/health/live", None) == [200] * 4
    assert "ratelimit" not in (await api.ask("get", "/health/ready", None)).headers


async def test_with_a_key_of_web_pages_each_address_is_counted_too(api, limit):
    limit("addresses", Policy("address", rate=1 / 60, burst=2))
    shop = "https://shop.example"
    public = (await api.new_key("ingest", origins=(shop,))).token.text
    answers = [await api.send(VIEW, authorization=f"Bearer {public}", origin=shop) for _ in range(3)]
    assert [one.status_code for one in answers] == [202, 202, 429]
    assert answers[2].headers["access-control-allow-origin"] == shop
    assert answers[2].headers["ratelimit-policy"].startswith('"address"')


@pytest.mark.parametrize("name", ["keys", "failures"])
async def test_without_redis_the_limits_hold_within_the_process(api, key, limit, name):
    limit(name, THREE, connect_redis("redis://127.0.0.1:1/0"))
    shown = key if name == "keys" else None
    good = 200 if name == "keys" else 401
    assert await statuses(api, "/api/leads", shown) == [good] * 3 + [429]


async def test_figures_say_how_many_were_turned_away(api, key, limit):
    limit("keys", THREE)

    async def figures():
        text = (await api.http.get("/metrics")).text
        return dict(re.findall(r'lead_engine_refused_requests_total{reason="([\w-]+)"} (\d+)', text))

    before = await figures()
    await statuses(api, "/api/keys", key, 2)
    await statuses(api, "/api/leads", key, 3)
    await statuses(api, "/api/leads", None, 1)
    after = await figures()
    grown = {reason: int(after[reason]) - int(before[reason]) for reason in after}
    assert grown == {
        "unauthorized": 1,
        "forbidden": 2,
        "cross-site": 0,
        "too-many-requests": 2,
        "too-many-failures": 0,
    }
