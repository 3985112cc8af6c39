"""The capture protocol of PostHog as its clients use it."""

from __future__ import annotations

import base64
import gzip
import json
from urllib.parse import quote

import pytest

EVENT = {"event": "Demo Requested", "distinct_id": "u-1", "uuid": "01-a", "properties": {"plan": "pro"}}


async def post(api, path, body, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await api.browser().post(path, content=raw, headers=headers)


@pytest.mark.parametrize("path", ["/batch/", "/batch", "/e/?ip=1&_=17&ver=1.2", "/i/v0/ai/batch/"])
async def test_a_key_in_the_body_is_enough(api, sender, path):
    answer = await post(api, path, {"api_key": sender.write_key, "batch": [EVENT]})
    assert answer.status_code == 200, answer.text
    (event,) = await sender.events()
    assert (event.type, event.properties) == ("Demo Requested", {"plan": "pro"})
    answer = await post(api, path, {"api_key": "phc_wrong", "batch": [EVENT]})
    assert answer.status_code == 401


async def test_shapes_and_encodings_of_the_browser_client(api, sender):
    def shaped(number):
        return {**EVENT, "uuid": f"u{number}", "properties": {"token": sender.write_key, "n": number}}

    form = base64.b64encode(json.dumps(shaped(1)).encode()).decode()
    bodies = (
        f"data={quote(form)}".encode(),
        gzip.compress(json.dumps([shaped(2), shaped(3)]).encode()),
        {"data": [shaped(4)], "api_key": sender.write_key},
    )
    for body in bodies:
        answer = await post(api, "/e/", body, **{"content-type": "text/plain"})
        assert answer.status_code == 200, answer.text
    events = await sender.events()
    assert [event.properties for event in events] == [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}]


async def test_calls_become_events_of_the_person(api, sender):
    batch = [
        {"event": "$pageview", "distinct_id": "d-1", "uuid": "1"}
        | {"properties": {"$device_id": "d-1", "$current_url": "https://x.test/pricing?a"}},
        {
            "event": "$identify",
            "distinct_id": "u-1",
            "uuid": "2",
            "$set": {"seats": 4, "email": "a@b.example"},
        }
        | {"properties": {"$anon_distinct_id": "d-1"}},
        {"event": "$create_alias", "uuid": "3", "properties": {"distinct_id": "d-2", "alias": "u-1"}},
        {"event": "$groupidentify", "distinct_id": "u-1", "uuid": "4"}
        | {"properties": {"$group_key": "acme", "$group_set": {"employees": 7}}},
    ]
    answer = await post(api, "/batch/", {"api_key": sender.write_key, "batch": batch, "sent_at": api.at()})
    assert answer.status_code == 200
    assert await sender.rejected() == []
    page, known, alias, group = await sender.events()
    assert (page.type, page.properties["path"]) == ("page_view", "/pricing")
    assert (known.type, known.properties["seats"]) == ("lead.updated", 4)
    assert alias.type == "lead.updated"
    assert (group.type, group.properties["groupId"]) == ("account.joined", "acme")
    assert len({known.lead_id, alias.lead_id, group.lead_id}) == 1


async def test_an_event_counts_once_and_a_bad_one_fails_no_other(api, sender):
    for _ in range(2):
        body = {"api_key": sender.write_key, "batch": [EVENT, {"distinct_id": "u-1", "uuid": "bad"}]}
        assert (await post(api, "/batch/", body)).status_code == 200
    assert await api.stored() == 1
    (item,) = await sender.rejected()
    assert (item["format"], item["errors"][0]["pointer"]) == ("posthog", "/event")


async def test_there_are_no_flags_and_no_error(api, sender):
    for path in ("/flags/?v=4", "/decide/?v=3"):
        answer = await post(api, path, {"token": sender.write_key, "distinct_id": "u-1"})
        assert answer.status_code == 200
        assert answer.json()["flags"] == {}
        assert answer.json()["errorsWhileComputingFlags"] is False


async def test_the_clock_of_a_sender_is_corrected(api, sender):
    said = {"timestamp": api.at(hours=3, minutes=-1), "sent_at": api.at(hours=3)}
    await post(api, "/batch/", {"api_key": sender.write_key, "batch": [{**EVENT, **said}]})
    (event,) = await sender.events()
    assert event.occurred_at == api.clock.at - 60_000
    assert event.properties["envelope"] == said


async def test_an_event_with_groups_joins_the_account_of_the_company(api, sender):
    groups = ({"project": "p", "company": "acme"}, {"project": "p"}, {"company": None, "account": 7}, "acme")
    batch = [{**EVENT, "uuid": f"g{n}", "properties": {"$groups": one}} for n, one in enumerate(groups)]
    answer = await post(api, "/batch/", {"api_key": sender.write_key, "batch": batch})
    assert answer.status_code == 200, answer.text
    events = await sender.events()
    assert [event.properties.get("companyGroup") for event in events] == ["acme", None, "7", None]
    await api.work()
    assert (await api.get(f"/api/leads/{events[0].lead_id}"))["accountId"] == "group:7"
