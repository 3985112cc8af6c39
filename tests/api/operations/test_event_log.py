"""GET /api/event-log: the log is followed from cursor to cursor without a gap."""

from __future__ import annotations

from unittest.mock import AsyncMock

import pytest

from domain.events.log_cursor import LogCursor
from tests.workflows.partitioned import with_partitions

PATH = "/api/event-log"


async def page_views(api, count, lead="ada"):
    await api.store(
        *(
            {
                "leadId": lead,
                "type": "page_view",
                "occurredAt": api.at(),
                "properties": {"email": "a@b.example"},
            }
            for _ in range(count)
        )
    )


async def follow(api, cursor, limit=2):
    """The positions after the cursor, and the cursor behind them."""
    positions = []
    while True:
        found = await api.get(PATH, limit=limit, **({"cursor": cursor} if cursor else {}))
        positions += [one["position"] for one in found["items"]]
        cursor = found["cursor"]
        if not found["more"]:
            return positions, cursor


async def test_an_empty_log_has_a_cursor_to_begin_with(api):
    found = await api.get(PATH)
    assert (found["items"], found["more"]) == ([], False)
    await page_views(api, 1)
    assert (await follow(api, found["cursor"]))[0] == [1]


async def test_without_a_cursor_the_newest_come_the_oldest_of_them_first(api):
    await page_views(api, 5)
    found = await api.get(PATH, limit=2)
    assert [one["position"] for one in found["items"]] == [4, 5]
    assert found["more"] is False


async def test_what_is_appended_comes_once_and_none_is_left_out(api):
    await page_views(api, 3)
    seen, cursor = await follow(api, None)
    assert seen == [2, 3]
    for count in (1, 5, 0, 4):
        await page_views(api, count) if count else None
        positions, cursor = await follow(api, cursor)
        seen += positions
    assert seen == list(range(2, 14))


async def test_an_event_has_its_times_type_lead_and_source_and_no_properties(api):
    await page_views(api, 1)
    (event,) = (await api.get(PATH))["items"]
    assert event["leadId"] == "ada"
    assert event["type"] == "page_view"
    assert event["receivedAt"] == event["occurredAt"]
    assert "properties" not in event
    assert "a@b.example" not in (await api.http.get(PATH)).text


async def test_an_event_that_cannot_be_read_is_in_its_place(api):
    await page_views(api, 3)
    await api.runtime.store.database["events"].update_one({"_id": 2}, {"$unset": {"source": ""}})
    assert [one["type"] for one in (await api.get(PATH))["items"]] == [
        "page_view",
        "event.unreadable",
        "page_view",
    ]


async def test_a_cursor_behind_the_end_of_a_restored_log_begins_with_the_newest(api):
    await page_views(api, 9)
    cursor = (await api.get(PATH))["cursor"]
    await api.runtime.store.database["events"].delete_many({"_id": {"$gt": 3}})
    found = await api.get(PATH, cursor=cursor)
    assert [one["position"] for one in found["items"]] == [1, 2, 3]


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"limit": 0}, {"limit": 201}, {"after": "1"}])
async def test_a_wrong_parameter_is_refused(api, query):
    answer = await api.http.get(PATH, params=query)
    problem = api.problem(answer, 400)
    assert next(iter(query)) in str(problem)


async def test_the_longest_cursor_of_a_log_of_256_partitions_can_be_given_back(api, monkeypatch):
    async with with_partitions(api.runtime, 256) as runtime:
        monkeypatch.setattr(api.framework.state, "runtime", runtime)
        furthest = LogCursor(tuple((partition + 1) * 2**44 - 1 for partition in range(256)))
        monkeypatch.setattr(runtime.capture.log, "end", AsyncMock(return_value=furthest))
        cursor = (await api.get(PATH, limit=1))["cursor"]
        assert len(cursor) > 2000
        assert (await api.get(PATH, limit=1, cursor=cursor))["cursor"] == cursor
