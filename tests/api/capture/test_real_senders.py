"""POST /api/events as real senders write it: names, ids, encodings and media types of many programs."""

from __future__ import annotations

import gzip
import json

import pytest

VIEW = {"leadId": "ada", "type": "page_view", "eventId": "e1"}
NAMES = {
    "$current_url": "/a",
    "utm.source": "ads",
    "a b": 1,
    "$": {"$set": {"app.version": "1.2"}, "~1": "tilde", "~": 2},
    "list": [{"x.y": None}],
    "größe": "L",
    "..": True,
}


async def events_of(api, lead_id="ada"):
    return (await api.http.get(f"/api/leads/{lead_id}/events")).json()["items"]


class TestNamesOfProperties:
    async def test_any_name_is_given_back_as_it_was_sent(self, api):
        await api.store({**VIEW, "properties": NAMES})
        assert (await events_of(api))[0]["properties"] == NAMES

    async def test_an_export_has_them_as_they_were_sent(self, api):
        await api.store({**VIEW, "properties": {**NAMES, "$email": "x", "email": "ada@example.org"}})
        (event,) = (await api.http.get("/api/leads/ada/export")).json()["events"]
        assert event["properties"] == {**NAMES, "$email": "x", "email": "ada@example.org"}

    async def test_mongodb_never_sees_a_name_that_it_could_take_for_something_else(self, api):
        await api.store({**VIEW, "properties": NAMES})
        (document,) = await api.runtime.store.database["events"].find({}).to_list()
        names = set(names_in(document["properties"]))
        assert not any(name.startswith("$") or "." in name for name in names)
        assert names == {
            "~2current_url", "utm~1source", "a b", "~2", "~2set", "app~1version", "~01", "~0", "list", "x~1y", "größe",
            "~1~1",
        }  # fmt: skip

    async def test_a_tilde_alone_is_stored_as_it_is(self, api):
        await api.store({**VIEW, "properties": {"~1": 1}})
        (document,) = await api.runtime.store.database["events"].find({}).to_list()
        assert document["properties"] == {"~1": 1}
        assert (await events_of(api))[0]["properties"] == {"~1": 1}

    async def test_a_repeat_is_a_duplicate_and_another_value_a_conflict(self, api):
        await api.store({**VIEW, "properties": NAMES})
        assert (await api.send({**VIEW, "properties": NAMES})).json()["duplicates"] == 1
        assert (await api.send({**VIEW, "properties": {**NAMES, "$current_url": "/b"}})).status_code == 409


def names_in(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_in(inner)


@pytest.mark.parametrize(
    "event_type", ["Product Viewed", "$pageview", "1st", "größe", "a/b", "E-Mail geöffnet!"]
)
async def test_a_type_of_any_visible_text_is_stored(api, event_type):
    await api.store({**VIEW, "type": event_type})
    assert (await events_of(api))[0]["type"] == event_type


@pytest.mark.parametrize("field", ["eventId", "occurredAt", "properties", "source"])
async def test_null_for_what_may_be_absent_is_as_good_as_absent(api, field):
    await api.store({**VIEW, "eventId": "other", field: None})
    (with_null,) = await events_of(api)
    await api.reset()
    await api.store({name: value for name, value in {**VIEW, "eventId": "other"}.items() if name != field})
    (without,) = await events_of(api)
    ignored = {"eventId": 0} if field == "eventId" else {}
    assert {**with_null, **ignored} == {**without, **ignored}


class TestOneValueInTwoWritings:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"n": 10}, {"n": 10.0}),
            ({"n": -0.0}, {"n": 0}),
            ({"n": 100}, {"n": 1e2}),
            ({"a": 1, "b": 2}, {"b": 2, "a": 1.0}),
            ({"deep": [{"n": 3, "a": None}]}, {"deep": [{"n": 3.0}]}),
            ({"a": None}, {}),
            ({}, None),
            ({"email": "ada@example.org", "n": 1}, {"n": 1.0, "email": "ada@example.org"}),
            ({"$n": 1}, {"$n": 1.0}),
        ],
        ids=str,
    )
    async def test_it_is_the_same_event(self, api, one, other):
        await api.store({**VIEW, "properties": one})
        again = await api.send({**VIEW, "properties": other})
        assert (again.status_code, again.json()["duplicates"]) == (202, 1)
        both = await api.send([{**VIEW, "properties": other}, {**VIEW, "eventId": "e2"}])
        assert [result["status"] for result in both.json()["results"]] == ["duplicate", "accepted"]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"n": 1}, {"n": True}),
            ({"n": 0}, {"n": False}),
            ({"n": 1}, {"n": "1"}),
            ({"n": 1}, {"n": 1.5}),
            ({"n": []}, {"n": {}}),
            ({"n": [1, 2]}, {"n": [2, 1]}),
            ({"n": 2**53 + 1}, {"n": float(2**53)}),
            ({"email": "ada@example.org"}, {"email": "eve@example.org"}),
        ],
        ids=str,
    )
    async def test_another_value_is_another_event(self, api, one, other):
        await api.store({**VIEW, "properties": one})
        assert (await api.send({**VIEW, "properties": other})).status_code == 409

    async def test_an_attribute_that_is_taken_back_differs_from_one_that_is_not_named(self, api):
        update = {**VIEW, "type": "lead.updated"}
        await api.store({**update, "properties": {"plan": "gold", "size": None}})
        assert (await api.send({**update, "properties": {"plan": "gold"}})).status_code == 409

    @pytest.mark.parametrize(
        ("first", "second", "status"),
        [
            ("2026-11-20T12:00:00Z", "2026-11-20T13:00:00.000+01:00", 202),
            ("2026-11-20T12:00:00Z", "2026-11-20T12:00:01Z", 409),
            (None, None, 202),
            (None, "2026-11-20T12:00:00Z", 409),
            ("2026-11-20T12:00:00Z", None, 409),
        ],
    )
    async def test_its_time_still_counts(self, api, first, second, status):
        await api.store({**VIEW, "occurredAt": first, "properties": {"n": 1}})
        again = await api.send({**VIEW, "occurredAt": second, "properties": {"n": 1.0}})
        assert again.status_code == status

    async def test_a_discarded_event_is_still_recognised(self, api):
        await api.store({**VIEW, "properties": {"n": 1}})
        mark = {"$set": {"discarded": {"at": None, "by": "eve", "reason": "a test"}}}
        await api.runtime.store.database["events"].update_one({}, mark)
        assert (await api.send({**VIEW, "properties": {"n": 1.0}})).status_code == 202


