"""Members of the workspace over HTTP: invitations, roles, access that ends, and what admins must not do to owners."""

from __future__ import annotations

import pytest

PASSWORD = "correct horse battery"


@pytest.fixture
async def ada(api):
    async with api.signed_in("owner", "ada@example.com") as ada:
        yield ada


@pytest.fixture
async def eve(api):
    async with api.signed_in("admin", "eve@example.com") as eve:
        yield eve


async def invited(api, by, email="ben@example.com", role="rep"):
    answer = await by.http.post("/api/invites", json={"email": email, "role": role})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_an_invitation_is_shown_once_opened_and_accepted_once(api, ada):
    issued = await invited(api, ada)
    prefix, _, token = issued["link"].partition("#")
    assert prefix == "http://localhost:8000/console/join"
    listed = await ada.http.get("/api/invites")
    assert [one["email"] for one in listed.json()["items"]] == ["ben@example.com"]
    assert token not in listed.text

    async with api.browser() as http:
        opened = (await http.post("/api/invites/open", json={"token": token})).json()
        assert (opened["email"], opened["role"]) == ("ben@example.com", "rep")
        form = {"token": token, "name": "Ben", "password": PASSWORD}
        joined = await http.post("/api/invites/accept", json=form)
        assert joined.json()["person"]["role"] == "rep"
        assert (await http.get("/api/me")).json()["email"] == "ben@example.com"
        assert (await http.post("/api/invites/accept", json=form)).status_code == 404
        assert (await http.get("/api/invites")).status_code == 403
    assert (await ada.http.get("/api/invites")).json()["items"] == []


async def test_a_withdrawn_invitation_opens_nothing(api, ada):
    issued = await invited(api, ada)
    assert (await ada.http.delete(f"/api/invites/{issued['id']}")).status_code == 204
    async with api.browser() as http:
        token = issued["link"].partition("#")[2]
        assert (await http.post("/api/invites/open", json={"token": token})).status_code == 404
    assert (await ada.http.delete(f"/api/invites/{issued['id']}")).status_code == 404


async def test_a_key_invites_too_and_the_log_names_it(api):
    answer = await api.http.post("/api/invites", json={"email": "ben@example.com", "role": "viewer"})
    assert answer.status_code == 201
    (entry,) = (await api.get("/api/audit"))["items"]
    assert (entry["action"], entry["who"]["kind"]) == ("person.invited", "key")


async def test_a_new_role_ends_the_sessions_at_once(api, ada):
    async with api.signed_in("rep", "ben@example.com") as ben:
        assert (await ben.http.get("/api/me")).status_code == 200
        path = f"/api/people/{ben.person.person_id}"
        assert (await ada.http.put(f"{path}/role", json={"role": "admin"})).json()["role"] == "admin"
        assert (await ben.http.get("/api/me")).status_code == 401
    (entry,) = (await api.get("/api/audit", target=ben.person.person_id))["items"]
    assert entry["who"] == {
        "kind": "person",
        "name": "Owner",
        "keyId": None,
        "personId": ada.person.person_id,
    }


async def test_a_person_without_access_is_out_at_once_and_comes_back(api, ada):
    async with api.signed_in("rep", "ben@example.com") as ben:
        path = f"/api/people/{ben.person.person_id}"
        assert (await ada.http.post(f"{path}/deactivate")).json()["active"] is False
        assert (await ben.http.get("/api/me")).status_code == 401
        assert (await ada.http.post(f"{path}/reactivate")).json()["active"] is True
        assert (await ben.http.get("/api/me")).status_code == 401  # by a new session only
    people = (await ada.http.get("/api/people")).json()["items"]
    assert {one["email"] for one in people} == {"ada@example.com", "ben@example.com"}


async def test_the_last_owner_stays(api, ada):
    path = f"/api/people/{ada.person.person_id}"
    for answer in (
        await ada.http.post(f"{path}/deactivate"),
        await ada.http.put(f"{path}/role", json={"role": "admin"}),
    ):
        assert "last active owner" in api.problem(answer, 409)["detail"]
    assert (await ada.http.get("/api/me")).status_code == 200


async def test_an_admin_gets_no_hold_of_ownership_by_any_way(api, ada, eve):
    """Neither over an owner, nor by an invitation, nor by a key that would do it."""
    owner, admin = f"/api/people/{ada.person.person_id}", f"/api/people/{eve.person.person_id}"
    master = (await api.new_key("own")).key.key_id
    for answer in (
        await eve.http.post(f"{owner}/deactivate"),
        await eve.http.put(f"{owner}/role", json={"role": "rep"}),
        await eve.http.post(f"{owner}/sign-out"),
        await eve.http.put(f"{admin}/role", json={"role": "owner"}),
        await eve.http.post("/api/invites", json={"email": "x@example.com", "role": "owner"}),
        await eve.http.post("/api/keys", json={"name": "x", "scopes": ["own"]}),
        await eve.http.post(f"/api/keys/{master}/rotate"),
        await eve.http.delete("/api/leads/ada/personal-data"),
    ):
        assert api.problem(answer, 403)["code"] == "forbidden"
    assert (await ada.http.get("/api/me")).json()["role"] == "owner"


async def test_an_owner_makes_another_owner(api, ada, eve):
    path = f"/api/people/{eve.person.person_id}"
    assert (await ada.http.put(f"{path}/role", json={"role": "owner"})).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "nobody", "role": "rep"}, "/email"),
        ({"email": "ben@example.com", "role": "boss"}, "/role"),
        ({"role": "rep"}, "/email"),
    ],
)
async def test_a_wrong_invitation_is_refused_with_the_field(api, body, pointer):
    problem = api.problem(await api.http.post("/api/invites", json=body), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]


async def test_pages_of_people_lead_through_all_of_them(api):
    for number in range(5):
        api.wait(minutes=1)
        await api.runtime.people.accounts.add(f"p{number}@example.com", f"P{number}", "rep", api.clock.at)
    names, path = [], "/api/people?limit=2"
    while path:
        answer = await api.http.get(path)
        names += [one["name"] for one in answer.json()["items"]]
        path = answer.links.get("next", {}).get("url")
    assert names == ["P4", "P3", "P2", "P1", "P0"]
