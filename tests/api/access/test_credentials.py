"""Authentication: the three ways to send a key, and the refusal of invalid ones."""

from __future__ import annotations

import asyncio
import base64

import pytest

from engine.access.keys.token import new_key_id, new_token
from engine.access.rate_limits.policy import Policy


@pytest.fixture
async def key(api):
    return (await api.new_key("read")).token.text


@pytest.fixture
def three_failures(limit):
    """An address may fail three times, then once a minute."""
    limit("failures", Policy("failures", 1 / 60, 3))


def basic(user, password=""):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def unknown():
    """A key that looks like one and is none."""
    return new_token(new_key_id()).text


@pytest.mark.parametrize(
    "headers",
    [
        lambda key: {"authorization": f"Bearer {key}"},
        lambda key: {"authorization": f"bearer  {key}"},
        lambda key: {"authorization": basic(key)},
        lambda key: {"authorization": basic(key, "anything")},
        lambda key: {"x-api-key": key},
        lambda key: {"x-api-key": key, "authorization": basic("login", "of a proxy")},
    ],
)
async def test_a_key_is_sent_as_bearer_as_the_user_of_basic_or_in_a_header_of_its_own(api, key, headers):
    assert (await api.ask("get", "/api/leads", None, **headers(key))).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        lambda key: {"authorization": key},
        lambda key: {"authorization": f"Digest {key}"},
        lambda key: {"authorization": f"Bearer {key}x"},
        lambda key: {"authorization": f"Bearer {key[:-1]}"},
        lambda key: {"authorization": f"Bearer {key.upper()}"},
        lambda key: {"authorization": f"Bearer {key} {key}"},
        lambda key: {"authorization": "Bearer"},
        lambda key: {"authorization": ""},
        lambda key: {"authorization": basic("", key)},
        lambda key: {"authorization": "Basic ????"},
        lambda key: {"authorization": f"Basic {key}"},
        lambda key: {"x-api-key": ""},
        lambda key: {"x-api-key": f"Bearer {key}"},
        lambda key: {"x-api-key": unknown(), "authorization": f"Bearer {key}"},
        lambda key: {"authorization": f"Bearer {unknown()}"},
        lambda key: {"authorization": "Bearer " + key[:-64] + unknown()[-64:]},
        lambda key: {"authorization": b"Bearer \xff\xfe"},
    ],
)
async def test_what_is_no_valid_key_is_401(api, key, headers):
    answer = await api.ask("get", "/api/leads", None, **headers(key))
    assert api.problem(answer, 401)["code"] == "unauthorized"
    assert answer.headers["www-authenticate"] == 'Bearer realm="lead-engine", error="invalid_token"'
    assert key not in answer.text


async def test_a_key_in_the_query_is_not_taken(api, key):
    assert (await api.ask("get", f"/api/leads?api_key={key}", None)).status_code == 401


async def test_after_some_failures_an_address_gets_429_until_it_may_try_again(api, three_failures):
    for _ in range(3):
        assert (await api.ask("get", "/api/leads", unknown())).status_code == 401
    answer = await api.ask("get", "/api/leads", unknown())
    assert api.problem(answer, 429)["code"] == "too-many-failures"
    assert answer.headers["retry-after"] == "60"


async def test_requests_without_a_key_count_as_failures_too(api, three_failures):
    statuses = [(await api.ask("get", "/api/leads", None)).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]


async def test_a_valid_key_is_accepted_after_any_number_of_invalid_ones_from_its_address(
    api, key, three_failures
):
    await api.authenticator.context.keyring.refresh()
    for _ in range(5):
        await api.ask("get", "/api/leads", unknown())
    assert (await api.ask("get", "/api/leads", unknown())).status_code == 429
    assert (await api.ask("get", "/api/leads", key)).status_code == 200


async def test_many_unknown_keys_at_once_make_few_looks_into_the_store(api, monkeypatch):
    looks = 0
    active = api.runtime.access.keys.active

    async def counted():
        nonlocal looks
        looks += 1
        return await active()

    monkeypatch.setattr(api.runtime.access.keys, "active", counted)
    answers = await asyncio.gather(*(api.ask("get", "/api/leads", unknown()) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {401}
    assert 1 <= looks <= 6


async def test_a_known_key_is_accepted_while_the_store_is_down_and_an_unknown_one_is_503(api, key):
    assert (await api.ask("get", "/api/leads", key)).status_code == 200
    async with api.failing("find", errorCode=8):
        answer = await api.ask("get", "/api/leads?limit=0", key)
        assert (
            api.problem(answer, 400)["errors"][0]["pointer"] == "?limit"
        )  # it came as far as its parameters
        answer = await api.ask("get", "/api/leads?limit=0", unknown())
        assert api.problem(answer, 503)["code"] == "unavailable"
        assert "retry-after" in answer.headers


async def test_no_key_is_in_the_log(api, key, caplog):
    caplog.set_level("DEBUG")
    wrong = unknown()
    for shown in (key, wrong):
        await api.ask("get", "/api/leads", shown)
        await api.ask("post", "/api/keys", shown)
    assert key[-64:] not in caplog.text
    assert wrong[-64:] not in caplog.text
