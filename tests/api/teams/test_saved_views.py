"""Saved views: checked like the list itself, seen by whom they are shared with, changed by whom they belong to."""

from __future__ import annotations

import contextlib

import pytest

from engine.teams import saved_view_store

FILTER = {
    "stage": "warm",
    "risk": "low",
    "outcome": "open",
    "status": "new",
    "minScore": 12.5,
    "owner": "me",
    "tag": "fair",
    "account": "domain:acme.com",
}
NO_FILTER = dict.fromkeys(FILTER)


@pytest.fixture
async def team(api):
    """A rep and the lead of the team North, a rep of no team, a viewer of the team, and an admin."""
    async with contextlib.AsyncExitStack() as stack:

        async def person(name, role):
            return await stack.enter_async_context(api.signed_in(role, f"{name}@example.com"))

        people = {name: await person(name, "rep") for name in ("ada", "lead", "other")}
        people |= {"viewer": await person("viewer", "viewer"), "admin": await person("admin", "admin")}
        for name in ("ada", "lead", "viewer"):
            path = f"/api/people/{people[name].person.person_id}/team"
            body = {"team": "North", "leads": name == "lead"}
            assert (await people["admin"].http.put(path, json=body)).status_code == 200
        await api.authenticator.context.sessions.refresh()
        yield people