class TestIds:
    @pytest.mark.parametrize(
        ("sent", "stored"),
        [
            (" ada ", "ada"),
            ("a\u200bda\ufeff", "ada"),
            ("a\u00adda", "ada"),
            ("\u202aada\u202c\n", "ada"),
            ("Zoe\u0308", "Zo\u00eb"),
            ("👩\u200d💻", "👩\u200d💻"),
            ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ],
        ids=ascii,
    )
    async def test_what_cannot_be_seen_does_not_make_another_lead(self, api, sent, stored):
        answer = await api.send([{**VIEW, "leadId": sent}, {**VIEW, "leadId": stored, "eventId": "e2"}])
        assert [result["leadId"] for result in answer.json()["results"]] == [stored, stored]
        assert await api.runtime.store.database["events"].distinct("leadId") == [stored]

    async def test_an_event_id_source_and_type_are_normalised_too(self, api):
        await api.store({**VIEW, "eventId": " e1\u2060", "source": "web ", "type": " page_view"})
        (event,) = await events_of(api)
        assert (event["eventId"], event["source"], event["type"]) == ("e1", "web", "page_view")
        assert (await api.send({**VIEW, "source": "web"})).json()["duplicates"] == 1

    async def test_the_engines_own_names_cannot_be_taken_with_what_cannot_be_seen(self, api):
        await api.refuses({**VIEW, "source": "lead\u200b-engine"}, "/source")
        await api.refuses({**VIEW, "eventId": "\ufeffdecay:1"}, "/eventId")
        await api.refuses({**VIEW, "leadId": " .\u200b."}, "/leadId")

    async def test_a_lead_and_an_event_that_were_stored_as_they_were_sent_are_found_so(self, api):
        await api.store(VIEW)
        events = api.runtime.store.database["events"]
        old = {"leadId": " ada", "eventId": "e1 "}
        await events.update_one({}, {"$set": old})
        again = await api.send({**VIEW, **old})
        assert (again.json()["results"][0]["leadId"], again.json()["duplicates"]) == (" ada", 1)
        await api.store({**VIEW, "leadId": " ada", "eventId": "e2"})
        assert await events.distinct("leadId") == [" ada"]
        await api.store({**VIEW, "leadId": "ada", "eventId": "e3"})
        assert [one["eventId"] for one in await events_of(api, "%20ada")] == ["e2", "e1 "]
        assert [one["eventId"] for one in await events_of(api, "ada")] == ["e3"]

    @pytest.mark.parametrize("asked", ["%20ada%20", "%EF%BB%BFada", "a%C2%ADda"])
    async def test_a_lead_is_found_by_every_writing_of_its_id(self, api, asked):
        await api.store(VIEW)
        await api.work()
        for path in ("", "/events", "/history", "/intelligence", "/export"):
            answer = await api.http.get(f"/api/leads/{asked}{path}")
            assert (answer.status_code, "page_view" in answer.text) == (200, path != ""), path
        assert (await api.http.delete(f"/api/leads/{asked}/personal-data")).json()["leadId"] == "ada"
        tasks = await api.http.get(f"/api/tasks?leadId={asked}")
        assert tasks.status_code == 200


