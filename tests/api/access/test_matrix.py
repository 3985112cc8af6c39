"""Every route with every caller: nobody, a key of each scope, a person of each role. A new route needs a row here."""

from __future__ import annotations

import re

import pytest

OPEN, SESSION = "open", "session"

ROUTES = {
    # Health, documentation of figures
    ("get", "/health/live"): OPEN,
    ("get", "/health/ready"): OPEN,
    ("get", "/health/background"): "read",
    ("get", "/metrics"): "read",
    # Events and leads
    ("post", "/api/events"): "ingest",
    **{
        ("post", f"/v1/{name}"): "ingest"
        for name in ("batch", "b", "import", "t", "i", "p", "s", "g", "a", "track", "identify", "page")
    },
    **{("post", f"/v1/{name}"): "ingest" for name in ("screen", "group", "alias")},
    ("get", "/v1/projects/{write_key}/settings"): "ingest",
    ("post", "/v1/events"): "ingest",
    **{
        ("post", path): "ingest"
        for path in ("/batch", "/capture", "/e", "/i/v0/e", "/i/v0/ai/batch", "/flags", "/decide")
    },
    ("post", "/i/v1/analytics/events"): "ingest",
    ("get", "/api/leads"): "read",
    ("post", "/api/leads"): "ingest",
    ("get", "/api/leads/{lead_id}"): "read",
    ("get", "/api/leads/{lead_id}/intelligence"): "read",
    ("get", "/api/leads/{lead_id}/curve"): "read",
    ("get", "/api/leads/{lead_id}/timeline"): "read",
    ("get", "/api/leads/{lead_id}/history"): "read",
    ("get", "/api/leads/{lead_id}/events"): "read",
    ("post", "/api/leads/{lead_id}/retractions"): "work",
    ("get", "/api/leads/{lead_id}/export"): "manage",
    ("get", "/api/lead-counts"): "read",
    ("get", "/api/queue"): "read",
    ("get", "/api/stream"): "read",
    ("delete", "/api/leads/{lead_id}/personal-data"): "own",
    ("delete", "/api/leads/{lead_id}/block"): "own",
    # Automations and tasks
    ("get", "/api/automations/executions"): "read",
    ("get", "/api/tasks"): "read",
    ("post", "/api/tasks/{task_id}/assign"): "work",
    ("post", "/api/tasks/{task_id}/done"): "work",
    ("post", "/api/tasks/{task_id}/reopen"): "work",
    ("post", "/api/tasks/{task_id}/snooze"): "work",
    ("delete", "/api/tasks/{task_id}/snooze"): "work",
    # Calls and notes
    ("post", "/api/leads/{lead_id}/calls"): "work",
    ("post", "/api/leads/{lead_id}/notes"): "work",
    # Messages
    ("post", "/api/leads/{lead_id}/messages"): "work",
    ("post", "/api/leads/{lead_id}/replies"): "work",
    ("post", "/api/leads/{lead_id}/replies/{reply_id}/judgement"): "work",
    ("get", "/api/conversations"): "read",
    ("get", "/api/outreach/analytics"): "read",
    ("get", "/api/outreach/analytics.csv"): "read",
    ("get", "/api/outreach/analytics/leads"): "read",
    ("get", "/api/messages"): "read",
    ("get", "/api/sequences"): "read",
    ("get", "/api/sequences/{name}/{version}"): "read",
    ("get", "/api/sequences/{name}/{version}/explanation"): "read",
    ("get", "/api/sequences/{name}/{version}/calendar"): "read",
    ("get", "/api/sequences/{name}/{version}/enrolments"): "read",
    ("post", "/api/sequences/check"): "manage",
    ("post", "/api/sequences/explain"): "manage",
    ("post", "/api/sequences/activate"): "manage",
    ("post", "/api/sequences/{name}/deactivate"): "manage",
    ("post", "/api/sequences/{name}/enrolments"): "work",
    ("post", "/api/leads/{lead_id}/enrolments"): "work",
    ("get", "/api/leads/{lead_id}/enrolments"): "read",
    ("get", "/api/leads/{lead_id}/calendar"): "read",
    ("post", "/api/enrolments/{enrolment_id}/stop"): "work",
    ("get", "/api/campaigns"): "read",
    ("get", "/api/campaigns/{campaign_id}"): "read",
    ("get", "/api/campaigns/{campaign_id}/leads"): "read",
    ("post", "/api/campaigns"): "manage",
    ("patch", "/api/campaigns/{campaign_id}"): "manage",
    **{
        ("post", f"/api/campaigns/{{campaign_id}}/{call}"): "manage"
        for call in ("estimate", "start", "pause", "resume", "finish")
    },
    ("get", "/api/messages/{message_id}"): "read",
    ("post", "/api/messages/{message_id}/resolve"): "work",
    ("post", "/api/messages/{message_id}/retry"): "work",
    ("post", "/api/messages/{message_id}/discard"): "work",
    # Drafts
    ("post", "/api/leads/{lead_id}/drafts"): "work",
    ("get", "/api/drafts"): "read",
    ("get", "/api/drafts/{draft_id}"): "read",
    ("patch", "/api/drafts/{draft_id}"): "work",
    ("post", "/api/drafts/{draft_id}/approve"): "work",
    ("post", "/api/drafts/{draft_id}/reject"): "work",
    ("get", "/api/suppressions"): "manage",
    ("post", "/api/suppressions"): "manage",
    ("delete", "/api/suppressions/{entry_id}"): "manage",
    ("get", "/u/{token}"): OPEN,
    ("post", "/u/{token}"): OPEN,
    ("get", "/c/{token}"): OPEN,
    ("post", "/c/{token}"): OPEN,
    # Owners and claims
    ("put", "/api/leads/{lead_id}/owner"): "work",
    ("post", "/api/leads/{lead_id}/claim"): "work",
    ("delete", "/api/leads/{lead_id}/claim"): "work",
    ("post", "/api/leads/{lead_id}/snooze"): "work",
    ("delete", "/api/leads/{lead_id}/snooze"): "work",
    ("post", "/api/lead-changes"): "work",
    ("post", "/api/tasks"): "work",
    ("post", "/api/task-changes"): "work",
    # Identity
    ("post", "/api/leads/{lead_id}/merge"): "work",
    ("post", "/api/leads/{lead_id}/unmerge"): "work",
    ("get", "/api/duplicates"): "read",
    ("post", "/api/duplicates/{duplicate_id}/dismiss"): "work",
    # Accounts
    ("get", "/api/accounts"): "read",
    ("get", "/api/accounts/{account_id}"): "read",
    ("get", "/api/accounts/{account_id}/intelligence"): "read",
    ("get", "/api/accounts/{account_id}/leads"): "read",
    # Saved views
    ("get", "/api/views"): SESSION,
    ("get", "/api/views/{view_id}"): SESSION,
    ("post", "/api/views"): SESSION,
    ("patch", "/api/views/{view_id}"): SESSION,
    ("delete", "/api/views/{view_id}"): SESSION,
    # Rulebooks
    ("get", "/api/rulebooks"): "read",
    ("get", "/api/rulebooks/{name}/{version}"): "read",
    ("get", "/api/rulebooks/{name}/{version}/explanation"): "read",
    ("post", "/api/rulebooks/check"): "manage",
    ("post", "/api/rulebooks/explain"): "manage",
    ("post", "/api/rulebooks/diff"): "manage",
    ("post", "/api/rulebooks/preview"): "manage",
    ("post", "/api/rulebooks/publish"): "manage",
    ("post", "/api/rulebooks/rollback"): "manage",
    ("put", "/api/rulebooks/shadow"): "manage",
    ("get", "/api/rulebooks/shadow"): "manage",
    ("delete", "/api/rulebooks/shadow"): "manage",
    ("get", "/api/previews"): "manage",
    ("get", "/api/previews/{preview_id}"): "manage",
    ("get", "/api/previews/{preview_id}/leads"): "manage",
    ("delete", "/api/previews/{preview_id}"): "manage",
    ("post", "/api/rulebooks/activate"): "manage",
    # Signing in
    ("post", "/api/session/password"): OPEN,
    ("post", "/api/session/recovery"): OPEN,
    ("post", "/api/session/passkey/options"): OPEN,
    ("post", "/api/session/passkey"): OPEN,
    ("post", "/api/invites/open"): OPEN,
    ("post", "/api/invites/accept"): OPEN,
    # The signed-in person
    ("get", "/api/session"): SESSION,
    ("delete", "/api/session"): SESSION,
    ("get", "/api/me"): SESSION,
    ("patch", "/api/me"): SESSION,
    ("put", "/api/me/absence"): SESSION,
    ("put", "/api/me/password"): SESSION,
    ("post", "/api/me/recovery-codes"): SESSION,
    ("post", "/api/me/passkeys/options"): SESSION,
    ("post", "/api/me/passkeys"): SESSION,
    ("delete", "/api/me/passkeys/{passkey_id}"): SESSION,
    ("get", "/api/me/sessions"): SESSION,
    ("get", "/api/me/snoozes"): SESSION,
    ("delete", "/api/me/sessions"): SESSION,
    ("delete", "/api/me/sessions/{session_id}"): SESSION,
    # People
    ("get", "/api/people"): "read",
    ("get", "/api/people/{person_id}"): "read",
    ("put", "/api/people/{person_id}/role"): "manage",
    ("put", "/api/people/{person_id}/absence"): "manage",
    ("put", "/api/people/{person_id}/team"): "manage",
    ("post", "/api/people/{person_id}/deactivate"): "manage",
    ("post", "/api/people/{person_id}/reactivate"): "manage",
    ("post", "/api/people/{person_id}/sign-out"): "manage",
    ("get", "/api/invites"): "manage",
    ("post", "/api/invites"): "manage",
    ("delete", "/api/invites/{invite_id}"): "manage",
    ("get", "/api/people/{person_id}/hand-over"): "manage",
    ("post", "/api/people/{person_id}/hand-over"): "manage",
    # Routing
    ("get", "/api/models"): "read",
    ("post", "/api/models/{model}/activate"): "manage",
    ("post", "/api/models/rollback"): "manage",
    ("get", "/api/routing/active"): "manage",
    ("get", "/api/routing/versions"): "manage",
    ("post", "/api/routing/versions"): "manage",
    ("post", "/api/routing/versions/{version}/activate"): "manage",
    ("post", "/api/routing/deactivate"): "manage",
    ("post", "/api/routing/simulate"): "manage",
    ("get", "/api/routing/decisions"): "manage",
    # Administration
    ("post", "/api/keys"): "manage",
    ("get", "/api/keys"): "manage",
    ("get", "/api/keys/{key_id}"): "manage",
    ("post", "/api/keys/{key_id}/rotate"): "manage",
    ("post", "/api/keys/{key_id}/revoke"): "manage",
    ("post", "/api/sources"): "manage",
    ("get", "/api/sources"): "manage",
    ("get", "/api/sources/{source_id}"): "manage",
    ("patch", "/api/sources/{source_id}"): "manage",
    ("delete", "/api/sources/{source_id}"): "manage",
    ("get", "/api/sources/{source_id}/rejected"): "manage",
    ("post", "/api/sources/{source_id}/rejected/replay"): "manage",
    ("get", "/api/audit"): "manage",
    ("get", "/api/event-log"): "manage",
    ("get", "/api/ops"): "manage",
    ("get", "/api/dead-letters"): "manage",
    ("get", "/api/dead-letters/{lead_id}"): "manage",
    ("post", "/api/dead-letters/{lead_id}/retry"): "manage",
    ("post", "/api/dead-letters/{lead_id}/discard"): "manage",
    ("get", "/api/work"): "manage",
    ("post", "/api/work/{kind}/{unit_id}/hold"): "manage",
    ("post", "/api/work/{kind}/{unit_id}/resume"): "manage",
    ("post", "/api/work/{kind}/{unit_id}/retry"): "manage",
    ("post", "/api/work/{kind}/{unit_id}/discard"): "manage",
    ("post", "/api/webhook-endpoints"): "manage",
    ("get", "/api/webhook-endpoints"): "manage",
    ("get", "/api/webhook-endpoints/{endpoint_id}"): "manage",
    ("patch", "/api/webhook-endpoints/{endpoint_id}"): "manage",
    ("delete", "/api/webhook-endpoints/{endpoint_id}"): "manage",
    ("post", "/api/webhook-endpoints/{endpoint_id}/rotate-secret"): "manage",
    ("post", "/api/webhook-endpoints/{endpoint_id}/test"): "manage",
    ("get", "/api/webhook-endpoints/{endpoint_id}/deliveries"): "manage",
    ("post", "/api/hooks"): "manage",
    ("get", "/api/hooks"): "manage",
    ("get", "/api/hooks/{hook_id}"): "manage",
    ("patch", "/api/hooks/{hook_id}"): "manage",
    ("delete", "/api/hooks/{hook_id}"): "manage",
    ("post", "/api/hooks/{hook_id}/rotate-secret"): "manage",
    ("post", "/api/imports"): "manage",
    ("post", "/api/imports/inspect"): "manage",
    ("get", "/api/imports"): "manage",
    ("get", "/api/imports/{import_id}"): "manage",
    ("get", "/api/imports/{import_id}/rejects"): "manage",
    ("delete", "/api/imports/{import_id}"): "manage",
    ("get", "/api/import-mappings"): "manage",
    ("get", "/api/import-mappings/{mapping_name}"): "manage",
    ("put", "/api/import-mappings/{mapping_name}"): "manage",
    ("delete", "/api/import-mappings/{mapping_name}"): "manage",
    ("post", "/api/forms"): "manage",
    ("get", "/api/forms"): "manage",
    ("get", "/api/forms/{form_key}"): "manage",
    ("patch", "/api/forms/{form_key}"): "manage",
    ("delete", "/api/forms/{form_key}"): "manage",
    ("post", "/f/{form_key}"): OPEN,
    ("get", "/f/{form_key}"): OPEN,
    ("get", "/f/{form_key}/thanks"): OPEN,
    # Webhooks of providers, which their signature authenticates
    ("post", "/v1/hooks/{provider}/{hook_id}"): OPEN,
    ("get", "/v1/hooks/{provider}/{hook_id}"): OPEN,
    ("post", "/api/webhook-deliveries/{delivery_id}/replay"): "manage",
}
KEYS = ("ingest", "read", "work", "manage", "own")
ROLES = {
    "viewer": {"read", SESSION},
    "rep": {"read", "work", SESSION},
    "admin": {"read", "work", "ingest", "manage", SESSION},
    "owner": {"read", "work", "ingest", "manage", "own", SESSION},
}
REFUSED = (401, 403, 429, 500)
FROM_ELSEWHERE = ("/f/", "/u/", "/c/", "/v1/hooks/")
"""Calls that pages and servers of others make, and that no session is used for."""


