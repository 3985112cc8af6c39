"""The Segment tracking API as its clients use it."""

from __future__ import annotations

import json
import zlib

import pytest

TRACK = {"type": "track", "event": "Demo Requested", "userId": "u-1", "messageId": "m-1"}


async def test_every_kind_of_message_becomes_an_event(sender):
    await sender.batch(
        {**TRACK, "properties": {"plan": "pro"}},
        {"type": "identify", "userId": "u-1", "traits": {"seats": 4}, "messageId": "m-2"},
        {
            "type": "page",
            "userId": "u-1",
            "name": "Pricing",
            "properties": {"url": "https://x.test/pricing?a=1"},
        },
        {"type": "screen", "userId": "u-1", "name": "Home"},
        {"type": "group", "userId": "u-1", "groupId": "acc-1", "traits": {"employees": 100}},
        {"type": "alias", "userId": "u-1", "previousId": "anon-1"},
    )
    events = await sender.events()
    assert [event.type for event in events] == [
        *("Demo Requested", "lead.updated", "page_view", "screen_view", "account.joined", "lead.updated")
    ]
    assert events[0].properties == {"plan": "pro"}
    assert events[1].properties == {"seats": 4}
    assert events[2].properties["path"] == "/pricing"
    assert events[2].properties["page"] == "Pricing"
    assert events[4].properties == {"employees": 100, "groupId": "acc-1"}
    assert len({event.lead_id for event in events}) == 1
    assert {event.source for event in events} == {"website"}


@pytest.mark.parametrize("route", ["t", "track"])
async def test_the_kind_of_a_message_is_that_of_the_route_unless_it_says_one(sender, route):
    answer = await sender.post(f"/v1/{route}", {"event": "Signed Up", "anonymousId": "a-1"})
    assert (answer.status_code, answer.content) == (200, b'{"success":true}')
    answer = await sender.post(f"/v1/{route}", {"type": "page", "anonymousId": "a-1"})
    assert answer.status_code == 200
    assert [event.type for event in await sender.events()] == ["Signed Up", "page_view"]


@pytest.mark.parametrize(
    ("content_type", "compress"),
    [("text/plain", False), ("application/x-www-form-urlencoded", True), ("image/png", False), ("", True)],
)
async def test_bytes_decide_and_no_content_type(sender, content_type, compress):
    answer = await sender.post(
        "/v1/batch", {"batch": [TRACK]}, compress=compress, **{"content-type": content_type}
    )
    assert (answer.status_code, answer.content) == (200, b'{"success":true}')
    assert len(await sender.events()) == 1


async def test_a_key_in_the_body_is_as_good_as_one_in_a_header(api, sender):
    answer = await api.browser().post("/v1/track", json={**TRACK, "writeKey": sender.write_key})
    assert answer.status_code == 200, answer.text
    answer = await api.browser().post("/v1/track", json={**TRACK, "writeKey": "le_wrong"})
    assert api.problem(answer, 401)["code"] == "unauthorized"
    (event,) = await sender.events()
    assert sender.write_key not in json.dumps(event.properties)


async def test_a_message_counts_once_per_source_however_often_it_is_sent(api, sender, new_source):
    for _ in range(3):
        await sender.batch(TRACK, sentAt=api.at())
        api.wait(seconds=7)
    await sender.batch({**TRACK, "properties": {"later": True}})
    other = await new_source("app")
    await other.batch(TRACK)
    assert len(await sender.events()) == 2


async def test_one_message_that_cannot_be_taken_fails_no_other(api, sender):
    await sender.batch(
        TRACK,
        {"type": "track", "userId": "u-2", "messageId": "no event"},
        {"type": "track", "event": "x", "messageId": "nobody", "userId": None},
        {"type": "dance", "userId": "u-2", "messageId": "dance"},
        17,
        {"type": "track", "event": "x" * 101, "userId": "u-2"},
        {"type": "track", "event": "x", "userId": "u-2", "properties": {"text": "x" * 40_000}},
        {"type": "track", "event": "x", "userId": "u-2", "timestamp": "yesterday"},
        {**TRACK, "messageId": "m-2"},
    )
    assert len(await sender.events()) == 2
    rejected = await sender.rejected()
    pointers = [[fault["pointer"] for fault in one["errors"]] for one in rejected]
    assert sorted(pointers) == sorted(
        [["/event"], [""], ["/type"], [""], ["/type"], ["/properties"], ["/timestamp"]]
    )
    assert {"type": "dance", "userId": "u-2", "messageId": "dance"} in [one["content"] for one in rejected]
    await sender.batch({"type": "dance", "userId": "u-2", "messageId": "dance"})
    assert len(await sender.rejected()) == 7, "the same message again is the same item"


@pytest.mark.parametrize("hours", [-3, 3])
async def test_the_clock_of_a_sender_is_corrected(api, sender, hours):
    said = {"timestamp": api.at(hours=hours, minutes=-1), "sentAt": api.at(hours=hours)}
    await sender.batch({**TRACK, "messageId": "a", **said})
    await sender.batch(
        {**TRACK, "messageId": "b", "originalTimestamp": said["timestamp"]}, sentAt=said["sentAt"]
    )
    events = await sender.events()
    assert [event.occurred_at for event in events] == [api.clock.at - 60_000] * 2
    assert events[0].properties["envelope"] == said
    assert events[1].properties["envelope"] == {
        "originalTimestamp": said["timestamp"],
        "sentAt": said["sentAt"],
    }


