"""Messages, replies, the suppression list and unsubscription over HTTP."""

from __future__ import annotations

import re

import pytest

from workflows.outreach.conversation import MAX_SHOWN
from workflows.work.loops import drain

MAIL = {"channel": "email", "to": "ada@example.com", "subject": "Hi", "text": "Hello"}
PATH = "/api/leads/ada/messages"


@pytest.fixture
async def ada(api):
    await api.store({"leadId": "ada", "type": "signup"})


async def sent(api, **more):
    answer = await api.http.post(PATH, json={**MAIL, **more})
    assert answer.status_code == 202, answer.text
    await drain(api.runtime)
    return await api.get(f"/api/messages/{answer.json()['id']}")


def mails(api):
    folder = api.runtime.outreach.outbox
    return [file.read_text() for file in sorted(folder.iterdir())] if folder.exists() else []


async def test_a_message_lies_in_the_outbox_and_shows_its_history(api, ada):
    message = await sent(api, why="asked for it")
    assert (message["status"], message["to"], message["why"]) == ("sent", "ada@example.com", "asked for it")
    assert [step["type"] for step in message["history"]] == ["message.planned", "message.sent"]
    (mail,) = mails(api)
    assert "Subject: Hi" in mail
    assert await api.get("/api/messages", leadId="ada") == {"items": [message], "nextCursor": None}


async def test_a_lead_is_shown_with_its_messages_by_channel(api, ada):
    first, second = await sent(api), await sent(api, html="<p>Hello</p>")
    task = await sent(api, channel="linkedin", to="https://www.linkedin.com/in/ada")
    await api.store({"leadId": "ada", "type": "email.opened", "properties": {"messageId": first["id"]}})
    await api.work()
    lead = await api.get("/api/leads/ada")
    assert lead["status"] == "contacted"
    assert lead["moreMessages"] is False
    email, linkedin = lead["channels"]
    assert (email["channel"], linkedin["channel"]) == ("email", "linkedin")
    assert [one["id"] for one in linkedin["messages"]] == [task["id"]]
    assert {one["id"] for one in email["messages"]} == {first["id"], second["id"]}
    (opened,) = [one for one in email["messages"] if one["id"] == first["id"]]
    types = [step["type"] for step in opened["history"]]
    assert types == ["message.planned", "message.sent", "email.opened"]
    assert len(opened["attempts"]) == 1
    assert not any(one["html"] for one in email["messages"])


async def test_a_lead_is_shown_with_its_latest_messages_only(api, ada):
    for _ in range(MAX_SHOWN + 1):
        await api.http.post(PATH, json=MAIL)
    await api.work()
    lead = await api.get("/api/leads/ada")
    (email,) = lead["channels"]
    assert (len(email["messages"]), lead["moreMessages"]) == (MAX_SHOWN, True)


