"""/f/{formKey}: plain HTML forms, filled by people, machines and a real browser."""

from __future__ import annotations

import contextlib
import re
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.api.console.conftest import browser, chromium  # noqa: F401 - the fixtures of a real Chromium
from tests.http_client import open_client

SITE = "https://www.example.com"


@pytest.fixture
def form(api):
    """Creates a form: `await form(name="Contact")`."""

    async def form(**details):
        answer = await api.http.post("/api/forms", json={"name": "Contact", "origins": [SITE], **details})
        assert answer.status_code == 201, answer.text
        return answer.json()

    return form


@pytest.fixture
def send(api):
    """A browser without script that sends a form."""

    async def send(form, fields, origin=SITE, **headers):
        named = {"origin": origin, **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with open_client(api.http.base_url) as http:
            return await http.post(f"/f/{form['formKey']}", data=fields, headers=named)

    return send


async def lead_of(api, email):
    (lead,) = (await api.get(f"/api/leads?email={email}"))["items"]
    return lead, (await api.get(f"/api/leads/{lead['leadId']}/events"))["items"]


async def test_a_submission_makes_a_lead_and_leads_to_the_thank_you_page(api, form, send):
    contact = await form(thankYouUrl=f"{SITE}/thanks", attributes={"company": "companyName", "name": "name"})
    fields = {"email": "ada@example.com", "name": "Ada", "company": "ACME", "consent": "yes", "message": "Hi"}
    answer = await send(contact, fields, referer=f"{SITE}/offer?utm_source=mail&gclid=G1")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{SITE}/thanks")
    await api.work()
    _, events = await lead_of(api, "ada@example.com")
    kinds = {one["type"]: one["properties"] for one in events}
    assert kinds["form.submitted"]["utm_source"] == "mail"
    assert kinds["form.submitted"]["gclid"] == "G1"
    assert kinds["form.submitted"]["message"] == "Hi"
    assert kinds["lead.updated"] == {"companyName": "ACME", "name": "Ada"}
    assert kinds["consent.given"] == {"form": "Contact"}


async def test_the_page_says_where_to_go_on_the_origins_of_the_form_only(api, form, send):
    contact = await form()
    own = f"/f/{contact['formKey']}/thanks"
    for wanted, to in ((f"{SITE}/a", f"{SITE}/a"), ("https://evil.example/", own), ("//evil.example", own)):
        answer = await send(contact, {"email": "ada@example.com", "_redirect": wanted})
        assert (answer.status_code, answer.headers["location"]) == (303, to)
    thanks = await api.ask("get", own, None)
    assert (thanks.status_code, thanks.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("trap", [{"company_website": "x"}, {"_elapsed": "50"}])
async def test_machines_get_the_same_answer_and_store_nothing(api, form, send, trap):
    contact = await form()
    answer = await send(contact, {"email": "ada@example.com", **trap})
    assert answer.status_code == 303
    assert await api.runtime.capture.log.count() == 0
    assert (await api.get(f"/api/forms/{contact['formKey']}"))["trapped"] == 1


async def test_a_form_sent_twice_is_one_and_filled_again_another(api, form, send):
    contact = await form()
    for message in ("a", "a", "b"):
        await send(contact, {"email": "ada@example.com", "_id": "x1", "message": message})
    assert await api.runtime.capture.log.count() == 2


async def test_a_form_that_names_nobody_is_refused_in_words_or_as_a_problem(api, form, send):
    contact = await form()
    page = await send(contact, {"email": "<b>"}, accept="text/html")
    assert page.status_code == 400
    assert "email" in page.text
    problem = api.problem(await send(contact, {"email": "nobody"}), 400)
    assert problem["errors"][0]["pointer"] == "/email"
    assert (await api.get(f"/api/forms/{contact['formKey']}"))["refused"] == 2


async def submissions(api):
    found = re.findall(
        r'form_submissions_total{outcome="(\w+)"} (\d+)', (await api.http.get("/metrics")).text
    )
    return Counter({outcome: int(number) for outcome, number in found})


async def test_figures_count_submissions_by_what_became_of_them(api, form, send):
    contact, before = await form(), await submissions(api)
    for fields in ({}, {"company_website": "x"}, {"company_website": "y"}, {"email": "nobody"}):
        await send(contact, {"email": "ada@example.com", **fields})
    assert await submissions(api) - before == Counter(stored=1, trapped=2, refused=1)


async def test_pages_of_other_origins_are_refused_and_servers_are_not(api, form, send):
    contact = await form()
    answer = await send(contact, {"email": "ada@example.com"}, origin="https://evil.example")
    assert api.problem(answer, 403)
    for origin in (SITE, "null", str(api.http.base_url).rstrip("/")):
        assert (await send(contact, {"email": "ada@example.com"}, origin=origin)).status_code == 303


async def test_what_is_no_form_and_a_form_that_is_not_there_are_refused(api, form, send):
    contact = await form()
    path = f"/f/{contact['formKey']}"
    async with open_client(api.http.base_url) as http:
        assert api.problem(await http.post(path, json={"email": "ada@example.com"}), 400)
        too_many = "&".join(f"a{number}=1" for number in range(1001))
        form_type = {"content-type": "application/x-www-form-urlencoded"}
        assert api.problem(await http.post(path, content=too_many, headers=form_type), 400)
    await api.http.patch(f"/api/forms/{contact['formKey']}", json={"enabled": False})
    assert api.problem(await send(contact, {"email": "ada@example.com"}), 404)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "a", "origins": ["https://x.example/path"]}, "/origins/0"),
        ({"name": "a", "origins": [SITE], "thankYouUrl": "https://evil.example"}, "/thankYouUrl"),
        ({"name": "a", "minSeconds": -1}, "/minSeconds"),
    ],
)
async def test_a_form_that_cannot_work_is_refused_by_its_field(api, body, pointer):
    problem = api.problem(await api.http.post("/api/forms", json=body), 400)
    assert problem["errors"][0]["pointer"] == pointer
    assert (await api.get("/api/forms"))["items"] == []


