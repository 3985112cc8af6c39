"""The console's budgets in a real Chromium, on a running engine: first load, largest paint, calls, and keys to paint.

python -m scripts.console.budgets --url http://localhost:8000 --email ada@example.com    # asks for the password
"""

from __future__ import annotations

import asyncio
import json
import shutil
import statistics
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import click
from msgspec import Struct
from playwright.async_api import CDPSession, Page, async_playwright

__all__ = ["main"]

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SLOWER = 4
"""By which the processor is slowed down, as on a small laptop."""
PRESSES = 30
_PAINTS = """
window.paints = [];
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.largest = one.startTime; })
  .observe({ type: 'largest-contentful-paint', buffered: true });
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.interactionId) window.paints.push(one.duration);
}).observe({ type: 'event', durationThreshold: 16, buffered: true });
"""


class Row(Struct, frozen=True):
    """A figure beside its goal; `unit` says what is counted."""

    name: str
    value: float
    goal: float
    unit: str


@click.command()
@click.option("--url", default="http://localhost:8000", show_default=True, help="Where the engine runs.")
@click.option("--email", required=True, help="Of a person who may sign in by password.")
@click.password_option(confirmation_prompt=False, help="The password; asked for if it is not given.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(url: str, email: str, password: str, *, as_json: bool) -> None:
    """Measure, print a table of figures beside their goals, and exit with 1 if one is missed."""
    rows = asyncio.run(_measure(url, email, password))
    if as_json:
        print(json.dumps([{name: getattr(row, name) for name in Row.__struct_fields__} for row in rows]))
    else:
        for row in rows:
            met = "" if row.value <= row.goal else "  MISSED"
            print(f"{row.name:<48}{row.value:>8.0f} {row.unit:<5} goal {row.goal:.0f}{met}")
    sys.exit(any(row.value > row.goal for row in rows))


async def _measure(url: str, email: str, password: str) -> list[Row]:
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        raise click.ClickException("There is no chromium on the PATH.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        context = await browser.new_context(base_url=url)
        await context.add_init_script(_PAINTS)
        page = await context.new_page()
        await _sign_in(page, email, password)
        cdp = await context.new_cdp_session(page)
        await cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        rows = [
            *await _first_load(page, cdp),
            *await _presses(
                page, "/console/queue", ".next ol li", "J and K in the queue", _alternate("j", "k")
            ),
            *await _presses(
                page, "/console/leads", ".leads tbody tr", "J and K in the list", _alternate("j", "k")
            ),
            *await _presses(page, "/console/leads", ".leads tbody tr", "X in the list", _alternate("x", "j")),
        ]
        await browser.close()
    return rows


async def _sign_in(page: Page, email: str, password: str) -> None:
    await page.goto("/console/sign-in")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.keyboard.press("Enter")
    await page.locator("h1").get_by_text("Queue").wait_for()


async def _first_load(page: Page, cdp: CDPSession) -> list[Row]:
    """`/queue` with an empty cache, then with a full one."""
    rows: list[Row] = []
    for name, cold, goal in (("cold", True, 1500.0), ("warm", False, 500.0)):
        await page.goto("about:blank")
        await cdp.send("Network.setCacheDisabled", {"cacheDisabled": cold})
        calls: list[Any] = []

        def keep(response: Any, into: list[Any] = calls) -> None:
            into.append(response)

        page.on("response", keep)
        await page.goto("/console/queue")
        await page.locator(".stairs").wait_for()
        await page.wait_for_timeout(1_000)
        page.remove_listener("response", keep)
        rows.append(
            Row(f"largest paint of /queue, {name}", await page.evaluate("window.largest"), goal, "ms")
        )
        if cold:
            asked = [one for one in calls if "/api/" in one.url and "/api/stream" not in one.url]
            largest = max([len(await one.body()) for one in asked], default=0)
            rows += [
                Row("calls of the API for the first screen", len(asked), 3, "calls"),
                Row("largest response of these, not compressed", largest / 1000, 30, "kB"),
            ]
    return rows


def _alternate(first: str, second: str) -> Callable[[Page], Awaitable[None]]:
    async def press(page: Page) -> None:
        for key in (first, second):
            await page.keyboard.press(key)
            await page.wait_for_timeout(120)

    return press


async def _presses(
    page: Page, path: str, shown: str, name: str, press: Callable[[Page], Awaitable[None]]
) -> list[Row]:
    """Event Timing from the press of a key to the next paint."""
    await page.goto(path)
    await page.locator(shown).first.wait_for()
    await page.wait_for_timeout(1_000)
    await page.evaluate("window.paints.length = 0")
    for _ in range(PRESSES // 2):
        await press(page)
    paints: list[float] = await page.evaluate("window.paints")
    slowest = sorted(paints) or [0.0]
    quarter = statistics.quantiles(slowest, n=4)[2] if len(slowest) > 1 else slowest[0]
    return [Row(f"{name}, p75", quarter, 100, "ms"), Row(f"{name}, slowest", slowest[-1], 200, "ms")]


if __name__ == "__main__":
    main()
