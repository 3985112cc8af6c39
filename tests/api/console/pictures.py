"""Pictures of screens to look at, taken by tests where PICTURES names a folder."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.async_api import Page

from tests.api.console.axe import DESK, PHONE_SIZE

__all__ = ["picture"]


async def picture(page: Page, name: str) -> None:
    """The page as it stands: light, dark, and on a phone."""
    if folder := os.environ.get("PICTURES"):
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            await page.screenshot(path=Path(folder) / f"{name}-{scheme}.png", full_page=True)
        await page.emulate_media(color_scheme="light")
        await page.set_viewport_size(PHONE_SIZE)
        await page.screenshot(path=Path(folder) / f"{name}-phone.png", full_page=True)
        await page.set_viewport_size(DESK)
