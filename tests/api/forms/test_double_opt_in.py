"""Double opt-in: nothing but the question goes out before the address is confirmed, and only POST confirms it."""

from __future__ import annotations

import re

import pytest

from tests.http_client import open_client
from workflows.work.loops import drain

MAIL = {"channel": "email", "to": "ada@example.com", "subject": "Hi", "text": "Hello"}
TODAY = {"email": "ada@example.com", "consent": "yes"}


@pytest.fixture
async def form(api):
    answer = await api.http.post("/api/forms", json={"name": "News", "doubleOptIn": True, "minSeconds": 0})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def submit(api, form):
    async def submit(**fields):
        async with open_client(api.http.base_url) as browser:
            answer = await browser.post(f"/f/{form['formKey']}", data={**TODAY, **fields})
        await drain(api.runtime)
        await api.work()
        return answer

    return submit


def mails(api):
    folder = api.runtime.outreach.outbox
    return [file.read_text() for file in sorted(folder.iterdir())] if folder.exists() else []


async def lead_of(api):
    (lead,) = (await api.get("/api/leads", email="ada@example.com"))["items"]
    return lead["leadId"]


async def types_of(api):
    events = (await api.get(f"/api/leads/{await lead_of(api)}/events"))["items"]
    return [event["type"] for event in events if event["type"].startswith("consent.")]


def link_in(mail):
    return re.search(r"/c/[\w-]+", mail.partition("\n\n")[2].replace("=\n", ""))[0]


async def write(api):
    """What becomes of another message to the lead."""
    answer = await api.http.post(f"/api/leads/{await lead_of(api)}/messages", json=MAIL)
    assert answer.status_code == 202, answer.text
    await drain(api.runtime)
    message = await api.get(f"/api/messages/{answer.json()['id']}")
    return message["status"], [reason["code"] for reason in message["reasons"]]


async def test_nothing_else_goes_out_before_the_address_is_confirmed_by_post(api, submit):
    assert (await submit()).status_code == 303
    (question,) = mails(api)
    assert "Please confirm your address" in question
    assert await types_of(api) == ["consent.requested"]
    assert await write(api) == ("withheld", ["unconfirmed"])
    link = link_in(question)
    for _ in range(2):
        page = await api.ask("get", link, None)
        assert (page.status_code, "<button>" in page.text) == (200, True)
    assert await write(api) == ("withheld", ["unconfirmed"])
    for _ in range(2):
        assert (await api.ask("post", link, None)).status_code == 200
    assert await write(api) == ("sent", [])
    await api.work()
    assert await types_of(api) == ["consent.given", "consent.requested"]
    events = (await api.get(f"/api/leads/{await lead_of(api)}/events"))["items"]
    (given,) = [event for event in events if event["type"] == "consent.given"]
    assert (given["properties"]["method"], given["properties"]["form"]) == ("double opt-in", "News")
    await submit()
    assert len(mails(api)) == 2
    assert await write(api) == ("sent", [])


async def test_a_form_that_is_sent_often_asks_once_a_day(api, submit):
    for number in range(3):
        await submit(message=str(number))
    assert len(mails(api)) == 1
    api.wait(days=1)
    await submit()
    assert len(mails(api)) == 2


async def test_who_has_unsubscribed_is_not_even_asked(api, submit):
    entries = [{"value": "ada@example.com", "why": "asked by phone"}]
    assert (await api.http.post("/api/suppressions", json={"entries": entries})).status_code == 200
    await submit()
    assert mails(api) == []


async def test_there_must_be_an_address_to_confirm_and_a_link_to_do_it(api, form, submit):
    answer = await submit(email="", phone="+4915112345678")
    assert answer.status_code == 400
    assert "is to be confirmed" in answer.text
    assert (await api.ask("get", "/c/" + "A" * 60, None)).status_code == 404
    assert (await api.ask("post", "/c/" + "A" * 60, None)).status_code == 404
    path = f"/api/forms/{form['formKey']}"
    problem = api.problem(await api.http.patch(path, json={"confirmationText": "no link"}), 400)
    assert problem["errors"][0]["pointer"] == "/confirmationText"


async def test_the_token_of_one_kind_of_link_is_none_of_the_other(api, submit):
    await submit()
    (question,) = mails(api)
    unsubscribe = re.search(r"/u/([\w-]+)", question.replace("=\n", "").replace("\n ", ""))[1]
    assert (await api.ask("post", f"/c/{unsubscribe}", None)).status_code == 404
    assert (await api.ask("post", link_in(question).replace("/c/", "/u/"), None)).status_code == 404
