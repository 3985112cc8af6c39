"""POST /api/events: accepted events, duplicates and conflicts."""

from __future__ import annotations

import asyncio

VIEW = {"leadId": "ada", "type": "page_view"}


async def events_of(api, lead_id="ada"):
    """The lead's events as the API shows them, oldest first."""
    return (await api.get(f"/api/leads/{lead_id}/events"))["items"][::-1]


async def test_a_single_event_is_answered_with_its_position(api):
    answer = await api.send({**VIEW, "eventId": "e1"})
    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "accepted": 1,
        "duplicates": 0,
        "conflicts": 0,
        "results": [{"eventId": "e1", "leadId": "ada", "status": "accepted", "position": 1}],
    }


async def test_an_array_is_answered_event_by_event_in_its_order(api):
    answer = await api.send([{**VIEW, "eventId": name, "leadId": name.upper()} for name in "cab"])
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 3,
        "duplicates": 0,
        "conflicts": 0,
        "results": [
            {"eventId": "c", "leadId": "C", "status": "accepted", "position": 1},
            {"eventId": "a", "leadId": "A", "status": "accepted", "position": 2},
            {"eventId": "b", "leadId": "B", "status": "accepted", "position": 3},
        ],
    }


async def test_an_array_of_one_is_answered_like_any_array(api):
    assert await api.store(VIEW) == [1]


async def test_positions_have_no_hole_however_many_requests_come_at_once(api):
    stored = await asyncio.gather(*(api.store(*[VIEW] * (1 + n % 3)) for n in range(60)))
    positions = [position for request in stored for position in request]
    assert sorted(positions) == list(range(1, 121))
    assert all(request == list(range(request[0], request[0] + len(request))) for request in stored)
    assert await api.runtime.store.database["events"].distinct("_id") == list(range(1, 121))


async def test_refused_requests_between_others_leave_no_hole(api):
    await api.store(VIEW)
    await api.refuses([VIEW, {"leadId": "ada"}], "/1/type")
    await api.send({**VIEW, "eventId": "e"})
    assert (await api.send({**VIEW, "eventId": "e"})).json()["duplicates"] == 1
    assert await api.store(VIEW) == [3]


async def test_the_same_event_again_is_a_duplicate_with_its_first_position(api):
    event = {**VIEW, "eventId": "e1", "properties": {"a": 1}}
    await api.send(event)
    await api.store(VIEW)
    answer = await api.send(event)
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 0,
        "duplicates": 1,
        "conflicts": 0,
        "results": [{"eventId": "e1", "leadId": "ada", "status": "duplicate", "position": 1}],
    }
    assert await api.stored() == 2


async def test_other_order_of_keys_and_another_offset_of_the_same_moment_say_the_same(api):
    await api.send(
        b'{"eventId":"e","leadId":"ada","type":"page_view","occurredAt":"2026-11-22T11:00:00Z",'
        b'"properties":{"a":1,"b":{"c":2,"d":3}}}'
    )
    again = await api.send(
        b'{"properties":{"b":{"d":3,"c":2},"a":1},"occurredAt":"2026-11-22T13:00:00.000+02:00",'
        b'"type":"page_view", "leadId":"ad\\u0061","eventId":"e","source":""}'
    )
    assert again.json()["results"][0]["status"] == "duplicate"
    assert await api.stored() == 1


async def test_without_a_time_the_same_event_later_is_a_duplicate_still(api):
    await api.send({**VIEW, "eventId": "e"})
    api.wait(hours=1)
    assert (await api.send({**VIEW, "eventId": "e"})).json()["duplicates"] == 1


async def test_a_single_event_that_contradicts_a_stored_one_is_409(api):
    await api.send({**VIEW, "eventId": "e1", "properties": {"path": "/"}})
    for change in ({"leadId": "bob"}, {"type": "signup"}, {"source": "crm"}, {"properties": {"path": "/x"}}):
        problem = api.problem(
            await api.send({**VIEW, "eventId": "e1", "properties": {"path": "/"}, **change}), 409
        )
        assert problem["code"] == "conflict"
        assert "e1" in problem["detail"]
    assert [event["properties"] for event in await events_of(api)] == [{"path": "/"}]


async def test_a_conflict_in_a_batch_is_told_and_the_others_are_stored(api):
    await api.send({**VIEW, "eventId": "e1"})
    answer = await api.send([{**VIEW, "eventId": "e2"}, {**VIEW, "eventId": "e1", "type": "signup"}])
    assert answer.status_code == 202
    body = answer.json()
    assert (body["accepted"], body["duplicates"], body["conflicts"]) == (1, 0, 1)
    assert [(one["status"], one["position"]) for one in body["results"]] == [("accepted", 2), ("conflict", 1)]
    assert [event["type"] for event in await events_of(api)] == ["page_view", "page_view"]


async def test_a_batch_of_nothing_but_a_conflict_is_still_202(api):
    await api.send({**VIEW, "eventId": "e1"})
    answer = await api.send([{**VIEW, "eventId": "e1", "type": "signup"}])
    assert (answer.status_code, answer.json()["conflicts"]) == (202, 1)