async def test_the_snippet_is_escaped_and_the_page_lets_only_its_own_script_run(api, form):
    contact = await form(honeypot='"><script>alert(1)</script>')
    page = await api.ask("get", f"/f/{contact['formKey']}?utm_source=x", None)
    assert page.text.count("<script>") == 1
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert f"form-action 'self' {SITE};" in policy


@contextlib.contextmanager
def site(html):
    """A web site of somebody: one page for every path."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            body = (html if self.path.startswith("/offer") else "<h1>Many thanks</h1>").encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


async def test_a_browser_fills_in_the_hosted_page(api, form, browser):  # noqa: F811
    contact = await form(minSeconds=0)
    async with await browser.new_context() as opened:
        page = await opened.new_page()
        page.set_default_timeout(10_000)
        await page.goto(f"http://127.0.0.1:{api.port}/f/{contact['formKey']}?utm_campaign=spring")
        await page.fill("#lead-name", "Ada")
        await page.fill("#lead-email", "ada@example.com")
        await page.click("button")
        await page.wait_for_url("**/thanks")
        assert "Thank you" in await page.inner_text("main")
    await api.work()
    _, events = await lead_of(api, "ada@example.com")
    sent = next(one for one in events if one["type"] == "form.submitted")
    assert sent["properties"]["utm_campaign"] == "spring"
    assert not [name for name in sent["properties"] if name.startswith("_")]


async def test_a_browser_fills_in_the_copied_snippet_on_another_site(api, form, browser):  # noqa: F811
    contact = await form(minSeconds=0)
    async with await browser.new_context() as opened:
        page = await opened.new_page()
        page.set_default_timeout(10_000)
        await page.goto(f"http://127.0.0.1:{api.port}/f/{contact['formKey']}")
        snippet = await page.input_value("#snippet")
        with site(f"<!doctype html><body>{snippet}</body>") as server:
            origin = f"http://127.0.0.1:{server.server_port}"
            changed = await api.http.patch(
                f"/api/forms/{contact['formKey']}",
                json={"origins": [origin], "thankYouUrl": f"{origin}/thanks"},
            )
            assert changed.status_code == 200, changed.text
            await page.goto(f"{origin}/offer?utm_source=mail&gclid=G1")
            await page.fill("#lead-email", "ada@example.com")
            await page.check("[name=consent]")
            await page.click("button")
            await page.wait_for_url("**/thanks")
            assert await page.inner_text("h1") == "Many thanks"
    await api.work()
    _, events = await lead_of(api, "ada@example.com")
    kinds = {one["type"]: one["properties"] for one in events}
    assert kinds["form.submitted"]["gclid"] == "G1"
    assert kinds["form.submitted"]["page"] == f"{origin}/offer"
    assert "consent.given" in kinds
