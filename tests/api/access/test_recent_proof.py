"""Step-up: calls whose effect outlives a session need a recent sign-in of a person, every other call does not."""

from __future__ import annotations

import pytest

from api.access.recent_proof import needs_recent_proof
from api.app import create_framework
from tests.api.access.test_matrix import OPEN, ROUTES, address

BY_GUARD = {
    ("post", "/api/keys"),
    ("post", "/api/keys/{key_id}/rotate"),
    ("post", "/api/invites"),
    ("put", "/api/people/{person_id}/role"),
    ("post", "/api/people/{person_id}/reactivate"),
    ("get", "/api/leads/{lead_id}/export"),
    ("delete", "/api/leads/{lead_id}/personal-data"),
    ("post", "/api/rulebooks/activate"),
    ("post", "/api/rulebooks/publish"),
    ("post", "/api/rulebooks/rollback"),
    ("post", "/api/sources"),
    ("post", "/api/webhook-endpoints"),
    ("patch", "/api/webhook-endpoints/{endpoint_id}"),
    ("post", "/api/webhook-endpoints/{endpoint_id}/rotate-secret"),
    ("post", "/api/hooks"),
    ("post", "/api/hooks/{hook_id}/rotate-secret"),
}
BY_HANDLER = {
    ("post", "/api/me/recovery-codes"),
    ("post", "/api/me/passkeys"),
    ("put", "/api/me/password"),
    ("delete", "/api/me/passkeys/{passkey_id}"),
}
"""Those that look at the body, or whether there is such a passkey, first; their tests are in `tests/api/people`."""


def guarded():
    return {
        (method.lower(), route.path_format)
        for route in create_framework(None).routes
        for handler in getattr(route, "route_handlers", ())
        for method in handler.http_methods
        if needs_recent_proof in (handler.guards or ())
    }


def test_the_table_names_every_call_with_the_guard():
    assert guarded() == BY_GUARD


async def test_an_old_session_makes_every_call_but_those(api):
    refused = set()
    for number, (method, path) in enumerate(ROUTES):
        async with api.signed_in("owner", f"{number}@example.com") as ada:  # some calls end the session
            api.wait(minutes=10)
            answer = await ada.http.request(method, address(path))
        if answer.status_code == 403 and answer.json()["code"] == "proof-needed":
            refused.add((method, path))
    assert refused - BY_HANDLER == BY_GUARD


@pytest.mark.parametrize("call", sorted(BY_GUARD), ids=str)
async def test_up_to_ten_minutes_after_signing_in_it_is_not_asked_for_again(api, call):
    async with api.signed_in("owner") as ada:
        api.wait(minutes=9, seconds=59)
        answer = await ada.http.request(call[0], address(call[1]))
        assert answer.json().get("code") != "proof-needed"
        api.wait(seconds=1)
        assert api.problem(await ada.http.request(call[0], address(call[1])), 403)["code"] == "proof-needed"


async def test_signing_in_again_is_the_proof(api):
    async with api.signed_in("owner") as ada:
        api.wait(minutes=30)
        body = {"name": "site", "scopes": ["read"]}
        api.problem(await ada.http.post("/api/keys", json=body), 403)
        again = await api.runtime.people.sessions.start(ada.person.person_id, "", "127.0.0.1", api.clock.at)
        ada.http.cookies.set(api.authenticator.context.browsers.cookie, again.token)
        assert (await ada.http.post("/api/keys", json=body)).status_code == 201


async def test_a_key_is_its_own_proof(api):
    api.wait(days=1)
    for method, path in BY_GUARD:
        answer = await api.http.request(method, address(path))
        assert answer.status_code != 403, (path, answer.text)


def test_the_table_has_calls_that_exist():
    assert {call for call, scope in ROUTES.items() if scope is not OPEN} >= BY_GUARD | BY_HANDLER
