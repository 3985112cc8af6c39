"""A real Chromium, and pages of the console in it on the real application. Without a browser these tests are skipped, aloud."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from domain.teams.roles import Role

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MISSING = "NO CHROMIUM: the screens of the console were not tried; install it, or name it in CHROMIUM"
LISTEN = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
});
"""

# How long a page may take is asked by its benchmark; here a busy machine must not decide what is right.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

Open = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get("BROWSER_REQUIRED"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return found


@pytest.fixture(scope="session")
async def browser(chromium) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
def unknown_page(api, browser):
    """Opens a page without a session: `async with unknown_page("/join") as page`. Nothing may go against the policy."""

    @contextlib.asynccontextmanager
    async def unknown_page(path: str, cookie: str = "", **context: object) -> AsyncIterator[Page]:
        origin = f"http://localhost:{api.port}"
        context = {
            "reduced_motion": "reduce",
            **context,
        }  # axe would measure colours in the middle of a transition
        async with await browser.new_context(base_url=origin, **context) as opened:
            if cookie:
                name = api.authenticator.context.browsers.cookie
                await opened.add_cookies([{"name": name, "value": cookie, "url": origin}])
            await opened.add_init_script(LISTEN)
            page = await opened.new_page()
            page.set_default_timeout(PATIENCE_MS)
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            await page.goto(f"/console{path}")
            yield page
            assert await page.evaluate("window.violations") == []
            assert errors == []

    return unknown_page


@pytest.fixture
def open_page(api, unknown_page) -> Open:
    """Opens a page of a person who has signed in: `async with open_page("/leads", role="rep") as page`."""

    @contextlib.asynccontextmanager
    async def open_page(path: str, role: Role = "owner", **context: object) -> AsyncIterator[Page]:
        async with (
            api.signed_in(role) as signed_in,
            unknown_page(path, signed_in.issued.token, **context) as page,
        ):
            yield page

    return open_page
