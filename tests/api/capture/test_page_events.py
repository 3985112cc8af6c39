"""Keys of web pages: they neither occupy nor find out the ids of other senders."""

from __future__ import annotations

import json

import pytest

SHOP = "https://shop.example"
PURCHASE = {
    "eventId": "order-1002",
    "leadId": "ada",
    "type": "purchase",
    "properties": {"email": "a@b.example"},
}
VIEW = {"eventId": "order-1002", "leadId": "nobody", "type": "page_view"}


@pytest.fixture
async def page(api):
    """Sends events as a page does."""
    return await a_page(api)


async def a_page(api):
    issued = await api.new_key("ingest", origins=(SHOP,))
    await api.authenticator.context.keyring.refresh()

    async def send(body, **headers):
        return await api.send(body, authorization=f"Bearer {issued.token.text}", origin=SHOP, **headers)

    return send


def outcomes(answer):
    assert answer.status_code == 202, answer.text
    return [result["status"] for result in answer.json()["results"]]


async def test_the_id_of_a_server_is_free_whatever_a_page_has_sent(api, page):
    assert outcomes(await page(VIEW)) == ["accepted"]
    assert outcomes(await api.send(PURCHASE)) == ["accepted"]
    assert outcomes(await api.send([PURCHASE])) == ["duplicate"]


async def test_a_page_cannot_write_under_an_id_of_the_engine_or_of_another_page(api, page):
    assert outcomes(await page(VIEW)) == ["accepted"]
    other = await a_page(api)
    assert outcomes(await other(VIEW)) == ["accepted"]
    assert outcomes(await page(VIEW)) == ["duplicate"]


@pytest.mark.parametrize("batch", [False, True])
async def test_what_is_stored_under_an_id_cannot_be_found_out(api, page, batch):
    """Neither of the server's event nor of one that a page has sent itself: right and wrong guesses read the same."""
    await api.store(PURCHASE)
    own = {**PURCHASE, "eventId": "own"}
    assert outcomes(await page(own)) == ["accepted"]
    answers = []
    for guess in ("a@b.example", "c@d.example"):
        for event in (PURCHASE, own):
            guessed = {**event, "properties": {"email": guess}}
            answers.append(await page([guessed] if batch else guessed))
    assert [outcomes(answer) for answer in answers] == [
        ["accepted"],
        ["duplicate"],
        ["duplicate"],
        ["duplicate"],
    ]
    assert answers[1].content == answers[3].content
    assert await api.stored() == 3


async def test_the_answer_names_the_ids_that_were_sent_and_no_position(page):
    (result,) = (await page(VIEW)).json()["results"]
    assert result == {"eventId": "order-1002", "leadId": "nobody", "status": "accepted"}
    (made,) = (await page({"leadId": "nobody", "type": "page_view"})).json()["results"]
    assert set(made) == {"eventId", "leadId", "status"}


async def test_partial_acceptance_is_the_same(api, page):
    answer = await page([VIEW, {"leadId": "x"}, VIEW], prefer="handling=lenient")
    assert outcomes(answer) == ["accepted", "refused", "duplicate"]


async def test_a_reader_sees_that_an_event_comes_from_a_page(api, page):
    await page(VIEW)
    (event,) = (await api.get("/api/leads/nobody/events"))["items"]
    assert event["eventId"].startswith("web:")
    assert event["eventId"].endswith(":order-1002")


async def test_the_longest_id_is_taken(page):
    longest = {**VIEW, "eventId": "x" * 200}
    assert outcomes(await page(longest)) == ["accepted"]
    assert outcomes(await page(json.dumps(longest).encode())) == ["duplicate"]


@pytest.mark.parametrize("kind", ["lead.assigned", "\u200blead.assigned", " lead.assigned "])
async def test_a_page_gives_no_lead_another_owner(api, page, kind):
    """A visitor who reads the key of a page could otherwise see any lead by assigning it to oneself."""
    assigned = {"leadId": "ada", "type": kind, "properties": {"ownerId": "person_1"}}
    for body, pointer in ((assigned, "/type"), ([VIEW, assigned], "/1/type")):
        problem = api.problem(await page(body), 400)
        assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert await api.stored() == 0

    answer = await page([VIEW, assigned], prefer="handling=lenient")
    assert outcomes(answer) == ["accepted", "refused"]
    assert await api.stored() == 1


async def test_a_server_gives_a_lead_an_owner_and_is_told_of_a_missing_one(api):
    good = {"leadId": "ada", "type": "lead.assigned", "properties": {"ownerId": "person_1"}}
    assert outcomes(await api.send([good, {**good, "properties": {"ownerId": None}}])) == ["accepted"] * 2
    for properties in ({}, {"ownerId": 1}, {"ownerId": ""}, {"ownerId": "x" * 201}):
        await api.refuses({**good, "properties": properties}, "/properties/ownerId")


@pytest.mark.parametrize("event_id", ["route:ada:1", "assign:1", "touch:route:ada:1:due"])
async def test_nobody_occupies_the_ids_of_routing(api, event_id):
    await api.refuses({"leadId": "ada", "type": "page_view", "eventId": event_id}, "/eventId")