async def save(who, **body):
    answer = await who.http.post("/api/views", json={"name": "Fair", **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def names(who):
    return [view["name"] for view in (await who.http.get("/api/views")).json()["items"]]


async def test_a_view_comes_back_as_it_was_saved(api, team):
    ada = team["ada"]
    columns = ["stage", "score"]
    view = await save(ada, filter=FILTER, sort="-lastActivityAt", columns=columns)
    assert view == {
        "id": view["id"],
        "name": "Fair",
        "filter": FILTER,
        "sort": "-lastActivityAt",
        "columns": columns,
        "sharedWith": "nobody",
        "team": None,
        "authorId": ada.person.person_id,
        "editable": True,
        "createdAt": api.at(),
        "changedAt": api.at(),
    }
    assert (await ada.http.get(f"/api/views/{view['id']}")).json() == view
    assert (await ada.http.get("/api/views")).json() == {"items": [view], "nextCursor": None}


async def test_a_view_lists_what_the_list_lists(api, team):
    ada = team["ada"]
    await api.store({"leadId": "ada", "type": "signup"}, {"leadId": "bob", "type": "page_view"})
    await api.work()
    view = await save(ada, filter={"stage": "warm"})
    params = {name: value for name, value in view["filter"].items() if value is not None}
    shown = (await ada.http.get("/api/leads", params={**params, "sort": view["sort"]})).json()
    assert [lead["leadId"] for lead in shown["items"]] == ["ada"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"filter": {"stage": "lukewarm"}}, "/filter/stage"),
        ({"filter": {"risk": "none"}}, "/filter/risk"),
        ({"filter": {"outcome": "happy"}}, "/filter/outcome"),
        ({"filter": {"minScore": 1e13}}, "/filter/minScore"),
        ({"filter": {"minScore": "5"}}, "/filter/minScore"),
        ({"filter": {"owner": ""}}, "/filter/owner"),
        ({"filter": {"tag": ""}}, "/filter/tag"),
        ({"filter": {"tag": "x" * 65}}, "/filter/tag"),
        ({"filter": {"account": "x" * 256}}, "/filter/account"),
        ({"filter": {"stages": "warm"}}, "/filter/stages"),
        ({"filter": {"$where": "1"}}, "/filter/$where"),
        ({"filter": []}, "/filter"),
        ({"sort": "name"}, "/sort"),
        ({"columns": ["score", "password"]}, "/columns"),
        ({"columns": ["score", "score"]}, "/columns"),
        ({"columns": ["score"] * 50}, "/columns"),
        ({"sharedWith": "team"}, "/sharedWith"),
        ({"sharedWith": "all"}, "/sharedWith"),
        ({"name": ""}, "/name"),
        ({"name": " \t"}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"filters": {}}, "/filters"),
    ],
    ids=str,
)
async def test_what_the_list_would_refuse_is_not_saved(api, team, body, pointer):
    other = team["other"]
    problem = api.problem(await other.http.post("/api/views", json={"name": "Fair", **body}), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert await names(other) == []
    view = await save(other)
    problem = api.problem(await other.http.patch(f"/api/views/{view['id']}", json=body), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert (await other.http.get(f"/api/views/{view['id']}")).json() == view


async def test_a_view_is_seen_by_those_it_is_shared_with(team):
    for shared_with in ("nobody", "team", "everyone"):
        await save(team["ada"], name=shared_with, sharedWith=shared_with)
    assert await names(team["ada"]) == ["everyone", "nobody", "team"]
    assert await names(team["lead"]) == await names(team["viewer"]) == ["everyone", "team"]
    assert await names(team["other"]) == await names(team["admin"]) == ["everyone"]


RIGHTS = {
    # With whom a view of Ada's is shared, and who may change it; others see it (403) or not (404).
    "nobody": {"ada": 200, "lead": 404, "viewer": 404, "other": 404, "admin": 404},
    "team": {"ada": 200, "lead": 200, "viewer": 403, "other": 404, "admin": 404},
    "everyone": {"ada": 200, "lead": 403, "viewer": 403, "other": 403, "admin": 200},
}


@pytest.mark.parametrize("shared_with", RIGHTS)
async def test_a_view_is_changed_by_whom_it_belongs_to(api, team, shared_with):
    for name, status in RIGHTS[shared_with].items():
        view = await save(team["ada"], sharedWith=shared_with)
        path, who = f"/api/views/{view['id']}", team[name]
        listed = {one["id"]: one["editable"] for one in (await who.http.get("/api/views")).json()["items"]}
        assert listed.get(view["id"]) == {200: True, 403: False, 404: None}[status]
        changed = await who.http.patch(path, json={"sort": "score"})
        deleted = await who.http.delete(path)
        if status == 200:
            assert (changed.status_code, deleted.status_code) == (200, 204), (name, changed.text)
            assert changed.json() == {**view, "sort": "score"}
        else:
            assert api.problem(changed, status)
            assert api.problem(deleted, status)
            assert (await team["ada"].http.get(path)).json() == view
            await team["ada"].http.delete(path)


async def test_a_change_leaves_what_is_left_out_and_replaces_the_filter_as_a_whole(api, team):
    ada = team["ada"]
    view = await save(ada, filter=FILTER, columns=["score"])
    path = f"/api/views/{view['id']}"
    api.wait(minutes=5)
    changed = (await ada.http.patch(path, json={"filter": {"tag": "vip"}})).json()
    assert changed == {**view, "filter": {**NO_FILTER, "tag": "vip"}, "changedAt": api.at(minutes=5)}
    shared = (await ada.http.patch(path, json={"sharedWith": "team"})).json()
    assert shared == {**changed, "sharedWith": "team", "team": "North"}
    assert (await ada.http.patch(path, json={"sharedWith": "nobody"})).json() == changed
    assert (await ada.http.patch(path, json={})).json() == changed


async def test_a_name_is_used_once_by_an_author(api, team):
    await save(team["ada"], sharedWith="everyone")
    await save(team["other"], sharedWith="everyone")
    second = await save(team["ada"], name="Second")
    for answer in (
        await team["ada"].http.post("/api/views", json={"name": "FAIR"}),
        await team["ada"].http.patch(f"/api/views/{second['id']}", json={"name": " fair "}),
    ):
        assert "fair" in api.problem(answer, 409)["detail"].casefold()


async def test_a_person_has_a_bounded_number_of_views_and_so_have_those_it_shares_with(
    api, team, monkeypatch
):
    monkeypatch.setattr(saved_view_store, "MAX_VIEWS", 3)
    monkeypatch.setattr(saved_view_store, "MAX_SHARED_VIEWS", 1)
    await save(team["ada"], name="1", sharedWith="everyone")
    second = await save(team["ada"], name="2", sharedWith="team")
    shared = {"name": "3", "sharedWith": "everyone"}
    api.problem(await team["other"].http.post("/api/views", json=shared), 409)
    api.problem(
        await team["ada"].http.patch(f"/api/views/{second['id']}", json={"sharedWith": "everyone"}), 409
    )
    await save(team["ada"], name="3")
    assert (
        "3 views" in api.problem(await team["ada"].http.post("/api/views", json={"name": "4"}), 409)["detail"]
    )


async def test_a_viewer_saves_views_and_shares_none(api, team):
    viewer = team["viewer"]
    view = await save(viewer)
    answer = await viewer.http.patch(f"/api/views/{view['id']}", json={"sharedWith": "team"})
    assert [fault["pointer"] for fault in api.problem(answer, 400)["errors"]] == ["/sharedWith"]


async def test_shared_views_of_somebody_who_has_left_stay_and_private_ones_are_seen_by_nobody(team):
    ada, admin = team["ada"], team["admin"]
    await save(ada, name="Hers")
    shared = await save(ada, name="Ours", sharedWith="everyone")
    await admin.http.post(f"/api/people/{ada.person.person_id}/deactivate")
    assert await names(admin) == await names(team["lead"]) == ["Ours"]
    assert (await admin.http.delete(f"/api/views/{shared['id']}")).status_code == 204


async def test_changes_are_in_the_audit_log_and_private_views_without_their_content(api, team):
    view = await save(team["ada"], filter=FILTER)
    path = f"/api/views/{view['id']}"
    await team["ada"].http.patch(path, json={"sharedWith": "everyone"})
    await team["admin"].http.delete(path)
    entries = (await api.get("/api/audit", target=view["id"]))["items"]
    assert {one["action"] for one in entries} == {"view.created", "view.changed", "view.deleted"}
    said = {one["action"]: one for one in entries}
    private = {"personId": team["ada"].person.person_id, "sharedWith": "nobody"}
    assert said["view.created"]["after"] == said["view.changed"]["before"] == private
    assert said["view.changed"]["after"]["query"]["tag"] == "fair"
    assert said["view.deleted"]["who"]["personId"] == team["admin"].person.person_id
