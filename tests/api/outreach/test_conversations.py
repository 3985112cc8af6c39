"""GET /api/conversations: leads that wait for an answer, what they wrote, and what ends their waiting."""

from __future__ import annotations

import pytest

from domain.replies.intent import Reading
from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.built_in import built_in
from workflows.replies.follow import enqueue_replies
from workflows.work.loops import drain

PATH = "/api/conversations"
MAIL = {"channel": "email", "to": "ada@example.com", "subject": "Hi", "text": "Hello"}


@pytest.fixture(autouse=True)
def standard(api, monkeypatch):
    """Leads are scored by `standard`, whose rules know replies."""
    monkeypatch.setattr(api.runtime.rulebooks.active, "_current", compile_rulebook(built_in("standard")))


async def writes(api, lead_id, text, *, hours=0.0, kind="message.received", **more):
    properties = {"channel": "email", "messageBody": text, "messageSubject": "About it"}
    event = {"leadId": lead_id, "type": kind, "occurredAt": api.at(hours=hours), "properties": properties}
    await api.store({**event, **more})
    await api.work()


async def send(api, lead_id="ada", **more):
    answer = await api.http.post(f"/api/leads/{lead_id}/messages", json={**MAIL, **more})
    assert answer.status_code == 202, answer.text
    await drain(api.runtime)
    await api.work()
    return answer.json()["id"]


async def waiting(api, **query):
    return (await api.get(PATH, **query))["items"]


async def test_who_waits_longest_comes_first_with_the_newest_message(api):
    await writes(api, "ben", "Hello?", hours=-3)
    await writes(api, "ada", "First", hours=-5)
    await writes(api, "ada", "Second", hours=-4)
    found = await waiting(api)
    assert [(one["leadId"], one["last"]["text"]) for one in found] == [("ada", "Second"), ("ben", "Hello?")]
    assert found[0]["waitingSince"] == found[0]["last"]["at"] == api.at(hours=-4)
    assert (found[0]["last"]["subject"], found[0]["last"]["channel"]) == ("About it", "email")


