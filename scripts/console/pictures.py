"""Pictures of the console's screens for the documents, taken in Chromium on a running engine after `make demo`.

python -m scripts.console.pictures --email mia@demo.example               # asks for the password
python -m scripts.console.pictures --email ... --out /tmp/look --screen /tasks --screen /inbox/messages
python -m scripts.console.pictures --email ... --out /tmp/look --screen /tasks --answers failed
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import click
from msgspec import Struct
from playwright.async_api import Browser, Page, Route, ViewportSize, async_playwright, expect

__all__ = ["main"]

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


class Picture(Struct, frozen=True):
    """A screen, the file it goes to, and how it is looked at."""

    name: str
    path: str
    dark: bool = False
    phone: bool = False


DOCUMENTED = (
    Picture("console-queue", "/queue?owner=me"),
    Picture("console-inbox", "/inbox"),
    Picture("console-lead", "/leads/nora-lindqvist"),
    Picture("console-leads-dark", "/leads", dark=True),
    Picture("console-rules", "/rules"),
    Picture("console-sequence", "/sequences/demo-request/1"),
    Picture("console-team", "/team"),
)


@click.command()
@click.option("--url", default="http://localhost:8000", show_default=True, help="Where the engine runs.")
@click.option("--email", required=True, help="Of a person who may sign in by password.")
@click.password_option(confirmation_prompt=False, help="The password; asked for if it is not given.")
@click.option(
    "--out",
    default="docs/images",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder.",
)
@click.option(
    "--screen", "screens", multiple=True, help="Other screens, each in light, in dark and on the phone."
)
@click.option(
    "--answers",
    type=click.Choice(["given", "none", "failed"]),
    default="given",
    show_default=True,
    help="What the screen gets from the API: what there is, nothing yet, or 503.",
)
def main(  # noqa: PLR0917 - its options
    url: str, email: str, password: str, out: Path, screens: tuple[str, ...], answers: str
) -> None:
    """Take the pictures of the documents, or of other screens."""
    pictures = [one for path in screens for one in _every_way(path)] or [*DOCUMENTED]
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("There is no chromium on the PATH.")
    out.mkdir(parents=True, exist_ok=True)
    asyncio.run(_take(chromium, url, (email, password), out, pictures, answers))


def _every_way(path: str) -> list[Picture]:
    name = "-".join(part for part in path.replace("?", "/").replace("=", "-").split("/") if part)
    return [
        Picture(name, path),
        Picture(f"{name}-dark", path, dark=True),
        Picture(f"{name}-phone", path, phone=True),
    ]


async def _take(  # noqa: PLR0917 - the options of the command
    chromium: str, url: str, person: tuple[str, str], out: Path, pictures: list[Picture], answers: str
) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = await _signed_in(browser, url, person)
        if answers != "given":
            await page.route("**/api/**", _fail if answers == "failed" else _wait)
        for picture in pictures:
            await page.set_viewport_size(PHONE if picture.phone else WIDE)
            await page.emulate_media(
                color_scheme="dark" if picture.dark else "light", reduced_motion="reduce"
            )
            await page.goto(f"{url}/console{picture.path}")
            if answers == "given":
                await page.get_by_text("Live", exact=True).wait_for(state="attached")
            await page.wait_for_load_state("load")
            if answers == "failed":  # after the console has tried again
                await expect(page.get_by_role("alert")).not_to_have_count(0, timeout=30_000)
            if answers != "none":
                await expect(page.locator(".bones")).to_have_count(0, timeout=30_000)
            await page.wait_for_timeout(500)  # what is read after the first answer, such as the curve
            await page.screenshot(path=out / f"{picture.name}.png")
            click.echo(out / f"{picture.name}.png")
        await browser.close()


async def _fail(route: Route) -> None:
    """503 to everything but the question who is signed in, without which there is only the sign-in page."""
    if route.request.url.endswith("/api/session"):
        await route.continue_()
        return
    problem = {"status": 503, "code": "unavailable", "title": "Unavailable", "detail": "MongoDB is away."}
    await route.fulfill(status=503, json=problem, content_type="application/problem+json")


async def _wait(route: Route) -> None:
    if route.request.url.endswith("/api/session"):
        await route.continue_()


async def _signed_in(browser: Browser, url: str, person: tuple[str, str]) -> Page:
    page = await browser.new_page(base_url=url)
    await page.goto(f"{url}/console/sign-in")
    await page.get_by_label("E-mail").fill(person[0])
    await page.get_by_label("Password", exact=True).fill(person[1])
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_text("Live", exact=True).wait_for(state="attached")
    return page


if __name__ == "__main__":
    main()
