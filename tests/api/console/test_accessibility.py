"""axe finds nothing on any screen, in light and dark, empty and full; and the policy's guard notices what it must."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.api.console.axe import faults_of_screen, settled, violations

SCREENS = [
    pytest.param(("/queue", "/leads/ada?without=demo_request"), id="a list and a lead"),
    pytest.param(("/leads", "/tasks"), id="further lists", marks=pytest.mark.long),
    pytest.param(("/team", "/ops", "/me"), id="what is not about leads", marks=pytest.mark.long),
]


@pytest.mark.parametrize("screens", SCREENS)
async def test_axe_finds_nothing_on_any_screen_in_light_and_dark(ada, open_page, screens):
    async with open_page("/leads") as page:
        found = {path: await faults_of_screen(page, path, on_phone=True) for path in screens}
        assert found == {path: [] for path in screens}


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
