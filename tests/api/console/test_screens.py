"""Stories of people in a real browser: sign in, work through a list, ask why, and see what changes meanwhile."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from workflows.people.invites import invite_first_owner

PASSWORD = "correct horse battery"
SCORES = {"ada": 65, "bob": 30, "cem": 20, "dan": 10}
"""Leads and their points under the rulebook `classic`."""


@pytest.fixture
async def leads(api, ada):
    """Four leads, best first: ada, bob, cem, dan."""
    for lead_id, name in (("bob", "demo_request"), ("cem", "signup"), ("dan", "download")):
        await api.store({"leadId": lead_id, "type": name, "occurredAt": api.at()})
    await api.work()
    return list(SCORES)


def rows(page):
    return page.locator(".leads tbody tr")


async def order(page):
    return await page.locator(".leads tbody th a").all_inner_texts()


async def test_the_first_owner_joins_signs_out_and_signs_in_again(api, unknown_page):
    link = await invite_first_owner(api.runtime)
    async with unknown_page(f"/join#{link.token}") as page:
        await expect(page.get_by_role("heading", name="Join as owner")).to_be_focused()
        await page.get_by_label("E-mail").fill("ada@example.com")
        await page.get_by_label("Name").fill("Ada Probe")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Join").click()
        await expect(page.get_by_text("Nobody waits.")).to_be_visible()
        assert link.token not in page.url

        await page.get_by_role("link", name="Ada Probe").click()
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await page.get_by_label("E-mail").fill("ada@example.com")
        await page.get_by_label("Password").fill("wrong horse battery")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("not right")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Nobody waits.")).to_be_visible()


async def test_a_used_or_wrong_invitation_says_what_to_do(api, unknown_page):
    async with unknown_page("/join#wrong") as page:
        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_text("Ask for another one")).to_be_visible()


async def test_a_link_to_a_lead_leads_through_the_sign_in(api, ada, unknown_page):
    async with unknown_page("/leads/ada") as page:
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await expect(page).to_have_url(re.compile("next=%2Fleads%2Fada"))


async def test_the_keyboard_alone_goes_through_a_list_and_back_to_the_same_place(leads, open_page):
    async with open_page("/leads", role="rep") as page:
        await expect(rows(page)).to_have_count(4)
        assert await order(page) == leads
        for key in "jjj":
            await page.keyboard.press(key)
        await expect(page.locator(".leads tr[aria-current]")).to_contain_text("cem")
        await page.keyboard.press("k")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="bob", level=1)).to_be_focused()
        await expect(page.get_by_text("2 of 4")).to_be_visible()
        await page.keyboard.press("j")
        await expect(page.get_by_role("heading", name="cem", level=1)).to_be_focused()
        await expect(page).to_have_title("cem · Lead engine")
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="All keys")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.go_back()
        await page.go_back()
        await expect(page.locator(".leads tr[aria-current]")).to_contain_text("cem")


async def test_letters_are_quiet_in_fields_and_when_switched_off(leads, open_page):
    async with open_page("/leads") as page:
        await expect(rows(page)).to_have_count(4)
        await page.keyboard.press("f")
        field = page.get_by_label("Score from")
        await field.focus()
        await page.keyboard.press("j")
        await expect(page.locator(".leads tr[aria-current]")).to_have_count(0)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.keyboard.press("?")
        await page.get_by_label("Single letters act").uncheck()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.keyboard.press("j")
        await expect(page.locator(".leads tr[aria-current]")).to_have_count(0)


async def test_the_filter_is_the_address(leads, open_page):
    async with open_page("/leads?minScore=20&sort=score") as page:
        await expect(rows(page)).to_have_count(3)
        assert await order(page) == ["cem", "bob", "ada"]
        await page.get_by_role("button", name="Without the filter Score from 20").click()
        await expect(rows(page)).to_have_count(4)
        await expect(page).not_to_have_url(re.compile("minScore"))
        await expect(page).to_have_url(re.compile("sort=score"))
        await page.go_back()
        await expect(rows(page)).to_have_count(3)


async def test_the_lines_of_the_explanation_add_up_and_a_switch_takes_one_out(leads, open_page):
    async with open_page("/leads/ada") as page:
        await expect(page.get_by_role("heading", name=re.compile("^Why 65"))).to_be_visible()
        points = [float(text) for text in await page.locator(".ledger tbody td:last-child").all_inner_texts()]
        assert sum(points) == SCORES["ada"]
        await expect(page.locator(".curve path.future")).to_have_count(1)
        await page.get_by_role("switch", name="Demo request").click()
        await expect(page.locator(".ledger .if")).to_contain_text("35.00")
        await expect(page).to_have_url(re.compile("without=demo_request"))
        await expect(page.get_by_role("heading", name=re.compile("^Why 65"))).to_be_visible()


async def test_another_moment_is_in_the_address(leads, api, open_page):
    later = (await api.get("/api/leads/ada/intelligence", asOf=api.at(days=10)))["score"]
    assert later < SCORES["ada"]
    async with open_page(f"/leads/ada?at={api.at(days=10)}") as page:
        await expect(page.get_by_role("heading", name=f"Why {later:.2f}")).to_be_visible()
        await page.get_by_role("button", name="Back to now").click()
        await expect(page.get_by_role("heading", name="Why 65.00")).to_be_visible()
        await expect(page).not_to_have_url(re.compile("at="))


async def test_before_the_first_event_there_is_a_way_back(leads, api, open_page):
    async with open_page(f"/leads/ada?at={api.at(hours=-1)}") as page:
        await expect(page.get_by_role("alert")).to_contain_text("no event of it by the moment")
        await page.get_by_role("button", name="Back to now").click()
        await expect(page.get_by_role("heading", name="Why 65.00")).to_be_visible()


async def test_a_change_shows_in_its_place_and_the_order_waits_for_r(leads, api, open_page):
    async with open_page("/leads") as page:
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        await expect(rows(page)).to_have_count(4)
        await api.store({"leadId": "dan", "type": "demo_request", "occurredAt": api.at()})
        await api.work()
        await expect(rows(page).nth(3).locator(".c-score")).to_have_text("40.0")
        assert await order(page) == leads
        await expect(page.get_by_text("1 moved", exact=True)).to_be_visible()
        await page.keyboard.press("r")
        await expect(rows(page).nth(1)).to_contain_text("dan")
        await expect(page.get_by_text("1 moved", exact=True)).to_have_count(0)


async def test_what_happened_while_the_line_was_down_is_on_the_screen_when_it_says_live(
    leads, api, open_page
):
    async with open_page("/leads/ada") as page:
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        await page.context.set_offline(True)
        await expect(page.get_by_text(re.compile("^Offline since"))).to_be_visible()
        await api.store({"leadId": "ada", "type": "download", "occurredAt": api.at()})
        await api.work()
        await expect(page.get_by_role("heading", name="Why 65.00")).to_be_visible()
        await page.context.set_offline(False)
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        await expect(page.get_by_role("heading", name="Why 75.00")).to_be_visible()


async def test_a_second_tab_is_live_and_goes_on_when_the_first_is_closed(leads, api, open_page):
    async with open_page("/leads") as page:
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        second = await page.context.new_page()
        await second.goto("/console/leads")
        await expect(second.get_by_text("Live", exact=True)).to_be_visible()
        await page.goto("about:blank")
        await api.store({"leadId": "dan", "type": "signup", "occurredAt": api.at()})
        await api.work()
        await expect(rows(second).nth(3).locator(".c-score")).to_have_text("30.0")
        await page.goto("/console/leads")


async def test_a_new_owner_shows_at_once_and_is_undone_by_z(leads, api, open_page):
    async with open_page("/leads/bob", role="rep") as page:
        await expect(page.get_by_role("heading", name="Why 30.00")).to_be_visible()
        await expect(page.locator(".pairs dd").first).to_have_text("nobody")
        await page.keyboard.press("a")
        await page.get_by_label("Owner").select_option(label="You")
        await page.get_by_role("button", name="Assign", exact=True).last.click()
        await expect(page.locator(".pairs dd").first).to_contain_text("You")
        await expect(page.locator(".toast")).to_contain_text("belongs to you")
        await api.work()
        assert (await api.get("/api/leads/bob"))["ownerId"] is not None
        await page.keyboard.press("z")
        await expect(page.locator(".pairs dd").first).to_have_text("nobody")
        await expect(page.locator(".toast")).to_contain_text("belongs to nobody")
        await api.work()
        assert (await api.get("/api/leads/bob"))["ownerId"] is None


async def test_the_queue_goes_lead_by_lead_and_a_call_is_logged_once(leads, api, open_page):
    async with open_page("/", role="rep") as page:
        await expect(page.get_by_role("heading", name="Queue", level=1)).to_be_focused()
        items = page.locator(".next li")
        await expect(items).to_have_count(4)
        first = (await api.get("/api/queue"))["items"][0]["leadId"]
        await expect(page.get_by_role("heading", name=first, level=2)).to_be_visible()
        await page.keyboard.press("j")
        await expect(items.nth(1).locator("a[aria-current]")).to_be_visible()
        await page.keyboard.press("k")
        await expect(items.nth(0).locator("a[aria-current]")).to_be_visible()
        await page.keyboard.press("c")
        await page.get_by_label("What came of it").select_option(label="Voicemail")
        await page.get_by_label("Note").fill("asks about prices")
        await page.get_by_role("button", name="Log the call").click()
        await expect(page.locator(".toast")).to_contain_text("voicemail")
        kinds = [one["type"] for one in (await api.get(f"/api/leads/{first}/events"))["items"]]
        assert kinds.count("call.attempted") == 1
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("listitem").filter(has_text="asks about prices")).to_be_visible()


async def test_a_reply_comes_to_the_queue_without_moving_what_is_read(leads, api, open_page):
    async with open_page("/queue") as page:
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        names = page.locator(".next li .name")
        await expect(names).to_have_count(4)
        before = await names.all_inner_texts()
        await api.store({"leadId": "eve", "type": "demo_request", "occurredAt": api.at()})
        await api.work()
        await expect(page.get_by_text("1 moved", exact=True)).to_be_visible()
        assert await names.all_inner_texts() == before
        await page.keyboard.press("r")
        await expect(names).to_have_count(5)


async def test_a_task_is_done_by_its_box_and_stays_in_its_place(leads, api, open_page):
    async with open_page("/tasks", role="rep") as page:
        box = page.get_by_role("checkbox").first
        await expect(box).to_be_visible()
        await box.check()
        await expect(box).to_be_checked()
        await expect(page.locator(".toast")).to_contain_text("Done:")
        assert (await api.get("/api/tasks", state="done"))["items"] != []


async def test_a_viewer_is_offered_nothing_that_a_viewer_may_not_do(leads, open_page):
    async with open_page("/leads/ada", role="viewer") as page:
        await expect(page.get_by_role("heading", name="Why 65.00")).to_be_visible()
        await expect(page.get_by_role("button", name="Assign")).to_have_count(0)
        await expect(page.get_by_role("link", name="Operations")).to_have_count(0)
        await page.keyboard.press("a")
        await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_failure_says_what_failed_and_another_try_heals_it(leads, open_page):
    async with open_page("/team") as page:
        await page.route(
            "**/api/leads?*", lambda route: route.fulfill(status=503, json={"detail": "Too busy."})
        )
        await page.get_by_role("link", name="Leads", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("The list did not load: Too busy.")
        await page.unroute_all()
        await page.get_by_role("button", name="Try again").click()
        await expect(rows(page)).to_have_count(4)


async def test_an_unknown_lead_is_a_failure_in_words(open_page):
    async with open_page("/leads/nobody") as page:
        await expect(page.get_by_role("alert")).to_contain_text("nobody")


async def test_people_are_invited_and_the_link_is_shown_once(api, open_page):
    async with open_page("/team") as page:
        await page.get_by_label("E-mail").fill("ben@example.com")
        await page.get_by_role("button", name="Make a link").click()
        await expect(page.locator(".secret")).to_contain_text("/console/join#")
        await page.reload()
        await expect(page.get_by_text("ben@example.com as rep")).to_be_visible()
        await expect(page.locator(".secret")).to_have_count(0)
