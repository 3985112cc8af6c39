"""One lead's events and history: newest first, page by page, and the arithmetic of every row."""

from __future__ import annotations

import pytest

from engine.capture.codec import encode
from workflows.capture.decode import check_event
from workflows.capture.event_input import to_new_event
from workflows.decay.decay import apply_decay


async def positions(api, path, **query):
    """The positions on all pages, by `nextCursor`."""
    found = []
    while True:
        page = await api.get(path, **query)
        found += [item["position"] for item in page["items"]]
        if page["nextCursor"] is None:
            return found
        query["cursor"] = page["nextCursor"]


async def test_events_come_newest_first_with_those_of_the_engine(api, ada):
    items = (await api.get("/api/leads/ada/events"))["items"]
    assert [item["position"] for item in items] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert {item["type"] for item in items[:2]} == {"task.created"}
    assert {item["source"] for item in items[:2]} == {"lead-engine"}
    assert [item["type"] for item in items[2:]] == [
        "demo_request",
        "signup",
        "download",
        "email_open",
        "page_view",
        "page_view",
    ]


async def test_a_row_of_history_says_what_one_event_changed(api, ada):
    (newest, *_) = (await api.get("/api/leads/ada/history"))["items"]
    (event,) = (await api.get("/api/leads/ada/events", limit=3))["items"][2:]
    assert newest == {
        "position": 6,
        "eventId": event["eventId"],
        "type": "demo_request",
        "occurredAt": api.at(),
        "at": api.at(),
        "previousScore": 35.0,
        "decay": 0.0,
        "contributions": [{"ruleId": "demo_request", "points": 30.0}],
        "newScore": 65.0,
        "stageBefore": "hot",
        "stageAfter": "qualified",
        "rulebook": "classic@2",
    }


async def test_previous_score_decay_and_contributions_add_up_in_every_row(api, ada):
    api.wait(days=9)
    await apply_decay(api.runtime)
    await api.store({"leadId": "ada", "type": "signup"})
    await api.work()
    rows = (await api.get("/api/leads/ada/history", all=True))["items"][::-1]
    assert {row["type"] for row in rows} >= {"score.decayed", "task.created", "signup"}
    assert any(row["decay"] < -10 for row in rows)
    score = 0.0
    for row in rows:
        assert row["previousScore"] == score
        score = row["newScore"]
        parts = row["previousScore"] + row["decay"] + sum(one["points"] for one in row["contributions"])
        assert parts == pytest.approx(score, abs=1e-9)
    assert score == pytest.approx((await api.get("/api/leads/ada"))["score"], abs=0.005)


async def test_history_leaves_out_silent_rows_unless_all_are_asked_for(api, ada):
    assert await positions(api, "/api/leads/ada/history") == [6, 5, 4, 3, 2, 1]
    assert await positions(api, "/api/leads/ada/history", all="false") == [6, 5, 4, 3, 2, 1]
    assert await positions(api, "/api/leads/ada/history", all="true") == [8, 7, 6, 5, 4, 3, 2, 1]


async def test_a_lead_with_nothing_but_silent_rows_has_an_empty_history(api):
    await api.store({"leadId": "ada", "type": "lead.updated"})
    await api.work()
    assert await api.get("/api/leads/ada/history") == {
        "items": [],
        "nextCursor": None,
        "leadId": "ada",
        "requestedId": "ada",
    }
    assert await positions(api, "/api/leads/ada/history", all="true") == [1]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 9])
async def test_pages_lose_and_repeat_nothing(api, ada, limit):
    assert await positions(api, "/api/leads/ada/events", limit=limit) == [8, 7, 6, 5, 4, 3, 2, 1]
    assert await positions(api, "/api/leads/ada/history", limit=limit) == [6, 5, 4, 3, 2, 1]
    assert await positions(api, "/api/leads/ada/history", limit=limit, all=True) == [8, 7, 6, 5, 4, 3, 2, 1]


async def test_a_page_holds_only_the_lead_that_was_asked_for(api, ada):
    await api.store({"leadId": "ad", "type": "signup"}, {"leadId": "adam", "type": "signup"})
    await api.work()
    for lead_id, stored in (("ad", [9]), ("adam", [10])):
        assert await positions(api, f"/api/leads/{lead_id}/events") == stored
        assert await positions(api, f"/api/leads/{lead_id}/history") == stored


async def test_events_that_arrive_while_paging_do_not_shift_the_pages(api, ada):
    first = await api.get("/api/leads/ada/events", limit=3)
    await api.store(*[{"leadId": "ada", "type": "page_view"}] * 5)
    rest = await positions(api, "/api/leads/ada/events", limit=3, cursor=first["nextCursor"])
    assert rest[:3] == [5, 4, 3]


@pytest.mark.parametrize("part", ["events", "history"])
async def test_a_lead_that_does_not_exist_has_none(api, ada, part):
    problem = api.problem(await api.http.get(f"/api/leads/nobody/{part}"), 404)
    assert problem["detail"] == "There is no lead 'nobody'."


@pytest.mark.parametrize("said", ["yes", "x", "", "2", "null", "$gt"])
async def test_all_is_true_or_false(api, ada, said):
    answer = await api.http.get("/api/leads/ada/history", params={"all": said})
    assert [fault["pointer"] for fault in api.problem(answer, 400)["errors"]] == ["?all"]


START = 2**40
"""A position that MongoDB can only hold as a long integer."""
DEMO = {"leadId": "ada", "type": "demo_request", "eventId": "e", "properties": {"n": 2**40}}


@pytest.fixture
async def busy(api):
    """An engine that has stored very many events before."""
    event = to_new_event(check_event({"leadId": "bob", "type": "page_view"}), "before", api.clock.at)
    await api.runtime.capture.writer.append([encode(event)], [START])


async def test_events_at_positions_beyond_32_bits_are_stored_and_shown_like_others(api, busy):
    assert (await api.send(DEMO)).json()["results"][0]["position"] == START + 1
    answer = await api.send([DEMO, {**DEMO, "type": "signup"}])
    assert [one["position"] for one in answer.json()["results"]] == [START + 1, START + 1]
    api.problem(await api.send({**DEMO, "type": "signup"}), 409)
    await api.store({"leadId": "ada", "type": "signup"})
    assert await positions(api, "/api/leads/ada/events", limit=1) == [START + 2, START + 1]
    assert (await api.get("/api/leads/ada/intelligence"))["position"] == START + 2


async def test_events_at_positions_beyond_32_bits_are_applied_like_others(api, busy):
    await api.send(DEMO)
    await api.work()
    assert (await api.get("/api/leads/ada/intelligence", after=START + 1))["position"] == START + 2
    assert (await api.get("/api/leads/ada"))["position"] == START + 2
    assert await positions(api, "/api/leads/ada/history", limit=1, all=True) == [START + 2, START + 1]
    (execution,) = (await api.get("/api/automations/executions"))["items"]
    assert execution["causePosition"] == START + 1
