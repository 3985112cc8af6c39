"""The stream names every lead that changes, goes on where it was cut, and ends when it must."""

from __future__ import annotations

import asyncio

import pytest

from api.http.long_responses import LongResponses
from api.stream import event_stream
from engine.access.rate_limits.shared_buckets import connect_redis
from tests.api.stream.reader import reading
from tests.http_client import open_client


@pytest.fixture(autouse=True)
def _woken_often(monkeypatch):
    monkeypatch.setattr("workflows.stream.hub.WAKE_SECONDS", 0.05)


@pytest.fixture
async def newest(api, ada) -> int:
    """The position of the newest event; all are applied."""
    return await api.runtime.capture.log.last_position()


async def _one_event(api, lead_id: str) -> int:
    [position] = await api.store({"leadId": lead_id, "type": "page_view"})
    await api.work()
    return position


async def test_it_begins_with_where_it_stands(api, newest):
    async with reading(api.http) as stream:
        hello = await stream.next()
    assert stream.answer.headers["content-type"].startswith("text/event-stream")
    assert stream.answer.headers["cache-control"] == "no-store"
    assert hello.event == "hello"
    assert hello.data["position"] == newest
    assert hello.id == str(newest)


async def test_a_lead_that_changes_is_named_with_its_position(api, ada):
    async with reading(api.http) as stream:
        await stream.until("hello")
        position = await _one_event(api, "ben")
        found, last = await stream.leads_until("ben", position)
    assert found["ben"] == position
    assert last == str(position)


async def test_a_lead_whose_task_changes_is_named_though_no_event_is_stored(api, ada):
    task = (await api.get("/api/tasks", leadId="ada"))["items"][0]["taskId"]
    position = (await api.get("/api/leads/ada"))["position"]
    calls = [
        ("assign", {"assigneeId": None}),
        ("snooze", {"until": api.at(days=1)}),
        ("done", {"outcome": "demo-booked"}),
        ("reopen", None),
    ]
    for call, body in calls:
        async with reading(api.http) as stream:
            await stream.until("hello")
            answer = await api.http.post(
                f"/api/tasks/{task}/{call}", **({} if body is None else {"json": body})
            )
            assert answer.status_code == 200, answer.text
            found, _ = await stream.leads_until("ada", position)
        assert found == {"ada": position}, call


async def test_a_lead_whose_claim_has_run_out_is_named_at_its_release(api, ada):
    """Others have seen the claim, and MongoDB has deleted it meanwhile."""
    async with api.signed_in("rep") as ben, reading(api.http) as stream:
        await stream.until("hello")
        position = (await api.get("/api/leads/ada"))["position"]
        api.problem(await ben.http.delete("/api/leads/ada/claim"), 404)
        await stream.leads_until("ada", position)


async def test_an_event_that_is_not_applied_is_not_named(api, ada):
    async with reading(api.http) as stream:
        await stream.until("hello")
        [position] = await api.store({"leadId": "ben", "type": "page_view"})
        with pytest.raises(TimeoutError):
            await stream.leads_until("ben", position, seconds=1)


@pytest.mark.parametrize("how", ["header", "parameter"])
async def test_after_a_cut_it_names_what_has_changed_meanwhile(api, ada, how):
    async with reading(api.http) as stream:
        seen = (await stream.until("hello")).id
    position = await _one_event(api, "ben")
    resumed = reading(api.http, **({"Last-Event-ID": seen} if how == "header" else {"after": seen}))
    async with resumed as stream:
        found, last = await stream.leads_until("ben", position)
    assert found == {"ben": position}
    assert last == str(position)


async def test_control_a_new_stream_does_not_name_what_changed_before(api, ada):
    async with reading(api.http) as earlier:
        await earlier.until("hello")
        position = await _one_event(api, "ben")
        await earlier.leads_until("ben", position)
    async with reading(api.http) as stream:
        hello = await stream.until("hello")
        assert hello.id == str(position)
        with pytest.raises(TimeoutError):
            await stream.leads_until("ben", position, seconds=1)


async def test_the_header_wins_over_the_parameter_that_a_browser_repeats(api, ada):
    position = await _one_event(api, "ben")
    headers = {"Last-Event-ID": str(position)}
    async with reading(api.http, after="1", **headers) as stream:
        assert (await stream.next()).id == str(position)


async def test_what_was_stored_before_the_cut_and_is_applied_after_it_is_named(api, newest):
    async with reading(api.http) as stream:
        await stream.until("hello")
        [position] = await api.store({"leadId": "ben", "type": "page_view"})
    async with reading(api.http, after=str(newest)) as stream:
        await stream.until("hello")
        await api.work()
        await stream.leads_until("ben", position)


