"""Stories of admins: API keys that are shown once, webhooks and what became of their messages, and the audit log."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.api.console.axe import PHONE_SIZE, faults_as_it_stands, faults_of_screen
from workflows.work.loops import drain

TABS = ("/ops", "/ops/work", "/ops/events", "/ops/webhooks", "/ops/keys", "/ops/audit")


def row(page, text):
    return page.get_by_role("row").filter(has_text=text)


@pytest.fixture
async def endpoint(api, receiver):
    """The id of an endpoint at the receiver."""
    answer = await api.http.post("/api/webhook-endpoints", json={"url": receiver.url})
    return answer.json()["id"]


async def test_a_key_is_shown_once_works_and_is_revoked_for_good(api, open_page):
    async with open_page("/ops/keys", role="admin") as page:
        await expect(page.get_by_text("Erases people")).to_have_count(0)
        await page.get_by_label("Name").fill("warehouse")
        await page.get_by_label("Sends events").uncheck()
        await page.get_by_label("Reads leads").check()
        await page.get_by_role("button", name="Make a key").click()
        secret = await page.locator(".secret").inner_text()
        assert (await api.ask("get", "/api/leads", secret)).status_code == 200
        assert (await api.ask("get", "/api/keys", secret)).status_code == 403
        await page.reload()
        await expect(row(page, "warehouse")).to_contain_text("read")
        assert secret not in await page.content()

        await page.get_by_role("button", name="Replace warehouse").click()
        await page.get_by_label("Hours for which").fill("0")
        await page.get_by_role("button", name="Replace it").click()
        other = await page.locator(".secret").inner_text()
        assert other != secret
        await page.get_by_role("button", name="I have it").click()
        await expect(page.locator(".secret")).to_have_count(0)

        await page.get_by_role("button", name="Revoke warehouse").click()
        await page.keyboard.press("Escape")
        await expect(row(page, "warehouse")).not_to_contain_text("revoked")
        await page.get_by_role("button", name="Revoke warehouse").click()
        await page.get_by_role("button", name="Revoke it").click()
        await expect(row(page, "warehouse")).to_contain_text("revoked")
        await api.authenticator.context.keyring.refresh()
        assert (await api.ask("get", "/api/leads", other)).status_code == 401


async def test_a_wrong_origin_is_refused_with_its_field(open_page):
    async with open_page("/ops/keys") as page:
        await page.get_by_label("Name").fill("shop")
        await page.get_by_label("Web pages that send").fill("shop.example.com/page")
        await page.get_by_role("button", name="Make a key").click()
        await expect(page.locator(".toast.failed")).to_contain_text("origins/0")
        await expect(page.get_by_label("Name")).to_have_value("shop")


async def test_an_endpoint_is_made_tested_and_its_message_sent_again(api, receiver, open_page):
    async with open_page("/ops/webhooks") as page:
        await page.get_by_label("Address").fill(receiver.url)
        await page.get_by_label("Types of messages").fill("lead.*, task.created")
        await page.get_by_role("button", name="Make an endpoint").click()
        await expect(page.locator(".secret")).to_contain_text("whsec_")
        await page.get_by_role("link", name=receiver.url).click()
        await expect(page.get_by_text("lead.*, task.created")).to_be_visible()
        await expect(page.locator(".secret")).to_have_count(0)

        await page.get_by_role("button", name="Send a test message").click()
        await expect(page.locator(".entries li").first).to_contain_text("webhook.test")
        receiver.will(receiver.answer(410))
        await drain(api.runtime)
        await page.get_by_role("button", name="Given up").click()
        await expect(page.locator(".entries li").first).to_contain_text("status 410")
        await expect(page).to_have_url(re.compile("state=dead"))
        await page.reload()
        await expect(page.get_by_text("Gets nothing")).to_be_visible()
        await page.get_by_role("button", name="Switch on").click()
        await expect(page.get_by_text("Gets messages", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Send it again").click()
        await expect(page.get_by_text("None in this state.")).to_be_visible()
        await drain(api.runtime)
        await page.get_by_role("button", name="Delivered").click()
        await expect(page.locator(".entries > li").first).to_contain_text("2 attempts")
        first, second = receiver.requests
        assert first.body == second.body


async def test_the_overview_says_what_was_given_up_and_units_are_held_resumed_and_tried_again(
    api, receiver, endpoint, open_page
):
    await api.http.post(f"/api/webhook-endpoints/{endpoint}/test")
    async with open_page("/ops", role="admin", viewport=PHONE_SIZE) as page:
        await expect(page.get_by_text("Every stored event is in its score.")).to_be_visible()
        await page.get_by_role("link", name="Webhook", exact=True).click()
        units = page.locator(".entries > li")
        await expect(units).to_have_count(1)
        await page.get_by_role("button", name="Hold").click()
        await page.get_by_label("Why").fill("until the receiver is there")
        await page.get_by_role("button", name="Hold it").click()
        await page.get_by_role("link", name="Held").click()
        await expect(units).to_contain_text("until the receiver is there")
        await expect(page).to_have_url(re.compile("state=held"))
        await page.get_by_role("button", name="Resume").click()
        await expect(page.get_by_text("No work is in this state.")).to_be_visible()
        receiver.will(receiver.answer(410))
        await drain(api.runtime)
        await page.goto("/console/ops")
        await expect(page.get_by_text("1 unit of due work was given up.")).to_be_visible()
        assert await faults_as_it_stands(page) == []
        await page.get_by_role("link", name="1 of Webhook given up").click()
        await expect(units).to_contain_text("410")
        assert await faults_as_it_stands(page) == []
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator(".toast")).to_contain_text("same idempotency key")
        await expect(page.get_by_text("No work is in this state.")).to_be_visible()


async def test_an_endpoint_is_changed_gets_a_new_secret_and_is_deleted(api, receiver, endpoint, open_page):
    async with open_page(f"/ops/webhooks/{endpoint}") as page:
        await page.get_by_role("button", name="Change", exact=True).click()
        await page.get_by_label("What it is for").fill("the warehouse")
        await page.get_by_role("button", name="Change it").click()
        await expect(page.get_by_text("the warehouse", exact=True)).to_be_visible()
        await page.get_by_role("button", name="New secret").click()
        await page.get_by_role("button", name="Make a secret").click()
        await expect(page.locator(".secret")).to_contain_text("whsec_")
        await expect(page.get_by_text("the one before signs too")).to_be_visible()
        await page.get_by_role("button", name="Delete", exact=True).click()
        await page.get_by_role("button", name="Delete it").click()
        await expect(page.get_by_text(re.compile("^No endpoint yet"))).to_be_visible()
        assert (await api.get("/api/webhook-endpoints"))["items"] == []


async def test_the_audit_log_says_who_changed_which_field_and_is_filtered_by_its_address(
    api, endpoint, open_page
):
    api.wait(seconds=1)  # entries of one millisecond have no order
    await api.http.patch(f"/api/webhook-endpoints/{endpoint}", json={"description": "warehouse"})
    async with open_page("/ops/audit") as page:
        log = page.locator(".log > li")
        await expect(log.first).to_contain_text("webhook endpoint changed")
        await expect(log.first).to_contain_text("Description: nothing → warehouse")
        await page.get_by_label("Only about").fill(endpoint)
        await page.keyboard.press("Enter")
        await expect(log).to_have_count(2)
        await expect(page).to_have_url(re.compile(re.escape(f"target={endpoint}")))
        await page.go_back()
        await expect(page).not_to_have_url(re.compile("target"))


async def test_reps_are_offered_nothing_of_operations(open_page):
    async with open_page("/queue", role="rep") as page:
        await expect(page.get_by_role("link", name="Operations")).to_have_count(0)
        for path in TABS:
            await page.goto(f"/console{path}")
            await expect(page.get_by_text("This screen is for admins.")).to_be_visible()
            await expect(page.get_by_role("alert")).to_have_count(0)


async def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(api, endpoint, open_page):
    await api.http.post(f"/api/webhook-endpoints/{endpoint}/test")
    async with open_page("/ops") as page:
        for path in (*TABS, f"/ops/webhooks/{endpoint}"):
            assert await faults_of_screen(page, path) == [], path


async def send(api, count, name="page_view", lead="ada"):
    await api.store(*({"leadId": lead, "type": name, "occurredAt": api.at()} for _ in range(count)))


def tail(page):
    return page.locator(".tail > li")


async def test_events_appear_as_they_arrive_and_none_is_missed_over_a_pause(api, open_page):
    await send(api, 2)
    async with open_page("/ops/events", role="admin") as page:
        await expect(tail(page)).to_have_count(2)
        await send(api, 1, "signup", "bob")
        await expect(tail(page).first).to_contain_text("signup")
        await page.get_by_role("button", name="Pause").click()
        await expect(page.get_by_text("Paused since")).to_be_visible()
        await send(api, 1, "download")
        await send(api, 450)
        await send(api, 1, "demo_request")
        await expect(tail(page)).to_have_count(3)
        await page.keyboard.press("r")
        await expect(tail(page).first).to_contain_text("demo_request")
        await expect(tail(page)).to_have_count(200)
        for name, count in (("download", 1), ("signup", 1), ("demo_request", 1), ("page_view", 200)):
            await page.get_by_label("Type").fill(name)
            await page.keyboard.press("Enter")
            await expect(tail(page)).to_have_count(count)


async def test_the_tail_is_filtered_by_its_address_and_bounded(api, open_page):
    await send(api, 1, "signup", "bob")
    async with open_page("/ops/events") as page:
        await expect(tail(page)).to_have_count(1)
        for _ in range(3):
            await send(api, 400)
        await expect(page.get_by_text(re.compile("201 older ones have gone"))).to_be_visible()
        await expect(tail(page)).to_have_count(200)
        await send(api, 2, "deal.won", "cem")
        await page.get_by_label("Type").fill("deal.*")
        await page.keyboard.press("Enter")
        await expect(tail(page)).to_have_count(2)
        await expect(page).to_have_url(re.compile(re.escape("type=deal.*")))
        await page.get_by_label("Lead").fill("bob")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text(re.compile("^None of the last 1000 events fits"))).to_be_visible()


async def test_the_tail_holds_still_under_the_pointer(api, open_page):
    await send(api, 3)
    async with open_page("/ops/events") as page:
        await tail(page).nth(1).hover()
        await send(api, 2, "signup")
        await expect(page.get_by_text("2 new, shown when the pointer leaves")).to_be_visible()
        await expect(tail(page)).to_have_count(3)
        await page.mouse.move(0, 0)
        await expect(tail(page)).to_have_count(5)


async def test_the_tail_says_that_it_cannot_read_and_goes_on_where_it_was(api, open_page):
    await send(api, 1)
    async with open_page("/ops/events") as page:
        await expect(tail(page)).to_have_count(1)
        await page.route(
            "**/api/event-log*", lambda route: route.fulfill(status=503, json={"detail": "Too busy."})
        )
        await send(api, 2)
        await expect(page.get_by_role("alert")).to_contain_text("Too busy.")
        await page.unroute_all()
        await expect(tail(page)).to_have_count(3)
        await expect(page.get_by_role("alert")).to_have_count(0)
