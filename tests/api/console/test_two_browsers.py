"""Two people side by side: a claim that the other one sees at once, and a session that is ended from elsewhere."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect


@pytest.fixture
async def pair(api, ada, unknown_page):
    """The queue in the browsers of two reps, Ben and Eve."""
    async with api.signed_in("rep", "ben@example.com") as ben, api.signed_in("rep", "eve@example.com") as eve:
        for one, name in ((ben, "Ben"), (eve, "Eve")):
            assert (await one.http.patch("/api/me", json={"name": name})).is_success
        async with (
            unknown_page("/queue", ben.issued.token) as bens,
            unknown_page("/queue", eve.issued.token) as eves,
        ):
            for page in (bens, eves):
                await expect(page.get_by_text("Live", exact=True)).to_be_visible()
                await expect(page.get_by_role("heading", name="ada", level=2)).to_be_visible()
            yield bens, eves


async def test_who_calls_is_seen_by_the_other_and_free_again_when_the_form_is_closed(pair):
    bens, eves = pair
    await bens.keyboard.press("c")
    await expect(bens.get_by_role("dialog", name="Call with ada")).to_be_visible()
    await expect(eves.locator(".banner")).to_contain_text("Ben is on it")
    await expect(eves.locator(".next li").first).to_contain_text("Ben is on it")
    await expect(eves.get_by_role("button", name="Log a call")).to_be_disabled()
    await bens.keyboard.press("Escape")
    await expect(eves.locator(".banner")).to_have_count(0)
    await expect(eves.get_by_role("button", name="Log a call")).to_be_enabled()


async def test_of_two_who_take_a_lead_at_once_one_gets_it_and_the_other_sees_who_has_it(pair):
    bens, eves = pair
    await asyncio.gather(*(page.keyboard.press("w") for page in pair))
    has_it, sees_it = bens.get_by_text("You are on it until"), bens.locator(".banner")
    await expect(has_it.or_(sees_it)).to_be_visible()
    first, other = (bens, eves) if await has_it.count() else (eves, bens)
    name = "Ben" if first is bens else "Eve"
    await expect(first.get_by_text("You are on it until")).to_be_visible()
    await expect(other.locator(".banner")).to_contain_text(f"{name} is on it")
    await expect(other.locator(".toast")).to_contain_text("Somebody else works on this lead")
    await first.keyboard.press("z")
    await expect(other.locator(".banner")).to_have_count(0)


async def test_a_refused_call_is_explained_by_name(pair, api):
    bens, eves = pair
    await eves.route("**/api/queue*", lambda route: route.abort())  # she has not heard of it yet
    await bens.keyboard.press("w")
    await expect(bens.get_by_text("You are on it until")).to_be_visible()
    await eves.unroute_all()
    await eves.keyboard.press("c")
    await expect(eves.locator(".banner")).to_contain_text("Ben is on it")
    await expect(eves.get_by_role("dialog")).to_have_count(0)


async def test_a_session_that_is_ended_elsewhere_leads_to_the_sign_in_within_seconds(api, ada, unknown_page):
    async with (
        api.signed_in("rep", "ben@example.com") as ben,
        unknown_page("/leads", ben.issued.token) as page,
    ):
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        async with api.signed_in("admin") as admin:
            path = f"/api/people/{ben.person.person_id}/sign-out"
            assert (await admin.http.post(path)).is_success
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await expect(page).to_have_url(re.compile("next=%2Fleads"))
