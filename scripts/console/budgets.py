"""The console's budgets in a real Chromium, on a running engine: first load, largest paint, calls, and keys to paint.

python -m scripts.console.budgets --url http://localhost:8000 --email ada@example.com    # asks for the password
python -m scripts.console.budgets --email ... --against http://localhost:8001            # paints alone, load by load beside another one

Two servers that are compared have one database and one host name, whose session is that of both.
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
LOADS = 7
"""Of which the median is taken. A page that is loaded once says more about the machine than about the page."""
_READY_S = 0.5
_MAX_LOAD_S = 30
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
@click.option("--against", help="Another server, whose paints are measured by turns with those of the first.")
@click.option(
    "--loads", default=LOADS, show_default=True, type=click.IntRange(1), help="Loads with a full cache."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(url: str, email: str, password: str, against: str | None, loads: int, *, as_json: bool) -> None:
    """Measure, print a table of figures beside their goals, and exit with 1 if one is missed."""
    rows = asyncio.run(_measure(url, email, password, against, loads))
    if as_json:
        print(json.dumps([{name: getattr(row, name) for name in Row.__struct_fields__} for row in rows]))
    else:
        for row in rows:
            met = "" if row.value <= row.goal else "  MISSED"
            print(f"{row.name:<48}{row.value:>8.0f} {row.unit:<5} goal {row.goal:.0f}{met}")
    sys.exit(any(row.value > row.goal for row in rows))


async def _measure(url: str, email: str, password: str, against: str | None, loads: int) -> list[Row]:
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
        if against is not None:
            return await _compare(page, cdp, (url, against), loads)
        rows = [
            *await _first_load(page, cdp, url),
            await _warm(page, cdp, url, loads),
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


async def _first_load(page: Page, cdp: CDPSession, url: str) -> list[Row]:
    """`/queue` with an empty cache: its paint and its calls."""
    calls: list[Any] = []

    def keep(answer: object) -> None:  # a function of its own: playwright marks what it is given
        calls.append(answer)

    page.on("response", keep)
    await cdp.send("Network.setCacheDisabled", {"cacheDisabled": True})
    cold = await _largest_paint(page, cdp, url)
    await page.wait_for_timeout(1_000)
    await cdp.send("Network.setCacheDisabled", {"cacheDisabled": False})
    page.remove_listener("response", keep)
    asked = [one for one in calls if "/api/" in one.url and "/api/stream" not in one.url]
    largest = max([len(await one.body()) for one in asked], default=0)
    return [
        Row("largest paint of /queue, cold", cold, 1500, "ms"),
        Row("calls of the API for the first screen", len(asked), 3, "calls"),
        Row("largest response of these, not compressed", largest / 1000, 30, "kB"),
    ]


async def _warm(page: Page, cdp: CDPSession, url: str, loads: int) -> Row:
    paints = [await _largest_paint(page, cdp, url) for _ in range(loads)]
    return Row(f"largest paint of /queue, warm, median of {loads}", statistics.median(paints), 500, "ms")


async def _compare(page: Page, cdp: CDPSession, urls: tuple[str, str], loads: int) -> list[Row]:
    """Paints with a full cache by turns, and the median of what the first is of the second, pair by pair."""
    for url in urls:  # fills the cache
        await _largest_paint(page, cdp, url)
    pairs = [[await _largest_paint(page, cdp, url) for url in urls] for _ in range(loads)]
    own, other = (statistics.median(one) for one in zip(*pairs, strict=True))
    ratio = statistics.median(first / second for first, second in pairs)
    return [
        Row("largest paint of /queue, warm", own, 500, "ms"),
        Row("the same of the other server", other, other, "ms"),
        Row("first of second, median of pairs", 100 * ratio, 100, "%"),
    ]


async def _largest_paint(page: Page, cdp: CDPSession, url: str) -> float:
    """Milliseconds from the request of `/queue` until its largest paint.

    The page is asked nothing until it is drawn, and then by the protocol alone: the driver's own scripts would take a part of
    the slowed processor.
    """
    await page.goto("about:blank")
    await page.goto(f"{url}/console/queue", wait_until="commit")
    shown = "document.querySelector('.stairs') && window.largest"
    before = None
    for _ in range(int(_MAX_LOAD_S / _READY_S)):
        await asyncio.sleep(_READY_S)
        answer = await cdp.send("Runtime.evaluate", {"expression": shown})
        largest = answer["result"].get("value")
        if largest is not None and largest == before:
            return float(largest)
        before = largest
    raise click.ClickException(f"{url}/console/queue showed no lead within {_MAX_LOAD_S} seconds.")


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
