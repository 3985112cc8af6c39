"""Authorization of every call in the OpenAPI document, with every scope."""

from __future__ import annotations

import re

import pytest
from litestar import get

from api.access.scopes import REQUIRED_SCOPE
from api.app import create_framework
from engine.access.keys.key import SCOPES

OPEN = {("get", "/health/live"), ("get", "/health/ready")}
NOT_DESCRIBED = ("/", "/openapi.json", "/docs", "/docs/")


@pytest.fixture
async def calls(api):
    """Every described call with the scope that it needs, None if it is open."""
    document = await api.get("/openapi.json")
    return {
        (method, path): needed(call)
        for path, methods in document["paths"].items()
        for method, call in methods.items()
    }


def needed(call):
    """The one scope that each of the three ways to show a key asks for."""
    ways = {scheme: scopes for way in call.get("security", ()) for scheme, scopes in way.items()}
    if not ways:
        return None
    assert set(ways) == {"bearer", "apiKey", "basic"}
    (scope,) = {scope for scopes in ways.values() for scope in scopes}
    return scope


def address(path):
    return re.sub(r"{\w+}", "nothing", path)


async def test_every_described_call_needs_a_scope_but_health(calls):
    assert {call for call, scope in calls.items() if scope is None} == OPEN
    assert set(calls.values()) - {None} == set(SCOPES)


async def test_calls_that_need_no_key_or_any_key_are_as_documented(api, calls):
    assert calls["post", "/api/events"] == "ingest"
    assert calls["get", "/api/leads"] == calls["get", "/metrics"] == "read"
    assert calls["get", "/api/keys"] == calls["post", "/api/webhook-endpoints"] == "manage"
    for path in NOT_DESCRIBED:
        assert (await api.ask("get", path, None)).status_code in {200, 302}


async def test_without_a_key_every_call_that_needs_one_is_401(api, calls):
    for (method, path), scope in calls.items():
        answer = await api.ask(method, address(path), None)
        if scope is None:
            assert answer.status_code == 200
        else:
            assert api.problem(answer, 401)["code"] == "unauthorized", path
            assert answer.headers["www-authenticate"] == 'Bearer realm="lead-engine"'


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_key_with_one_scope_may_make_the_calls_of_this_scope_and_no_other(api, calls, scope):
    key = (await api.new_key(scope)).token.text
    for (method, path), need in calls.items():
        answer = await api.ask(method, address(path), key)
        if need in (scope, None):
            assert answer.status_code not in {401, 403, 429, 500}, (method, path, answer.text)
        else:
            assert api.problem(answer, 403)["code"] == "forbidden", path
            assert answer.headers["www-authenticate"].endswith(f'error="insufficient_scope", scope="{need}"')


async def test_a_key_with_every_scope_may_make_every_call(api, calls):
    for method, path in calls:
        answer = await api.ask(method, address(path), api.key.token.text)
        assert answer.status_code not in {401, 403, 429, 500}, (method, path, answer.text)


async def test_nothing_happens_when_a_call_is_refused(api):
    reader = (await api.new_key("read")).token.text
    for key in (None, reader):
        answer = await api.send({"leadId": "ada", "type": "page_view"}, authorization=f"Bearer {key}")
        assert answer.status_code in {401, 403}
    assert await api.stored() == 0


def test_every_route_declares_its_required_scope():
    assert undeclared(create_framework(None)) == set()


def test_a_route_that_says_nothing_is_noticed():
    """The control for the test above."""

    @get("/new")
    async def new() -> None: ...

    app = create_framework(None)
    app.register(new)
    assert undeclared(app) == {"/new"}


def undeclared(app):
    return {
        route.path
        for route in app.routes
        for handler in route.route_handlers
        if REQUIRED_SCOPE not in handler.opt
    }


async def test_a_call_that_says_nothing_is_closed_to_all_but_managers(api):
    @get("/forgotten", include_in_schema=False)
    async def forgotten() -> str:
        return "x"

    api.framework.register(forgotten)
    assert (await api.ask("get", "/forgotten", None)).status_code == 401
    assert (await api.ask("get", "/forgotten", (await api.new_key("read")).token.text)).status_code == 403
    assert (await api.ask("get", "/forgotten", (await api.new_key("manage")).token.text)).status_code == 200