class TestBodies:
    async def test_a_compressed_body_that_is_too_large_when_it_is_unpacked_is_refused(self, api):
        bomb = gzip.compress(b" " * 100_000_000)
        api.problem(await api.send(bomb, **{"content-encoding": "gzip"}), 413)
        many = gzip.compress(b"") * 30_000
        api.problem(await api.send(many, **{"content-encoding": "gzip"}), 400)
        assert await api.stored() == 0

    @pytest.mark.parametrize(
        "body", [b"", b"{}", gzip.compress(json.dumps(VIEW).encode(), mtime=0)[:-3]], ids=ascii
    )
    async def test_a_body_that_is_not_what_it_says_is_refused(self, api, body):
        problem = api.problem(await api.send(body, **{"content-encoding": "gzip"}), 400)
        assert "decompressed" in problem["detail"]

    @pytest.mark.parametrize(
        ("body", "hint"),
        [
            (gzip.compress(json.dumps(VIEW).encode(), mtime=0), "Content-Encoding: gzip"),
            (json.dumps(VIEW).encode("utf-16"), "send UTF-8"),
        ],
        ids=["gzip", "UTF-16"],
    )
    async def test_a_body_that_does_not_say_what_it_is_is_told(self, api, body, hint):
        assert hint in api.problem(await api.send(body), 400)["errors"][0]["detail"]

    async def test_a_compressed_body_in_several_parts_is_read(self, api):
        body = json.dumps([VIEW]).encode()
        parts = gzip.compress(body[:9]) + gzip.compress(body[9:]) + b"\0\0"
        assert (await api.send(parts, **{"content-encoding": "gzip"})).status_code == 202

    @pytest.mark.parametrize("headers", [{"content-encoding": "br"}, {"content-type": "text/html"}], ids=str)
    async def test_other_ways_are_told(self, api, headers):
        problem = api.problem(await api.send(VIEW, **headers), 415)
        assert next(iter(headers.values())) in problem["detail"]


class TestPartialAcceptance:
    BATCH = (
        VIEW,
        {**VIEW, "type": "download"},
        {"leadId": "ada", "eventId": "e2", "properties": {"": 1}},
        5,
        {**VIEW, "eventId": "e3", "properties": {"n": 2**70}},
        {**VIEW, "eventId": "e4"},
    )

    @pytest.mark.parametrize("preference", ["handling=lenient", 'respond-async, Handling="lenient"; x=1'])
    async def test_sound_events_are_stored_and_the_others_told(self, api, preference):
        answer = await api.send(list(self.BATCH), prefer=preference)
        answered = answer.json()
        assert (answer.status_code, answer.headers["preference-applied"]) == (202, "handling=lenient")
        assert {name: answered[name] for name in ("accepted", "duplicates", "conflicts", "refused")} == {
            "accepted": 2,
            "duplicates": 0,
            "conflicts": 1,
            "refused": 3,
        }
        assert [one["status"] for one in answered["results"]] == [
            "accepted",
            "conflict",
            "refused",
            "refused",
            "refused",
            "accepted",
        ]
        refused = answered["results"][2]
        assert (refused["eventId"], refused["leadId"], refused["problem"]["code"]) == ("e2", "ada", "invalid")
        assert [fault["pointer"] for fault in refused["problem"]["errors"]] == ["/2/type", "/2/properties/"]
        assert [fault["pointer"] for fault in answered["results"][4]["problem"]["errors"]] == [
            "/4/properties/n"
        ]
        assert await api.stored() == 2

    @pytest.mark.parametrize(
        "preference", ["handling=strict", "handling=strict, handling=lenient", "lenient"]
    )
    async def test_without_the_preference_it_is_all_or_none(self, api, preference):
        answer = await api.send(list(self.BATCH), prefer=preference)
        api.problem(answer, 400)
        assert "preference-applied" not in answer.headers
        assert await api.stored() == 0

    async def test_a_batch_of_bad_events_alone_is_told_one_by_one(self, api):
        answered = (await api.send([5, {}], prefer="handling=lenient")).json()
        assert (answered["accepted"], answered["refused"]) == (0, 2)

    @pytest.mark.parametrize("body", [b"{}", b"[]", b'[{"leadId":', b"5"], ids=ascii)
    async def test_what_is_no_batch_is_refused_as_a_whole(self, api, body):
        api.problem(await api.send(body, prefer="handling=lenient"), 400)

    async def test_the_answer_is_bounded_whatever_is_wrong(self, api):
        item = {**VIEW, "properties": {f"\0{n}": 1 for n in range(40)}}
        answer = await api.send([item] * 1000, prefer="handling=lenient")
        assert answer.json()["refused"] == 1000
        assert len(answer.content) < 4 * 1024 * 1024
