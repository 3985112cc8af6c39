"""axe finds nothing on any screen, in light and dark, empty and full; and the policy's guard notices what it must."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SCREENS = ("/queue", "/leads", "/leads/ada?without=demo_request", "/tasks", "/team", "/ops", "/me")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


COLOURS = {"runOnly": ["color-contrast"]}


async def violations(page, rules=RULES):
    found = await Axe().run(page, options=rules)
    return [(one["id"], node["target"]) for one in found.response["violations"] for node in one["nodes"]]


async def settled(page):
    await page.wait_for_load_state("domcontentloaded")
    await expect(page.get_by_text("Live", exact=True)).to_be_attached()
    await page.wait_for_function("!document.querySelector('.bones') && document.querySelector('h1')")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
async def test_axe_finds_nothing_on_any_screen_in_light_and_dark(ada, open_page, viewport):
    async with open_page("/leads", color_scheme="light", viewport=viewport) as page:
        found = {}
        for path in SCREENS:
            await page.goto(f"/console{path}")
            await settled(page)
            if path.startswith("/leads/"):
                await expect(page.locator(".ledger .if")).to_be_visible()
            found[path] = await violations(page)
            await page.emulate_media(color_scheme="dark")  # only colours differ
            found[path] += await violations(page, COLOURS)
            await page.emulate_media(color_scheme="light")
        assert found == {path: [] for path in SCREENS}


async def test_axe_finds_nothing_where_there_is_nothing(api, open_page, unknown_page):
    async with open_page("/leads") as page:
        for path in ("/queue", "/leads", "/leads?stage=hot", "/leads/nobody", "/tasks"):
            await page.goto(f"/console{path}")
            await settled(page)
            assert await violations(page) == []
        await page.keyboard.press("?")
        assert await violations(page) == []
    async with unknown_page("/sign-in") as page:
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert await violations(page) == []


async def test_axe_would_find_something(open_page):
    async with open_page("/team") as page:
        await settled(page)
        await page.evaluate("document.querySelector('h1').innerText = ''")
        assert await violations(page) != []


async def test_the_guard_notices_what_the_policy_refuses(open_page):
    async with open_page("/team") as page:
        await settled(page)
        await page.evaluate(
            "document.head.append(Object.assign(document.createElement('style'), {textContent: 'p {}'}))"
        )
        refused = await page.evaluate(
            "() => { try { document.body.innerHTML = '<p>' } catch (error) { return error.name } }"
        )
        assert refused == "TypeError"
        found = await page.evaluate("window.violations.splice(0)")
        assert len(found) == 2
