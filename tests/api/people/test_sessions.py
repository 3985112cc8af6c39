"""Sessions as an attacker would try them: fixation, replay, cross-site requests, revoked sessions, guessed passwords."""

from __future__ import annotations

import asyncio

import pytest

from domain.instant import HOUR, MINUTE
from engine.access.rate_limits.policy import Policy
from engine.people.session_cache import SessionCache
from tests.authenticator import Authenticator
from workflows.people.invites import invite_first_owner

PASSWORD = "correct horse battery"
FORM = {"name": "Ada Lovelace", "email": "ada@example.com", "password": PASSWORD}
SIGN_IN = {"email": "ada@example.com", "password": PASSWORD}
COOKIE = "lead-engine-8000"


@pytest.fixture
async def ada(api):
    """The browser of the first owner, who has just joined."""
    link = await invite_first_owner(api.runtime)
    async with api.browser() as http:
        answer = await http.post("/api/invites/accept", json={"token": link.token, **FORM})
        assert answer.status_code == 201, answer.text
        yield http


async def test_the_first_owner_joins_by_the_link_and_is_signed_in(api, ada):
    me = (await ada.get("/api/me")).json()

    assert (me["name"], me["email"], me["role"]) == ("Ada Lovelace", "ada@example.com", "owner")
    assert me["scopes"] == ["ingest", "read", "work", "manage", "own"]
    assert (me["hasPassword"], me["passkeys"], me["recoveryCodesLeft"]) == (True, [], 0)
    assert (await ada.get("/api/keys")).status_code == 200


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(api, ada):
    answer = await ada.post("/api/session/password", json=SIGN_IN)

    name, _, rest = answer.headers["set-cookie"].partition("=")
    assert name == COOKIE
    assert rest.split("; ")[1:] == ["Path=/", "Max-Age=2592000", "HttpOnly", "SameSite=Lax"]
    assert answer.headers["cache-control"] == "no-store"


async def test_signing_in_never_uses_the_token_that_the_browser_brought(api, ada):
    async with api.browser() as http:
        planted = {"cookie": f"{COOKIE}=chosen-by-an-attacker"}
        assert (await http.get("/api/me", headers=planted)).status_code == 401

        answer = await http.post("/api/session/password", json=SIGN_IN, headers=planted)

        assert answer.status_code == 200
        assert len(answer.cookies[COOKIE]) == 43
    async with api.browser() as attacker:
        attacker.cookies.set(COOKIE, "chosen-by-an-attacker")
        assert (await attacker.get("/api/me")).status_code == 401


async def test_signing_in_again_ends_the_session_that_the_browser_had(api, ada):
    old = ada.cookies[COOKIE]

    await ada.post("/api/session/password", json=SIGN_IN)

    assert ada.cookies[COOKIE] != old
    assert (await ada.get("/api/me")).status_code == 200
    async with api.browser() as thief:
        thief.cookies.set(COOKIE, old)
        assert (await thief.get("/api/me")).status_code == 401