async def test_an_id_ahead_of_the_log_resets_the_client(api, newest):
    async with reading(api.http, after="1000000") as stream:
        announced = int((await stream.until("reset")).id)
    assert newest <= announced <= await api.runtime.capture.log.last_position()


@pytest.mark.parametrize("wrong", ["x", "-1", "1.5", "9" * 19, "٣"])
async def test_a_text_that_is_no_id_is_refused(api, wrong):
    problem = api.problem(await api.http.get("/api/stream", params={"after": wrong}), 400)
    assert problem["errors"][0]["pointer"] == "?after"


async def test_without_redis_changes_are_found_by_looking(api, ada, monkeypatch):
    monkeypatch.setattr(api.runtime.leads.notifications, "_on_message", lambda _: None)
    async with reading(api.http) as stream:
        await stream.until("hello")
        position = await _one_event(api, "ben")
        await stream.leads_until("ben", position)


async def test_when_announcements_may_have_been_lost_clients_read_everything_again(api, ada):
    """A claim is announced and is no event: the log could not tell that it was made, or ended, in the gap."""
    async with reading(api.http) as stream:
        await stream.until("hello")
        async with connect_redis(api.runtime.settings.redis_url) as redis:
            assert await redis.client_kill_filter(_type="pubsub") >= 1
        await stream.until("reset")


async def test_heartbeats_are_events_with_a_name(api, ada, monkeypatch):
    monkeypatch.setattr(event_stream, "HEARTBEAT_SECONDS", 0.05)
    async with reading(api.http) as stream:
        await stream.until("hello")
        await stream.until("hb", seconds=5)


async def test_a_stream_ends_when_its_key_is_revoked(api, ada, monkeypatch):
    monkeypatch.setattr(event_stream, "HEARTBEAT_SECONDS", 0.05)
    issued = await api.new_key("read")
    headers = {"authorization": f"Bearer {issued.token.text}"}
    async with (
        open_client(api.http.base_url, headers=headers) as http,
        reading(http) as stream,
    ):
        await stream.until("hello")
        revoked = await api.http.post(f"/api/keys/{issued.key.key_id}/revoke")
        assert revoked.is_success
        await api.authenticator.context.keyring.refresh()
        assert (await stream.until("bye")).data == {"why": "revoked"}
        with pytest.raises(StopAsyncIteration):
            await stream.next()


@pytest.mark.parametrize("change", ["another role", "no access", "signed out"])
async def test_a_stream_of_a_person_ends_when_the_session_or_its_rights_end(api, ada, monkeypatch, change):
    monkeypatch.setattr(event_stream, "HEARTBEAT_SECONDS", 0.05)
    async with api.signed_in("rep", "ben@example.com") as ben, reading(ben.http) as stream:
        await stream.until("hello")
        await stream.until("hb")
        person = ben.person.person_id
        match change:
            case "another role":
                await api.http.put(f"/api/people/{person}/role", json={"role": "viewer"})
            case "no access":
                await api.http.post(f"/api/people/{person}/deactivate", json={})
            case "signed out":
                await ben.http.delete("/api/session")
        await api.authenticator.context.sessions.refresh()
        assert (await stream.until("bye")).data == {"why": "revoked"}


async def test_a_stream_ends_after_its_time(api, ada, monkeypatch):
    monkeypatch.setattr(event_stream, "MAX_SECONDS", 0.2)
    monkeypatch.setattr(event_stream, "HEARTBEAT_SECONDS", 0.05)
    async with reading(api.http) as stream:
        assert (await stream.until("bye")).data == {"why": "renew"}


@pytest.mark.parametrize(("limits", "status"), [((1, 9), 429), ((9, 1), 503)])
async def test_the_number_of_open_streams_is_bounded(api, ada, monkeypatch, limits, status):
    streams = LongResponses("streams", *limits)
    monkeypatch.setattr(api.framework.state, "open_streams", streams)
    async with reading(api.http) as stream:
        await stream.until("hello")
        refused = await api.http.get("/api/stream")
        assert api.problem(refused, status)["code"] == "too-many-streams"
        assert refused.headers["retry-after"] == "30"
    async with asyncio.timeout(5):
        while streams.count:
            await asyncio.sleep(0.01)


async def test_when_mongodb_does_not_answer_it_is_refused_before_it_begins(api, ada):
    async with api.failing("find", errorCode=11600):
        answer = await api.http.get("/api/stream", params={"after": "1"}, timeout=30)
    assert api.problem(answer, 503)
