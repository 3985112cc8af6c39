"""Another rep's lead, on every route that shows leads: absent from lists, and not found by id. A new route needs a row."""

from __future__ import annotations

import contextlib

import pytest

from api.app import create_framework
from tests.api.stream.reader import reading
from workflows.identity.index_names import index_names

LISTS = {
    "/api/leads": "leadId",
    "/api/leads?sort=-velocity": "leadId",
    "/api/leads?sort=lastActivityAt": "leadId",
    "/api/leads?stage=qualified": "leadId",
    "/api/leads?minScore=1&sort=score": "leadId",
    "/api/leads?account=group:acme": "leadId",
    "/api/leads?name=ada": "leadId",
    "/api/tasks": "leadId",
    "/api/automations/executions": "leadId",
}
BY_ID = {
    ("get", "/api/leads/{lead_id}"): 200,
    ("get", "/api/leads/{lead_id}/intelligence"): 200,
    ("get", "/api/leads/{lead_id}/history"): 200,
    ("get", "/api/leads/{lead_id}/events"): 200,
    ("get", "/api/leads/{lead_id}/curve"): 200,
    ("get", "/api/leads/{lead_id}/timeline"): 200,
    ("put", "/api/leads/{lead_id}/owner"): 202,
    ("post", "/api/leads/{lead_id}/claim"): 200,
    ("delete", "/api/leads/{lead_id}/claim"): 204,
    ("post", "/api/leads/{lead_id}/snooze"): 200,
    ("delete", "/api/leads/{lead_id}/snooze"): 204,
    ("post", "/api/leads/{lead_id}/calls"): 202,
    ("post", "/api/leads/{lead_id}/notes"): 202,
    ("post", "/api/leads/{lead_id}/retractions"): 404,
    ("post", "/api/leads/{lead_id}/messages"): 202,
    ("post", "/api/leads/{lead_id}/replies"): 202,
    ("post", "/api/leads/{lead_id}/replies/{reply_id}/judgement"): 404,
    ("post", "/api/leads/{lead_id}/enrolments"): 400,
    ("get", "/api/leads/{lead_id}/enrolments"): 200,
    ("get", "/api/leads/{lead_id}/calendar"): 200,
    ("post", "/api/leads/{lead_id}/drafts"): 201,
    ("post", "/api/leads/{lead_id}/merge"): 404,
    ("post", "/api/leads/{lead_id}/unmerge"): 409,
    ("post", "/api/tasks/{task_id}/assign"): 200,
    ("post", "/api/tasks/{task_id}/snooze"): 200,
    ("delete", "/api/tasks/{task_id}/snooze"): 200,
    ("post", "/api/tasks/{task_id}/done"): 200,
    ("post", "/api/tasks/{task_id}/reopen"): 200,
}
"""Calls about one lead or one task that reps may make, with the status for a visible one."""
BODIES = {
    "owner": {"ownerId": None},
    "calls": {"outcome": "connected"},
    "notes": {"note": "likes tea"},
    "retractions": {"eventId": "there is no such event", "why": "a mistake"},
    "messages": {"channel": "email", "to": "ada@example.com", "subject": "Hi", "text": "Hello"},
    "replies": {"text": "Hello"},
    "judgement": {"optOut": True},
    "enrolments": {"sequence": "none-of-this-name"},
    "drafts": {"purpose": "introduction"},
    "merge": {"into": "there is no such lead", "why": "a mistake"},
    "unmerge": {"why": "a mistake"},
    "assign": {"assigneeId": None},
}
UNRESTRICTED = {
    ("get", "/api/leads/{lead_id}/export"),
    ("delete", "/api/leads/{lead_id}/personal-data"),
    ("delete", "/api/leads/{lead_id}/block"),
    ("get", "/api/dead-letters/{lead_id}"),
    ("post", "/api/dead-letters/{lead_id}/retry"),
    ("post", "/api/dead-letters/{lead_id}/discard"),
}
"""Calls about leads for admins and owners, who see all of them."""
LEADS = {"mine": "rep", "hers": "other", "theirs": "stranger", "free": None}


@pytest.fixture
async def workspace(api, monkeypatch):
    """Leads of a rep, of one in the team, of a stranger and of nobody, each with a task; and their browsers."""
    async with contextlib.AsyncExitStack() as stack:
        people = {
            name: await stack.enter_async_context(api.signed_in("rep", f"{name}@example.com"))
            for name in ("rep", "other", "stranger")
        }
        admin = await stack.enter_async_context(api.signed_in("admin"))
        for name in ("rep", "other"):
            path = f"/api/people/{people[name].person.person_id}/team"
            assert (await admin.http.put(path, json={"team": "North"})).status_code == 200
        for lead, owner in LEADS.items():
            types = ("page_view", "download", "signup", "demo_request", "demo_request")
            common = {
                "leadId": lead,
                "occurredAt": api.at(),
                "properties": {"firstName": "Ada", "companyGroup": "acme"},
            }
            await api.store(*({**common, "type": kind} for kind in types))
            await api.work()
            if owner:
                body = {"ownerId": people[owner].person.person_id}
                answer = await admin.http.put(f"/api/leads/{lead}/owner", json=body)
                assert answer.status_code == 202, answer.text
                await api.work()
        await index_names(api.runtime)
        yield people["rep"], admin


@pytest.fixture
def visibility(api, monkeypatch):
    def visibility(setting):
        settings = api.runtime.settings.model_copy(update={"lead_visibility": setting})
        monkeypatch.setitem(api.runtime.__dict__, "settings", settings)

    return visibility


SEES = {
    "everyone": {"mine", "hers", "theirs", "free"},
    "team": {"mine", "hers", "free"},
    "own": {"mine", "free"},
}