async def test_pages_hold_every_lead_once_even_of_one_moment(api):
    for name in "cadb":
        await writes(api, name, "x", hours=-1)
    seen, cursor = [], None
    while len(seen) < 9:
        page = await api.get(PATH, limit=1, **({"cursor": cursor} if cursor else {}))
        seen += [one["leadId"] for one in page["items"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert seen == ["a", "b", "c", "d"]


async def test_an_answer_by_a_message_ends_the_waiting_everywhere(api):
    await writes(api, "ada", "When?", hours=-1)
    await send(api)
    assert await waiting(api) == []
    assert (await api.get("/api/leads/ada/intelligence"))["nextAction"] != "reply_now"
    types = [one["type"] for one in (await api.get("/api/leads/ada/events"))["items"]]
    assert types.count("rep_reply") == 1
    api.clock.at += 30 * 60_000
    await writes(api, "ada", "And now?", hours=0.5)
    assert [one["leadId"] for one in await waiting(api)] == ["ada"]


async def test_a_message_planned_before_the_lead_wrote_is_no_answer(api):
    planned = await api.http.post("/api/leads/ada/messages", json=MAIL)
    assert planned.status_code == 404
    await api.store({"leadId": "ada", "type": "signup", "occurredAt": api.at(hours=-2)})
    body = {**MAIL, "despiteReply": True}
    assert (await api.http.post("/api/leads/ada/messages", json=body)).status_code == 202
    await writes(api, "ada", "Wait", hours=-1)
    await drain(api.runtime)
    await api.work()
    (message,) = (await api.get("/api/messages"))["items"]
    assert message["status"] == "sent"
    assert [one["leadId"] for one in await waiting(api)] == ["ada"]


async def test_a_message_to_a_lead_that_does_not_wait_makes_no_answer(api):
    await api.store({"leadId": "ada", "type": "signup"})
    await send(api)
    types = [one["type"] for one in (await api.get("/api/leads/ada/events"))["items"]]
    assert "rep_reply" not in types


async def test_a_discarded_reply_is_not_shown_and_an_erased_one_has_no_text(api):
    await writes(api, "ada", "First", hours=-2)
    await writes(api, "ada", "By mistake", hours=-1, eventId="wrong")
    body = {"eventId": "wrong", "why": "a mistake"}
    assert (await api.http.post("/api/leads/ada/retractions", json=body)).is_success
    await api.work()
    assert [one["last"]["text"] for one in await waiting(api)] == ["First"]
    await api.http.delete("/api/leads/ada/personal-data")
    assert [one["last"]["text"] for one in await waiting(api) if one["last"]] in ([], [None])


async def test_the_timeline_has_replies_as_a_kind(api):
    await writes(api, "ada", "Hello")
    (entry,) = (await api.get("/api/leads/ada/timeline", kind="reply"))["items"]
    assert entry["event"]["properties"]["messageBody"] == "Hello"


async def test_a_rep_sees_those_of_the_leads_that_the_setting_shows(api, monkeypatch):
    for name in ("mine", "theirs", "free"):
        await writes(api, name, "x", hours=-1)
    settings = api.runtime.settings.model_copy(update={"lead_visibility": "own"})
    monkeypatch.setitem(api.runtime.__dict__, "settings", settings)
    async with (
        api.signed_in("rep") as rep,
        api.signed_in("rep", "ben@example.com") as ben,
        api.signed_in("admin", "cem@example.com") as admin,
    ):
        for lead, owner in (("mine", rep), ("theirs", ben)):
            body = {"ownerId": owner.person.person_id}
            assert (await admin.http.put(f"/api/leads/{lead}/owner", json=body)).status_code == 202
        await api.work()
        sees = {
            owner: {one["leadId"] for one in (await rep.http.get(f"{PATH}{owner}")).json()["items"]}
            for owner in ("", "?owner=me", "?owner=none", f"?owner={ben.person.person_id}")
        }
        assert [*sees.values()] == [{"mine", "free"}, {"mine"}, {"free"}, set()]
        assert len((await admin.http.get(PATH)).json()["items"]) == 3


async def test_the_list_of_one_channel_has_those_who_wrote_last_by_it_on_as_many_pages_as_it_takes(api):
    for hours, (name, channel) in enumerate((("a", "sms"), ("b", "email"), ("c", "sms"), ("d", "email"))):
        properties = {"channel": channel, "messageBody": "x"}
        await writes(api, name, "x", hours=hours - 9, properties=properties)
    await writes(api, "d", "x", hours=-1, properties={"channel": "sms", "messageBody": "and by text"})
    seen, cursor = [], None
    for _ in range(9):
        page = await api.get(PATH, channel="sms", limit=1, **({"cursor": cursor} if cursor else {}))
        seen += [one["leadId"] for one in page["items"]]
        if (cursor := page["nextCursor"]) is None:
            break
    assert seen == ["a", "c", "d"]
    assert [one["leadId"] for one in await waiting(api, channel="email")] == ["b"]
    assert await waiting(api, channel="linkedin") == []


async def test_a_search_that_ends_before_the_list_goes_on_where_it_ended(api, monkeypatch):
    monkeypatch.setattr("workflows.outreach.inbox._MAX_PAGES", 1)
    for hours, name in enumerate("abc"):
        channel = "sms" if name == "c" else "email"
        await writes(api, name, "x", hours=hours - 9, properties={"channel": channel, "messageBody": "x"})
    first = await api.get(PATH, channel="sms", limit=1)
    assert (first["items"], first["nextCursor"] is None) == ([], False)
    rest = await api.get(PATH, channel="sms", limit=1, cursor=first["nextCursor"])
    assert [one["leadId"] for one in rest["items"]] == ["c"]


async def test_a_suspected_opt_out_is_judged_by_whoever_may_work_on_the_lead(api, monkeypatch):
    guess = Reading(intent="interested", confidence=0.7, by="classifier", suspected_opt_out=0.25)
    monkeypatch.setattr("engine.assistant.offline.classify", lambda *_: guess)
    await writes(api, "ada", "Zzyzx", hours=-1, eventId="reply")
    await enqueue_replies(api.runtime)
    await drain(api.runtime)
    await api.work()
    (one,) = await waiting(api)
    assert one["optOuts"] == []
    expected = [{"replyId": "reply", "at": api.at(hours=-1), "probability": 0.25}]
    assert one["suspectedOptOuts"] == expected
    details = (await api.get("/api/leads/ada/intelligence"))["details"]
    assert details["suspectedOptOuts"] == expected
    path = "/api/leads/ada/replies/reply/judgement"
    answer = await api.http.post(path, json={"optOut": "maybe"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/optOut")
    assert (await api.http.post(path, json={"optOut": False})).status_code == 202
    await api.work()
    assert (await waiting(api))[0]["suspectedOptOuts"] == []
    assert (await api.http.post(path, json={"optOut": True})).status_code == 202
    await api.work()
    details = (await api.get("/api/leads/ada/intelligence"))["details"]
    assert ([one["channel"] for one in details["optOuts"]], details["suppressed"]) == (["all"], True)
    missing = await api.http.post("/api/leads/ada/replies/other/judgement", json={"optOut": True})
    assert missing.status_code == 404