@pytest.fixture
async def described(api):
    """Every call in the OpenAPI document with the scope that it names."""
    document = await api.get("/openapi.json")
    return {
        (method, path): needed(call)
        for path, methods in document["paths"].items()
        for method, call in methods.items()
    }


def needed(call):
    """The one scope that each way to show a credential asks for."""
    ways = {scheme: scopes for way in call.get("security", ()) for scheme, scopes in way.items()}
    if not ways:
        return OPEN
    if set(ways) == {"session"}:
        return SESSION
    assert set(ways) == {"bearer", "apiKey", "basic", "session"}
    (scope,) = {scope for scopes in ways.values() for scope in scopes}
    return scope


def address(path):
    ends_at_once = "?after=nothing" if path == "/api/stream" else ""
    return re.sub(r"{\w+}", "nothing", path) + ends_at_once


async def test_every_route_has_a_row_and_is_documented_as_it_says(described):
    assert described == ROUTES


async def test_nobody_may_make_the_open_calls_only(api):
    for (method, path), scope in ROUTES.items():
        answer = await api.ask(method, address(path), None)
        if path.startswith(("/u/", "/c/")):
            assert answer.status_code == 404, path  # a page for people
        elif scope is OPEN and "{" in path:
            assert api.problem(answer, 404)["code"] == "not-found", path
        elif scope is OPEN:
            assert answer.status_code in {200, 403}, path  # signing in is for pages of the console
            if answer.status_code == 403:
                assert answer.json()["code"] == "cross-site"
        else:
            assert api.problem(answer, 401)["code"] == "unauthorized", path
            challenge = answer.headers["www-authenticate"]  # of a key in the path, it says that it is none
            invalid = ', error="invalid_token"' if "{write_key}" in path else ""
            assert challenge in {'Bearer realm="lead-engine"', f'Bearer realm="lead-engine"{invalid}'}, path