@pytest.mark.parametrize("setting", SEES)
async def test_lists_have_what_the_setting_shows(api, workspace, visibility, setting):
    rep, admin = workspace
    visibility(setting)
    for path, field in LISTS.items():
        shown = (await rep.http.get(path)).json()["items"]
        assert {one[field] for one in shown} == SEES[setting], path
        assert {one[field] for one in (await admin.http.get(path)).json()["items"]} == set(LEADS), path
        assert {one[field] for one in (await api.get(path))["items"]} == set(LEADS), path
    assert await _would_enrol(rep.http, api) == SEES[setting]
    assert await _would_enrol(rep.http, api, owner="me") == {"mine"}
    assert await _would_enrol(api.http, api) == set(LEADS)


async def _would_enrol(http, api, **wanted):
    """The leads that a filter would enrol for this caller."""
    text = "{name: welcome, version: 1, steps: [{end: here}]}"
    assert (await api.http.post("/api/sequences/activate", json={"text": text})).status_code == 200
    body = {"filter": wanted, "dryRun": True}
    answer = await http.post("/api/sequences/welcome/enrolments", json=body)
    return {one["leadId"] for one in answer.json()["results"]}


async def test_of_a_sequence_a_rep_sees_their_own_leads_and_no_totals(api, workspace, visibility):
    rep, admin = workspace
    text = "name: mine\nversion: 1\nsteps: [{wait: {days: 9}}]\n"
    await api.http.post("/api/sequences/activate", json={"text": text})
    for lead in LEADS:
        await api.http.post(f"/api/leads/{lead}/enrolments", json={"sequence": "mine"})
    visibility("own")

    async def seen(http):
        (listed,) = (await http.get("/api/sequences")).json()["items"]
        items = (await http.get("/api/sequences/mine/1/enrolments")).json()["items"]
        return {one["leadId"] for one in items}, listed["enrolments"]

    assert await seen(rep.http) == (SEES["own"], None)
    assert await seen(admin.http) == (set(LEADS), {"active": len(LEADS), "ended": 0})


@pytest.mark.parametrize("setting", SEES)
@pytest.mark.parametrize("call", BY_ID, ids=str)
async def test_by_id_another_lead_is_not_found(api, workspace, visibility, setting, call):
    rep, _ = workspace
    visibility(setting)
    method, path = call
    tasks = {one["leadId"]: one["taskId"] for one in (await api.get("/api/tasks"))["items"]}
    for lead, owner in LEADS.items():
        if lead in SEES[setting]:
            if call == ("delete", "/api/leads/{lead_id}/claim"):
                await rep.http.post(f"/api/leads/{lead}/claim")
            if call == ("delete", "/api/tasks/{task_id}/snooze"):
                await rep.http.post(f"/api/tasks/{tasks[lead]}/snooze", json={"until": api.at(days=1)})
        body = {**BODIES, "snooze": {"until": api.at(days=1)}}.get(path.rpartition("/")[2])
        body = None if method == "delete" else body
        address = path.format(lead_id=lead, task_id=tasks[lead], reply_id="none")
        answer = await rep.http.request(method, address, **({} if body is None else {"json": body}))
        if lead not in SEES[setting]:
            assert api.problem(answer, 404)["code"] == "not-found", (lead, path)
        elif method == "put" and owner not in {"rep", None}:
            assert api.problem(answer, 403)["code"] == "forbidden"
        else:
            assert answer.status_code == BY_ID[call], (lead, path, answer.text)


@pytest.mark.parametrize("setting", SEES)
async def test_pages_lead_through_all_that_is_visible_and_nothing_else(api, workspace, visibility, setting):
    rep, _ = workspace
    visibility(setting)
    for path, field in LISTS.items():
        found, cursor = [], None
        while True:
            params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
            separator = "&" if "?" in path else "?"
            query = "&".join(f"{name}={value}" for name, value in params.items())
            page = (await rep.http.get(f"{path}{separator}{query}")).json()
            found += [one[field] for one in page["items"]]
            cursor = page["nextCursor"]
            if cursor is None:
                break
        assert len(found) >= len(SEES[setting])
        assert set(found) == SEES[setting], path


async def test_leads_of_an_owner_are_asked_for_by_id_or_as_mine_or_as_nobodys(api, workspace, visibility):
    rep, admin = workspace
    visibility("own")

    async def of(who, owner):
        return {one["leadId"] for one in (await who.http.get(f"/api/leads?owner={owner}")).json()["items"]}

    assert await of(rep, "me") == {"mine"}
    assert await of(rep, "none") == {"free"}
    assert await of(rep, rep.person.person_id) == {"mine"}
    assert await of(admin, rep.person.person_id) == {"mine"}
    stranger = (await api.get("/api/leads/theirs"))["ownerId"]
    assert await of(rep, stranger) == set()
    problem = api.problem(await api.http.get("/api/leads?owner=me"), 400)
    assert problem["errors"][0]["pointer"] == "?owner"


@pytest.mark.parametrize("setting", SEES)
async def test_the_stream_names_what_the_setting_shows(api, workspace, visibility, setting):
    rep, _ = workspace
    visibility(setting)
    async with reading(rep.http) as stream:
        await stream.until("hello")
        for lead in ("theirs", "hers", "free", "mine"):
            [position] = await api.store({"leadId": lead, "type": "page_view"})
            await api.work()
        found, _ = await stream.leads_until("mine", position)
    assert set(found) == SEES[setting]


def test_every_route_about_one_lead_or_task_has_a_row():
    named = {
        (method.lower(), route.path_format)
        for route in create_framework(None).routes
        for method in route.methods - {"OPTIONS", "HEAD"}
        if "{lead_id" in route.path or "{task_id" in route.path
    }
    assert named == BY_ID.keys() | UNRESTRICTED
