"""What axe finds on a page, and the check of a screen in every layout, light and dark."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

__all__ = ["DESK", "PHONE_SIZE", "faults_as_it_stands", "faults_of_screen", "settled", "violations"]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"runOnly": ["color-contrast"]}
HEIGHT = 900
WIDE, MIDDLE, PHONE = 1440, 720, 375
DESK, PHONE_SIZE = {"width": WIDE, "height": HEIGHT}, {"width": PHONE, "height": HEIGHT}


async def violations(page: Page, rules: dict[str, list[str]] = RULES) -> list[tuple[str, Any]]:
    """The rules that are broken, each with the element."""
    found = await Axe().run(page, options=rules)
    return [(one["id"], node["target"]) for one in found.response["violations"] for node in one["nodes"]]


async def settled(page: Page) -> None:
    """Wait until the screen is live and shows its content."""
    await page.wait_for_load_state("domcontentloaded")
    await expect(page.get_by_text("Live", exact=True)).to_be_attached()
    await expect(page.locator(".bones")).to_have_count(0)
    await expect(page.locator("h1")).to_be_attached()


async def faults_as_it_stands(page: Page) -> list[object]:
    """Broken rules of what the page shows now at its width, those of colours in the dark too, and a width that does not hold it."""
    await settled(page)
    found: list[object] = [*await violations(page)]
    await page.emulate_media(color_scheme="dark")
    found += await violations(page, COLOURS)
    await page.emulate_media(color_scheme="light")
    if not await _fits(page):
        found.append("wider than the page")
    return found


async def faults_of_screen(page: Page, path: str, *, on_phone: bool = False) -> list[object]:
    """Broken rules on a desk, those of colours in the dark too, and widths that do not hold the screen.

    With `on_phone` all rules are tried on a phone too, where menus and tables are others.
    """
    await page.set_viewport_size({"width": WIDE, "height": HEIGHT})
    await page.emulate_media(color_scheme="light")
    await page.goto(f"/console{path}")
    await settled(page)
    found: list[object] = [*await violations(page)]
    await page.emulate_media(color_scheme="dark")  # only colours differ
    found += await violations(page, COLOURS)
    for width in (WIDE, MIDDLE, PHONE):
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        if not await _fits(page):
            found.append(f"wider than {width} pixels")
    return [*found, *await violations(page)] if on_phone else found


async def _fits(page: Page) -> bool:
    """Whether the page holds the screen, once what is drawn by its width, such as the curve, is drawn again."""
    for _ in range(30):
        if await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0:
            return True
        await page.wait_for_timeout(100)
    return False