@pytest.mark.parametrize("scope", KEYS)
async def test_a_key_may_make_the_calls_of_its_scope_and_no_other(api, scope):
    key = (await api.new_key(scope)).token.text
    for (method, path), need in ROUTES.items():
        if need is OPEN:
            continue
        answer = await api.ask(method, address(path), key)
        if need == scope:
            assert answer.status_code not in REFUSED, (method, path, answer.text)
        else:
            assert api.problem(answer, 403)["code"] == "forbidden", path
            if need is not SESSION:
                ending = f'error="insufficient_scope", scope="{need}"'
                assert answer.headers["www-authenticate"].endswith(ending)


@pytest.mark.parametrize("role", ROLES)
async def test_a_person_may_make_the_calls_of_the_role_and_no_other(api, role):
    for number, ((method, path), need) in enumerate(ROUTES.items()):
        async with api.signed_in(role, f"{number}@example.com") as ben:  # some calls end the session
            answer = await ben.http.request(method, address(path))
        if need is OPEN or need in ROLES[role]:
            assert answer.status_code not in REFUSED, (method, path, answer.text)
        else:
            assert api.problem(answer, 403)["code"] == "forbidden", path
            assert role in answer.json()["detail"]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "evil"])
async def test_a_page_of_another_site_changes_nothing_with_the_session(api, site):
    async with api.signed_in("owner") as ada:
        for (method, path), need in ROUTES.items():
            if method == "get" or path.startswith(FROM_ELSEWHERE):
                continue
            answer = await ada.http.request(method, address(path), headers={"sec-fetch-site": site})
            assert api.problem(answer, 403)["code"] == "cross-site", (method, path, need)


async def test_a_key_with_every_scope_may_make_every_call_but_those_of_a_person(api):
    for (method, path), need in ROUTES.items():
        if need in {OPEN, SESSION}:
            continue
        answer = await api.ask(method, address(path), api.key.token.text)
        assert answer.status_code not in REFUSED, (method, path, answer.text)