async def test_an_id_twice_in_one_request_is_stored_once(api):
    same, other = {**VIEW, "eventId": "e"}, {**VIEW, "eventId": "e", "type": "signup"}
    answer = await api.send([same, same, other])
    assert [one["status"] for one in answer.json()["results"]] == ["accepted", "duplicate", "conflict"]
    assert {one["position"] for one in answer.json()["results"]} == {1}
    assert await api.stored() == 1


async def test_the_same_event_sent_many_times_at_once_is_stored_once(api):
    answers = await asyncio.gather(*(api.send({**VIEW, "eventId": "e"}) for _ in range(20)))
    statuses = sorted(answer.json()["results"][0]["status"] for answer in answers)
    assert statuses == ["accepted"] + ["duplicate"] * 19
    assert await api.stored() == 1


async def test_events_without_an_id_get_one_each(api):
    answer = await api.send([VIEW, VIEW, {**VIEW, "eventId": None}])
    ids = {one["eventId"] for one in answer.json()["results"]}
    assert answer.json()["accepted"] == 3
    assert len(ids) == 3
    assert {event["eventId"] for event in await events_of(api)} == ids


async def test_an_event_without_a_time_happened_on_arrival(api):
    await api.store(VIEW, {**VIEW, "occurredAt": None})
    assert {(event["occurredAt"], event["receivedAt"]) for event in await events_of(api)} == {
        (api.at(), api.at())
    }


async def test_a_time_later_than_its_receipt_counts_as_of_its_receipt_and_the_answer_says_so(api):
    answer = await api.send(
        [
            {**VIEW, "occurredAt": api.at()},
            {**VIEW, "occurredAt": api.at(milliseconds=1)},
            {**VIEW, "occurredAt": api.at(minutes=5)},
            {**VIEW, "occurredAt": "9999-12-31T23:59:59.999999Z"},
            {**VIEW, "occurredAt": "9999-12-31T23:59:59-12:00"},
        ]
    )
    assert [result.get("clamped") for result in answer.json()["results"]] == [None, *[True] * 4]
    said = [event["occurredAt"] for event in await events_of(api)]
    assert said == [api.at()] * 5
    assert {event["receivedAt"] for event in await events_of(api)} == {api.at()}


async def test_a_request_that_says_when_it_was_sent_has_its_senders_clock_corrected(api):
    """Three hours ahead: what happened ten minutes before the request did so ten minutes ago."""
    event = {**VIEW, "occurredAt": api.at(hours=3, minutes=-10)}
    answer = await api.send(event, **{"sent-at": api.at(hours=3)})
    (result,) = answer.json()["results"]
    assert (result.get("clamped"), result["clockAheadMs"]) == (None, 3 * 3600 * 1000)
    assert [one["occurredAt"] for one in await events_of(api)] == [api.at(minutes=-10)]


async def test_a_header_that_is_no_time_is_refused_by_its_name(api):
    answer = await api.send(VIEW, **{"sent-at": "yesterday"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "Sent-At")
    assert (await api.http.get("/api/leads/lead-1/events")).status_code == 404


async def test_a_time_long_ago_is_kept_as_it_is_from_1970_on(api):
    await api.store({**VIEW, "occurredAt": "1970-01-01T00:00:00Z"}, {**VIEW, "occurredAt": api.at(days=-400)})
    assert [event["occurredAt"] for event in await events_of(api)] == [
        "1970-01-01T00:00:00Z",
        api.at(days=-400),
    ]


async def test_what_was_sent_can_be_read_back_unchanged(api):
    properties = {
        "text": "Zoë \U0001f600 \0 $gt a.b",
        "least": -(2**63),
        "most": 2**63 - 1,
        "float": 0.1,
        "tiny": 5e-324,
        "huge": 1.7976931348623157e308,
        "nothing": None,
        "yes": True,
        "empty": {},
        "list": [1, [], {"a b/c~d": [None, False]}],
        "größe": "ß",
    }
    await api.store(
        {
            **VIEW,
            "source": "website",
            "eventId": "e \U0001f600",
            "properties": properties,
            "type": "a.b:c-d_9",
        }
    )
    (event,) = await events_of(api)
    assert event == {
        "position": 1,
        "eventId": "e \U0001f600",
        "leadId": "ada",
        "type": "a.b:c-d_9",
        "occurredAt": api.at(),
        "receivedAt": api.at(),
        "source": "website",
        "properties": properties,
    }


async def test_of_a_key_given_twice_the_last_one_counts(api):
    answer = await api.send(b'{"leadId":"bob","type":"page_view","leadId":"ada"}')
    assert answer.json()["results"][0]["leadId"] == "ada"


async def test_the_media_type_may_name_a_charset_and_be_in_capitals(api):
    for given in (
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        "application/json ;q=1",
    ):
        answer = await api.http.post(
            "/api/events", content=b'{"leadId":"a","type":"t"}', headers={"content-type": given}
        )
        assert answer.status_code == 202, given
