"""Whatever a request may ask of a long lead or a long list: others get their turn meanwhile, with ten of it at once."""

from __future__ import annotations

import asyncio
import gc
import json
import re

import pytest

from api.app import create_framework
from engine.process.gc_tuning import freeze_heap
from tests.loop_turns import unit_of_work, watched_turns
from tests.sweeps import sweep

AT_ONCE = 10
ROUNDS = 3
"""A stretch without a turn is in what the code does, so it is in each round; another program's part of the core is not."""
MAX_UNITS = 10
"""Units of work (`tests/loop_turns.py`) between two turns: 0.1 s on a core of its own, as long as `/health/live` may wait."""
LARGE = {"text": "x" * 30_000, "email": "hot@example.com"}
ENDLESS = {"/api/stream"}


def calls():
    """Every route with a lead in its path, and every list; those that change a lead come last."""
    return sorted(
        (
            (method, route.path)
            for route in create_framework(None).routes
            for method in route.methods - {"OPTIONS", "HEAD"}
            if route.path.startswith(("/api/", "/v1/")) and route.path not in ENDLESS
        ),
        key=lambda call: (call[0] == "DELETE", call[0] != "GET", call),
    )


def kind(method, path):
    """What calls read that are alike: each answer about a lead, lists by what they list, and what empty bodies come to."""
    about_a_lead = "{lead_id" in path
    if method != "GET":
        return method, about_a_lead
    return path if about_a_lead else path.split("/")[2]


async def others_get_their_turn(call):
    """Makes ten calls at once, of which none may fail for a reason of ours, and measures the longest stretch."""
    for _ in range(ROUNDS):
        with watched_turns() as turns:
            statuses = set(await asyncio.gather(*(call() for _ in range(AT_ONCE))))
        assert all(status < 500 or status == 503 for status in statuses)
        if turns.longest < MAX_UNITS * unit_of_work():
            return
    pytest.fail(f"{turns.longest:.3f} s without a turn, in each of {ROUNDS} rounds")


@pytest.fixture(scope="module", autouse=True)
def frozen():
    """As in the process of the API: what the tests have loaded is no work for the garbage collector."""
    threshold = gc.get_threshold()
    freeze_heap()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


@pytest.fixture(scope="module")
def filled():
    """Whether the hot lead is stored."""
    return []


@pytest.fixture
async def hot(served, filled):
    """A lead of 4,000 events, 200 of them large and sealed, all applied."""
    if not filled:
        await served.reset()
        for start in range(0, 3800, 950):
            await served.store(
                *(
                    {"leadId": "hot", "type": "page_view", "eventId": f"{n}"}
                    for n in range(start, start + 950)
                )
            )
        for start in range(0, 200, 20):
            await served.store(
                *(
                    {"leadId": "hot", "type": "form", "properties": {**LARGE, "n": start + n}}
                    for n in range(20)
                )
            )
        await served.work()
        filled.append(True)
    return served


@pytest.mark.parametrize(("method", "path"), sweep(calls(), kind), ids=lambda part: part)
async def test_others_get_their_turn_beside_ten_of_any_call(hot, method, path):
    filled = re.sub(r"{lead_id(:\w+)?}", "hot", path)
    filled = re.sub(r"{\w+(:\w+)?}", "none", filled)
    query = {"limit": 200} if method == "GET" and await takes_limit(hot, filled) else None
    if path.endswith("/intelligence"):
        query = {"asOf": hot.at(hours=1)}

    async def once():
        body = {} if method in ("POST", "PUT", "PATCH") else None
        async with hot.http.stream(method, filled, params=query, json=body) as answer:
            async for _ in answer.aiter_raw():
                pass
            return answer.status_code

    await once()  # what is imported or compiled with the first call is not meant
    await others_get_their_turn(once)


BODIES = {
    "many events": [{"leadId": f"l{n}", "type": "page_view"} for n in range(1000)],
    "sealed text": [{"leadId": "l", "type": "form", "properties": {"email": "x" * 31_000}}] * 30,
    "numbers in text": [{"leadId": "l", "type": "form", "properties": {"text": "+49 170 1234567 " * 1900}}]
    * 30,
    "digits": [{"leadId": "l", "type": "form", "properties": {"text": "1" * 31_000}}] * 30,
    "addresses in text": [{"leadId": "l", "type": "form", "properties": {"text": "a@b.example " * 2500}}]
    * 30,
    "nearly addresses": [{"leadId": "l", "type": "form", "properties": {"text": "a@" * 15_000}}] * 30,
    "many properties": [{"leadId": "l", "type": "form", "properties": {f"p{n}": n for n in range(3000)}}]
    * 25,
    "wrong events": [{"leadId": "", "type": "", "x": 1}] * 20_000,
    "no events": [1] * 500_000,
    "nested": [[[[[[[]]]]]]] * 60_000,
    "nested in an event": {"leadId": "l", "type": "x", "properties": {"a": [[[[[[[]]]]]]] * 60_000}},
    "as many lists as there may be": [{"leadId": "l", "type": "x", "properties": {"a": [[]] * 1_500}}] * 33,
    "whole numbers": [{"leadId": "l", "type": "x", "properties": {"a": [1] * 15_600}}] * 32,
    "numbers": [{"leadId": "l", "type": "x", "properties": {"a": [1.5, 1] * 5_000}}] * 32,
    "one wrong field": {"x" * 1_000_000: 1},
}


IN_BRIEF = {
    ("/api/events", "sealed text"),
    ("/api/events", "addresses in text"),
    ("/api/events", "wrong events"),
    ("/api/events", "nested in an event"),
    ("/api/events", "numbers"),
    ("/api/keys", "no events"),
    ("/api/webhook-endpoints", "whole numbers"),
}
"""Bodies that take different ways: sealed, searched, refused, measured, decoded."""


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param(path, name, marks=[] if (path, name) in IN_BRIEF else [pytest.mark.long])
        for path in ("/api/events", "/api/keys", "/api/webhook-endpoints")
        for name in BODIES
    ],
)
async def test_others_get_their_turn_beside_ten_of_the_largest_bodies(api, path, name):
    raw = json.dumps(BODIES[name], separators=(",", ":")).encode()[: 1024 * 1024]
    for prefer in ({}, {"prefer": "handling=lenient"}):
        headers = {"content-type": "application/json", **prefer}

        async def once(headers=headers):
            return (await api.http.post(path, content=raw, headers=headers)).status_code

        await once()
        await others_get_their_turn(once)


async def takes_limit(api, path):
    async with api.http.stream("GET", path, params={"limit": 1}) as answer:
        return answer.status_code == 200


async def test_a_handler_that_does_it_all_in_one_piece_is_noticed():
    """The control."""

    async def in_one_piece():
        for _ in range(2 * MAX_UNITS):
            unit_of_work(rounds=1)

    with watched_turns() as turns:
        await asyncio.gather(in_one_piece(), asyncio.sleep(0.01))
    assert turns.longest > MAX_UNITS * unit_of_work()