async def test_a_repeated_request_with_its_key_is_one_message(api, ada):
    key = {"idempotency-key": "k1"}
    first = await api.http.post(PATH, json=MAIL, headers=key)
    again = await api.http.post(PATH, json=MAIL, headers=key)
    assert first.json()["id"] == again.json()["id"]
    other = await api.http.post(PATH, json={**MAIL, "text": "x"}, headers=key)
    assert api.problem(other, 409)["code"] == "conflict"
    await drain(api.runtime)
    assert len(mails(api)) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**MAIL, "channel": "fax"}, "/channel"),
        ({**MAIL, "to": "nobody"}, "/to"),
        ({**MAIL, "subject": ""}, "/subject"),
        ({**MAIL, "subject": "a\nBcc: eve@example.com"}, "/subject"),
        ({**MAIL, "text": " "}, "/text"),
        ({**MAIL, "sendAt": "tomorrow"}, "/sendAt"),
        ({**MAIL, "sendAt": "2099-01-01T00:00:00Z"}, "/sendAt"),
        ({**MAIL, "x": 1}, "/x"),
        ({"text": "x"}, "/channel"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_stored(api, ada, body, pointer):
    problem = api.problem(await api.http.post(PATH, json=body), 400)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert (await api.get("/api/messages"))["items"] == []


async def test_a_lead_that_does_not_exist_is_not_found(api):
    assert api.problem(await api.http.post("/api/leads/no/messages", json=MAIL), 404)
    assert api.problem(await api.http.get("/api/messages/msg_no"), 404)


async def test_a_reply_stops_what_is_planned_and_says_what_it_answers(api, ada):
    first = await sent(api)
    planned = (await api.http.post(PATH, json={**MAIL, "replyTo": first["id"]})).json()
    reply = await api.http.post(
        "/api/leads/ada/replies", json={"text": "No thanks", "inReplyTo": first["id"]}
    )
    assert reply.status_code == 202
    await drain(api.runtime)
    stopped = await api.get(f"/api/messages/{planned['id']}")
    assert stopped["status"] == "withheld"
    assert [reason["code"] for reason in stopped["reasons"]] == ["replied"]
    assert (await api.get(f"/api/messages/{first['id']}"))["status"] == "replied"
    assert len(mails(api)) == 1
    wrong = {"text": "x", "inReplyTo": "msg_no"}
    api.problem(await api.http.post("/api/leads/ada/replies", json=wrong), 400)


async def test_get_never_unsubscribes_and_post_does_for_ever(api, ada):
    await sent(api)
    link = re.search(r"/u/[\w-]+", mails(api)[0].replace("=\n", "").replace("\n ", ""))[0]
    async with api.browser() as anybody:
        for _ in range(3):
            page = await anybody.get(link)
            assert (page.status_code, "Unsubscribe" in page.text) == (200, True)
        assert (await api.get("/api/suppressions"))["items"] == []
        one_click = {"content-type": "application/x-www-form-urlencoded"}
        for _ in range(2):
            done = await anybody.post(link, content="List-Unsubscribe=One-Click", headers=one_click)
            assert (done.status_code, "unsubscribed" in done.text) == (200, True)
        assert (await anybody.post(link[:-3] + "xyz")).status_code == 404
        assert (await anybody.get("/u/" + "A" * 40)).status_code == 404
    (entry,) = (await api.get("/api/suppressions"))["items"]
    assert (entry["value"], entry["scope"]) == ("ada@example.com", "email")
    assert (await sent(api))["status"] == "withheld"
    assert len(mails(api)) == 1


async def test_the_suppression_list_takes_all_entries_or_none(api, ada):
    good, bad = {"value": "ada@example.com"}, {"value": "123"}
    problem = api.problem(await api.http.post("/api/suppressions", json={"entries": [good, bad]}), 400)
    assert [error["pointer"] for error in problem["errors"]] == ["/1/value"]
    assert (await sent(api))["status"] == "sent"
    assert (await api.http.post("/api/suppressions", json={"entries": [good]})).json() == {"added": 1}
    assert (await sent(api))["status"] == "withheld"
    (entry,) = (await api.get("/api/suppressions"))["items"]
    assert (await api.http.delete(f"/api/suppressions/{entry['id']}")).status_code == 204
    assert api.problem(await api.http.delete(f"/api/suppressions/{entry['id']}"), 404)
    assert (await sent(api))["status"] == "sent"


async def test_the_list_is_searched_by_what_a_recipient_meets(api):
    entries = [
        {"value": "ada@example.com", "scope": "email", "why": "asked"},
        {"value": "@example.com"},
        {"value": "ada@example.org"},
    ]
    assert (await api.http.post("/api/suppressions", json={"entries": entries})).json() == {"added": 3}
    met = (await api.get("/api/suppressions", value=" Ada@Example.com"))["items"]
    assert {(one["scope"], one["value"]) for one in met} == {
        ("email", "ada@example.com"),
        ("all", "example.com"),
    }
    assert [one["kind"] for one in (await api.get("/api/suppressions", value="@example.com"))["items"]] == [
        "domain"
    ]
    assert (await api.get("/api/suppressions", value="eve@example.net"))["items"] == []
    problem = api.problem(await api.http.get("/api/suppressions", params={"value": "+49"}), 400)
    assert [error["pointer"] for error in problem["errors"]] == ["?value"]


async def test_the_audit_log_keeps_why_an_entry_was_removed(api):
    await api.http.post("/api/suppressions", json={"entries": [{"value": "ada@example.com"}]})
    (entry,) = (await api.get("/api/suppressions"))["items"]
    await api.http.delete(f"/api/suppressions/{entry['id']}", params={"why": "asked to be back"})
    log = (await api.get("/api/audit"))["items"]
    (removed,) = [one for one in log if one["action"] == "suppression.removed"]
    assert removed["after"] == {"liftedBecause": "asked to be back"}


async def test_a_withheld_message_is_tried_again_or_given_up(api, ada):
    await api.http.post("/api/suppressions", json={"entries": [{"value": "@example.com"}]})
    message = await sent(api)
    (entry,) = (await api.get("/api/suppressions"))["items"]
    await api.http.delete(f"/api/suppressions/{entry['id']}")
    assert (await api.http.post(f"/api/messages/{message['id']}/retry")).status_code == 202
    await drain(api.runtime)
    assert (await api.get(f"/api/messages/{message['id']}"))["status"] == "sent"
    for action, body in (("retry", {}), ("resolve", {"found": "sent"}), ("discard", {"why": "x"})):
        answer = await api.http.post(f"/api/messages/{message['id']}/{action}", json=body)
        assert api.problem(answer, 409)["code"] == "conflict"


async def test_a_message_that_was_given_up_says_so_until_it_is_tried_again(api, ada):
    planned = await api.http.post(PATH, json={**MAIL, "sendAt": api.at(hours=1)})
    path = f"/api/messages/{planned.json()['id']}"
    given_up = await api.http.post(f"{path}/discard", json={"why": "called instead"})
    assert given_up.status_code == 200
    message = await api.get(path)
    assert (message["status"], message["discardedBecause"]) == ("discarded", "called instead")
    assert (await api.http.post(f"{path}/retry")).status_code == 202
    message = await api.get(path)
    assert (message["status"], message["discardedBecause"]) == ("planned", None)
    await drain(api.runtime)
    assert (await api.get(path))["status"] == "sent"
