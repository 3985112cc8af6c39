"""Drafts over HTTP: asked for, listed, edited, approved, rejected."""

from __future__ import annotations

import pytest

from workflows.replies.follow import enqueue_replies
from workflows.work.loops import drain

PATH = "/api/leads/ada/drafts"
ASK = {"purpose": "introduction"}


@pytest.fixture
async def ada(api):
    properties = {"email": "ada@example.com", "firstName": "Ada", "company": "ACME"}
    await api.store({"leadId": "ada", "type": "signup", "properties": properties})


async def asked(api, **more):
    answer = await api.http.post(PATH, json={**ASK, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_draft_waits_with_its_text_and_its_origin(api, ada):
    draft = await asked(api)
    assert (draft["state"], draft["revision"], draft["language"]) == ("waiting", 1, "en")
    assert draft["text"].startswith("Hello Ada,")
    assert "ACME" in draft["subject"]
    assert draft["origin"]["by"] == "template"
    assert await api.get("/api/drafts", state="waiting") == {"items": [draft], "nextCursor": None}
    assert await api.get("/api/drafts", leadId="ada") == {"items": [draft], "nextCursor": None}
    assert (await api.get("/api/drafts", state="approved"))["items"] == []
    assert await api.get(f"/api/drafts/{draft['id']}") == draft


async def test_an_edited_and_approved_draft_is_a_message(api, ada):
    draft = await asked(api)
    path = f"/api/drafts/{draft['id']}"
    edited = await api.http.patch(path, json={"text": "Hello Ada, Tuesday?", "revision": 1})
    assert (edited.json()["text"], edited.json()["revision"]) == ("Hello Ada, Tuesday?", 2)
    assert api.problem(await api.http.post(f"{path}/approve?revision=1"), 409)
    approved = await api.http.post(f"{path}/approve?revision=2")
    assert approved.status_code == 202, approved.text
    await drain(api.runtime)
    message = await api.get(f"/api/messages/{approved.json()['messageId']}")
    assert (message["status"], message["text"]) == ("sent", "Hello Ada, Tuesday?")
    again = await api.http.post(f"{path}/approve")
    assert again.json()["messageId"] == message["id"]


async def test_an_answer_continues_the_thread_of_what_it_answers(api, ada):
    first = (
        await api.http.post(
            "/api/leads/ada/messages", json={"channel": "email", "subject": "Your demo", "text": "Hi"}
        )
    ).json()
    await drain(api.runtime)
    reply = await api.http.post(
        "/api/leads/ada/replies", json={"text": "Tell me more", "inReplyTo": first["id"]}
    )
    draft = await asked(api, purpose="reply")
    assert (draft["replyTo"], draft["answers"]) == (first["id"], reply.json()["eventId"])
    assert draft["subject"] == "Re: Your demo"
    approved = await api.http.post(f"/api/drafts/{draft['id']}/approve")
    await drain(api.runtime)
    message = await api.get(f"/api/messages/{approved.json()['messageId']}")
    assert (message["status"], message["replyTo"]) == ("sent", first["id"])


@pytest.mark.parametrize("classified", [True, False], ids=["classified", "not yet"])
async def test_an_answer_follows_what_the_reply_means(api, ada, classified):
    await api.http.post("/api/leads/ada/replies", json={"text": "Not right now, please try again in March."})
    if classified:
        await enqueue_replies(api.runtime)
        await drain(api.runtime)
    assert "and not before" in " ".join((await asked(api, purpose="reply"))["text"].split())


async def test_an_opt_out_is_never_answered(api, ada):
    await api.http.post("/api/leads/ada/replies", json={"text": "Please stop writing to me."})
    for _ in range(2):
        problem = api.problem(await api.http.post(PATH, json={"purpose": "reply"}), 409)
        assert "not to be written to" in problem["message"]
        await enqueue_replies(api.runtime)
        await drain(api.runtime)


async def test_a_rejected_draft_says_why(api, ada):
    draft = await asked(api)
    rejected = await api.http.post(f"/api/drafts/{draft['id']}/reject", json={"why": "too formal"})
    assert (rejected.json()["state"], rejected.json()["why"]) == ("rejected", "too formal")
    assert api.problem(await api.http.post(f"/api/drafts/{draft['id']}/approve"), 409)


async def test_the_language_is_that_of_the_lead_unless_another_is_asked_for(api, ada):
    await api.store({"leadId": "ada", "type": "lead.updated", "properties": {"language": "de-AT"}})
    assert (await asked(api))["text"].startswith("Guten Tag Ada,")
    assert (await asked(api, language="fr"))["text"].startswith("Bonjour Ada,")


async def test_instructions_that_no_template_can_follow_are_said_to_be_left_out(api, ada):
    draft = await asked(api, instructions="Mention the fair")
    assert ["model" in note for note in draft["origin"]["notes"]] == [True]


async def test_a_repeated_request_with_its_key_is_one_draft(api, ada):
    key = {"idempotency-key": "k1"}
    first = await api.http.post(PATH, json=ASK, headers=key)
    again = await api.http.post(PATH, json=ASK, headers=key)
    assert first.json()["id"] == again.json()["id"]
    other = await api.http.post(PATH, json={"purpose": "meeting"}, headers=key)
    assert api.problem(other, 409)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/purpose"),
        ({"purpose": "spam"}, "/purpose"),
        ({**ASK, "channel": "fax"}, "/channel"),
        ({**ASK, "language": "it"}, "/language"),
        ({**ASK, "to": "nobody"}, "/to"),
        ({**ASK, "instructions": "x" * 2001}, "/instructions"),
        ({**ASK, "x": 1}, "/x"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_stored(api, ada, body, pointer):
    problem = api.problem(await api.http.post(PATH, json=body), 400)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert (await api.get("/api/drafts"))["items"] == []


async def test_an_erased_lead_has_nothing_left_to_read_or_approve(api, ada):
    draft = await asked(api)
    erased = await api.http.delete("/api/leads/ada/personal-data")
    assert erased.json()["drafts"] == 1
    left = await api.get(f"/api/drafts/{draft['id']}")
    assert (left["state"], left["text"], left["subject"], left["to"]) == ("rejected", None, None, None)
    assert api.problem(await api.http.post(f"/api/drafts/{draft['id']}/approve"), 409)