async def test_a_cookie_that_was_stolen_is_worth_nothing_after_signing_out(api, ada):
    token = ada.cookies[COOKIE]

    answer = await ada.delete("/api/session")

    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]
    async with api.browser() as thief:
        thief.cookies.set(COOKIE, token)
        assert (await thief.get("/api/me")).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "same-origin", "origin": "https://proxied.example"}, 200),
        ({"origin": "http://localhost:8000"}, 200),
        ({}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:8001"}, 403),
        ({"origin": "http://localhost:8000.evil.example"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost:8000"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
    ],
)
async def test_only_a_page_of_the_console_may_change_something_or_sign_in(api, ada, headers, status):
    async with api.browser() as http:
        http.headers.pop("sec-fetch-site")
        http.headers.pop("origin")
        signed_in = await http.post("/api/session/password", json=SIGN_IN, headers=headers)
        http.cookies.set(COOKIE, ada.cookies[COOKIE])
        changed = await http.patch("/api/me", json={"name": "Eve"}, headers=headers)
        read = await http.get("/api/me", headers=headers)

    assert (signed_in.status_code, changed.status_code, read.status_code) == (status, status, 200)
    if status == 403:
        assert api.problem(changed, 403)["code"] == "cross-site"
        assert read.json()["name"] == "Ada Lovelace"


async def test_a_form_cannot_stand_for_json(api, ada):
    answer = await ada.post("/api/session/password", data=SIGN_IN)
    assert api.problem(answer, 415)


async def test_a_key_that_is_shown_decides_whatever_cookie_comes_with_it(api, ada):
    reader = (await api.new_key("read")).token.text
    shown = {"authorization": f"Bearer {reader}"}

    assert (await ada.get("/api/keys", headers=shown)).status_code == 403
    assert (await ada.get("/api/me", headers=shown)).status_code == 403
    assert (await ada.get("/api/leads", headers={"authorization": "Bearer nonsense"})).status_code == 401
    entries = (await api.get("/api/audit"))["items"]
    assert {entry["who"]["kind"] for entry in entries} == {"engine", "person"}


async def test_a_wrong_password_and_an_unknown_address_are_refused_alike(api, ada):
    async with api.browser() as http:
        wrong = await http.post("/api/session/password", json={**SIGN_IN, "password": "wrong"})
        unknown = await http.post("/api/session/password", json={**SIGN_IN, "email": "eve@example.com"})

    for answer in (wrong, unknown):
        assert api.problem(answer, 401)["code"] == "sign-in-failed"
        assert "set-cookie" not in answer.headers
    assert wrong.json()["detail"] == unknown.json()["detail"]


async def test_guessing_is_limited_per_account_and_says_when_to_come_back(api, ada, limit):
    limit("accounts", Policy("account", rate=1 / 60, burst=2))
    async with api.browser() as http:
        guesses = [
            await http.post(
                "/api/session/password", json={**SIGN_IN, "password": f"guess {n}", "email": name}
            )
            for n, name in enumerate(["ada@example.com", " ADA@example.com", "Ada@Example.com"])
        ]
        other = await http.post("/api/session/password", json={**SIGN_IN, "email": "ben@example.com"})

    assert [one.status_code for one in guesses] == [401, 401, 429]
    assert 55 <= int(guesses[2].headers["retry-after"]) <= 60
    assert other.status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/session/password", SIGN_IN),
        ("/api/session/recovery", {"email": "ada@example.com", "code": "x"}),
        ("/api/session/passkey/options", None),
        ("/api/session/passkey", {}),
        ("/api/invites/open", {"token": "x"}),
        ("/api/invites/accept", {"token": "x", "name": "Ben", "password": PASSWORD}),
    ],
)
async def test_every_way_in_is_limited_per_address(api, limit, path, body):
    limit("sign_ins", Policy("sign-in", rate=1 / 60, burst=2))
    async with api.browser() as http:
        statuses = [(await http.post(path, json=body)).status_code for _ in range(3)]

    assert 429 not in statuses[:2]
    assert statuses[2] == 429


async def test_a_session_ends_when_idle(api, ada):
    api.wait(hours=11)
    assert (await ada.get("/api/me")).status_code == 200
    await api.authenticator.context.sessions._refresh_and_store()
    await api.authenticator.context.sessions.refresh()
    api.wait(hours=11)
    assert (await ada.get("/api/me")).status_code == 200
    api.clock.at += 12 * HOUR
    await api.authenticator.context.sessions.refresh()

    problem = api.problem(await ada.get("/api/me"), 401)

    assert "sign in again" in problem["detail"]


async def test_an_ended_session_is_refused_in_every_process_within_seconds(api, ada):
    people = api.runtime.people
    other = SessionCache(people.accounts, people.sessions)
    token = ada.cookies[COOKIE]
    async with other.kept_fresh(), asyncio.timeout(5):
        assert other.known(token, api.clock.at)
        await ada.delete("/api/me/sessions")
        assert (await ada.get("/api/me")).status_code == 401
        while other.known(token, api.clock.at):
            await asyncio.sleep(0.05)
        assert await other.find(token, api.clock.at) is None


async def test_devices_are_listed_and_one_of_them_signed_out(api, ada):
    async with api.browser() as phone:
        await phone.post("/api/session/password", json=SIGN_IN, headers={"user-agent": "Phone"})
        devices = (await ada.get("/api/me/sessions")).json()["items"]
        (there,) = [one for one in devices if not one["current"]]
        assert (len(devices), there["device"], there["address"]) == (2, "Phone", "127.0.0.1")

        assert (await ada.delete(f"/api/me/sessions/{there['id']}")).status_code == 204

        assert (await phone.get("/api/me")).status_code == 401
        assert (await ada.get("/api/me")).status_code == 200
    assert (await ada.delete(f"/api/me/sessions/{there['id']}")).status_code == 404