async def test_what_is_no_batch_is_refused_as_a_whole(api, sender):
    for body, pointer in ((b"{", ""), ({"items": []}, "/batch"), ([], "/batch"), ({"batch": {}}, "/batch")):
        problem = api.problem(await sender.post("/v1/batch", body), 400)
        assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    await sender.batch()
    assert await api.stored() == 0


async def test_a_body_that_is_too_large_is_refused_also_once_decompressed(api, sender):
    bomb = b'{"batch":["' + b"x" * (4 * 1024 * 1024) + b'"]}'
    for compress in (True, False):
        assert (
            api.problem(await sender.post("/v1/batch", bomb, compress=compress), 413)["code"] == "too-large"
        )
    answer = await sender.post("/v1/batch", {"batch": [TRACK] * 5001})
    assert answer.status_code == 413
    answer = await sender.post("/v1/batch", b"\x1f\x8b" + zlib.compress(b"{}"))
    assert api.problem(answer, 400)["code"] == "invalid"


async def test_a_key_of_no_source_is_told_so_in_plain_words(api):
    answer = await api.http.post("/v1/batch", json={"batch": [TRACK]})
    assert api.problem(answer, 400)["code"] == "no-source"


async def test_a_store_that_is_away_is_said_with_retry_after(api, sender):
    await sender.batch(TRACK)
    async with api.failing("insert", errorCode=10107, failInternalCommands=True):
        rejected = {"type": "dance", "messageId": "lost?"}
        answer = await sender.post("/v1/batch", {"batch": [rejected]})
        assert api.problem(answer, 503)["code"] == "unavailable"
        assert int(answer.headers["retry-after"]) >= 1
    await sender.batch(rejected)
    assert len(await sender.rejected()) == 1


async def test_unknown_fields_and_the_context_are_kept(sender):
    context = {"library": {"name": "analytics-node", "version": "3.1.0"}, "locale": "en", "traits": {}}
    campaign = {"source": "google", "name": "launch", "creative": "b"}
    await sender.batch(
        {**TRACK, "channel": "server", "_metadata": {"nodeVersion": "20"}, "integrations": {"All": True}},
        context={**context, "campaign": campaign},
    )
    (event,) = await sender.events()
    assert event.properties == {
        "utm_source": "google",
        "utm_campaign": "launch",
        "envelope": {
            "channel": "server",
            "_metadata": {"nodeVersion": "20"},
            "integrations": {"All": True},
            "context": {"library": "analytics-node/3.1.0", "locale": "en", "campaign": {"creative": "b"}},
        },
    }


class TestWebPages:
    ORIGIN = "https://www.example.com"

    @pytest.fixture
    async def page(self, api, new_source):
        page = await new_source("shop", origins=[self.ORIGIN])
        await api.authenticator.context.keyring.refresh()
        page.headers["origin"] = self.ORIGIN
        return page

    async def test_a_page_of_its_origin_may_ask_and_send(self, api, page):
        asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
        answer = await api.ask("OPTIONS", "/v1/t", None, origin=self.ORIGIN, **asked)
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == self.ORIGIN
        assert "x-retry-count" in answer.headers["access-control-allow-headers"]
        answer = await page.post("/v1/t", TRACK)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == self.ORIGIN

    async def test_a_page_of_another_origin_and_a_server_may_not(self, api, page):
        page.headers["origin"] = "https://evil.example"
        assert (await page.post("/v1/t", TRACK)).status_code == 403
        del page.headers["origin"]
        assert (await page.post("/v1/t", TRACK)).status_code == 403

    async def test_the_settings_name_this_server(self, api, page):
        path = f"/v1/projects/{page.write_key}/settings"
        answer = await api.ask("GET", path, None, origin=self.ORIGIN)
        assert answer.status_code == 200, answer.text
        assert answer.headers["access-control-allow-origin"] == self.ORIGIN
        assert answer.json()["integrations"]["Segment.io"] == {
            "apiKey": page.write_key,
            "apiHost": f"127.0.0.1:{api.port}/v1",
            "protocol": "http",
        }
        assert (await api.ask("GET", "/v1/projects/wrong/settings", None)).status_code == 401

    async def test_the_key_of_a_server_stands_in_no_url(self, api, sender):
        answer = await api.ask("GET", f"/v1/projects/{sender.write_key}/settings", None)
        assert api.problem(answer, 403)["code"] == "forbidden"

    async def test_a_page_changes_no_owner(self, api, page):
        answer = await page.post("/v1/t", {**TRACK, "event": "lead.assigned", "properties": {"ownerId": "x"}})
        assert answer.status_code == 200
        assert await api.stored() == 0
        assert [one["errors"][0]["pointer"] for one in await page.rejected()] == ["/type"]


async def test_a_group_in_the_context_joins_its_account(api, sender):
    grouped = {"context": {"groupId": "acc-9"}}
    await sender.batch(
        {**TRACK, **grouped},
        {"type": "identify", "userId": "u-1", "traits": {"seats": 4}, "messageId": "m-2", **grouped},
        {**TRACK, "messageId": "m-3", "properties": {"companyGroup": "own"}, **grouped},
        {"type": "group", "userId": "u-2", "groupId": "acc-1", "messageId": "m-4", **grouped},
    )
    events = await sender.events()
    assert [event.properties.get("companyGroup") for event in events] == ["acc-9", "acc-9", "own", None]
    assert events[3].properties["groupId"] == "acc-1"
    await api.work()
    accounts = [(await api.get(f"/api/leads/{one.lead_id}"))["accountId"] for one in (events[0], events[3])]
    assert accounts == ["group:own", "group:acc-1"]
