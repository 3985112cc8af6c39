"""GET /api/leads/{leadId}/timeline: everything of a lead, nothing twice and nothing missed, whatever the page size."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PATH = "/api/leads/ada/timeline"
KINDS = (
    "activity",
    "assignment",
    "automation",
    "call",
    "note",
    "decay",
    "merge",
    "stage",
    "tag",
    "task",
    "update",
)


def identity(entry):
    return entry["event"]["eventId"] if entry["event"] else entry["execution"]["executionId"]


async def every(api, limit=50, between=None, **query):
    """All entries, by the `Link` header; `between` runs before each further page."""
    items, answer = [], await api.http.get(PATH, params={"limit": limit, **query})
    while True:
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if "next" not in answer.links:
            return items
        if between:
            await between()
        answer = await api.http.get(answer.links["next"]["url"])


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["page_view", "demo_request", "tag.added", "stage.set", "lead.updated", "signup"]),
        st.integers(-3, 0),
    ),
    min_size=1,
    max_size=12,
)
PROPERTIES = {"tag.added": {"tag": "x"}, "stage.set": {"stage": "hot", "by": "b"}}


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(applied=EVENTS, pending=EVENTS, limit=st.integers(1, 5), kinds=st.sets(st.sampled_from(KINDS)))
async def test_pages_of_any_size_hold_everything_once_in_order(served, applied, pending, limit, kinds):
    api = served
    await api.reset()

    async def send(events):
        for name, days in events:
            properties = PROPERTIES.get(name, {})
            await api.store(
                {"leadId": "ada", "type": name, "occurredAt": api.at(days=days), "properties": properties}
            )

    async def apply():
        await api.work()

    await send(applied)
    await api.work()
    await send(pending)
    events = (await api.get("/api/leads/ada/events", limit=200))["items"]
    runs = (await api.get("/api/automations/executions", leadId="ada", limit=200))["items"]
    found = await every(api, limit)
    ids = [identity(one) for one in found]
    assert len(ids) == len(set(ids))
    assert set(ids) == {one["eventId"] for one in events} | {one["executionId"] for one in runs}
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)
    assert sum(one["change"] is None and one["event"] is not None for one in found) == len(pending)
    if kinds:
        some = await every(api, limit, kind=",".join(kinds))
        assert some == [one for one in found if one["kind"] in kinds]
    # What is applied while somebody pages moves nothing that is already there.
    again = [identity(one) for one in await every(api, limit, between=apply)]
    assert len(again) == len(set(again))
    assert [one for one in again if one in ids] == ids


async def test_an_entry_has_its_event_and_what_it_changed(api, ada):
    await api.store({"leadId": "ada", "type": "note", "properties": {"email": "ada@example.com"}})
    await api.work()
    found = await every(api)
    by_type = {one["event"]["type"]: one for one in found if one["event"]}
    assert (
        by_type["demo_request"]["change"]["newScore"] - by_type["demo_request"]["change"]["previousScore"]
        == 30
    )
    assert by_type["note"]["event"]["properties"] == {"email": "ada@example.com"}
    assert by_type["task.created"]["kind"] == "task"
    runs = [one for one in found if one["kind"] == "automation"]
    assert {(one["event"], one["change"], one["execution"]["state"]) for one in runs} == {
        (None, None, "done")
    }


async def test_an_erased_person_is_erased_here_too(api, ada):
    await api.store({"leadId": "ada", "type": "note", "properties": {"email": "ada@example.com"}})
    assert (await api.http.delete("/api/leads/ada/personal-data")).status_code == 200
    assert "ada@example.com" not in str(await every(api))


@pytest.mark.parametrize(
    "query", [{"kind": "x"}, {"kind": ""}, {"kind": "task,,"}, {"cursor": "x"}, {"limit": 0}]
)
async def test_what_means_nothing_is_refused_by_name(api, query):
    problem = api.problem(await api.http.get(PATH, params=query), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == [f"?{next(iter(query))}"]


async def test_a_lead_that_is_not_there_has_no_timeline(api, ada):
    api.problem(await api.http.get("/api/leads/nobody/timeline"), 404)
    assert (await api.get(PATH, kind="stage"))["items"] == []