async def test_nobody_ends_the_session_of_another_person(api, ada):
    (mine,) = (await ada.get("/api/me/sessions")).json()["items"]
    async with api.signed_in("admin") as eve:
        assert (await eve.http.delete(f"/api/me/sessions/{mine['id']}")).status_code == 404
    assert (await ada.get("/api/me")).status_code == 200


async def test_a_passkey_is_added_and_signs_in_and_its_answer_cannot_be_replayed(api, ada):
    device = Authenticator()
    made = device.create((await ada.post("/api/me/passkeys/options")).json())
    added = await ada.post("/api/me/passkeys", json={"name": "laptop", "credential": made})
    assert added.status_code == 201, added.text
    (passkey,) = added.json()["passkeys"]
    assert passkey["name"] == "laptop"

    async with api.browser() as http:
        options = (await http.post("/api/session/passkey/options")).json()
        used = {"credential": device.get(options)}
        answer = await http.post("/api/session/passkey", json=used)
        assert answer.status_code == 200, answer.text
        assert answer.json()["person"]["email"] == "ada@example.com"
        assert api.problem(await http.post("/api/session/passkey", json=used), 400)["errors"]

    assert (await ada.delete(f"/api/me/passkeys/{passkey['id']}")).json()["passkeys"] == []
    async with api.browser() as http:
        options = (await http.post("/api/session/passkey/options")).json()
        refused = await http.post("/api/session/passkey", json={"credential": device.get(options)})
        assert api.problem(refused, 401)["code"] == "sign-in-failed"


async def test_a_recovery_code_signs_in_once(api, ada):
    codes = (await ada.post("/api/me/recovery-codes")).json()["codes"]
    body = {"email": "ada@example.com", "code": codes[0]}
    async with api.browser() as http:
        assert (await http.post("/api/session/recovery", json=body)).status_code == 200
        assert (await http.get("/api/me")).json()["recoveryCodesLeft"] == 9
        assert (await http.post("/api/session/recovery", json=body)).status_code == 401


async def test_what_proves_a_person_changes_only_soon_after_a_proof(api, ada):
    device = Authenticator()
    api.clock.at += 9 * MINUTE
    options = (await ada.post("/api/me/passkeys/options")).json()
    api.clock.at += MINUTE
    late = [
        await ada.post("/api/me/recovery-codes"),
        await ada.post("/api/me/passkeys", json={"name": "x", "credential": device.create(options)}),
        await ada.put("/api/me/password", json={"password": "another long password"}),
    ]

    assert [api.problem(one, 403)["code"] for one in late] == ["proof-needed"] * 3
    answer = await ada.put("/api/me/password", json={"password": "another long password", "current": "wrong"})
    assert api.problem(answer, 400)["errors"][0]["pointer"] == "/current"
    answer = await ada.put(
        "/api/me/password", json={"password": "another long password", "current": PASSWORD}
    )
    assert answer.status_code == 200


async def test_a_new_password_ends_every_other_session(api, ada):
    async with api.browser() as phone:
        await phone.post("/api/session/password", json=SIGN_IN)
        await ada.put("/api/me/password", json={"password": "another long password"})

        assert (await ada.get("/api/me")).status_code == 200
        assert (await phone.get("/api/me")).status_code == 401
        assert (await phone.post("/api/session/password", json=SIGN_IN)).status_code == 401


async def test_the_profile_is_the_persons_own(api, ada):
    answer = await ada.patch("/api/me", json={"name": "  Ada  King ", "zone": "Europe/London"})
    assert (answer.json()["name"], answer.json()["zone"]) == ("Ada King", "Europe/London")
    answer = await ada.put("/api/me/absence", json={"until": api.at(days=3)})
    assert answer.json()["awayUntil"] == api.at(days=3)

    for body, pointer in [
        ({"zone": "Mars/Olympus"}, "/zone"),
        ({"name": " "}, "/name"),
        ({"role": "owner"}, "/role"),
    ]:
        problem = api.problem(await ada.patch("/api/me", json=body), 400)
        assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
