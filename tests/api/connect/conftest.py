"""Programs that use real clients, each in a process of its own, as their users run them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.api.console.conftest import browser, chromium  # noqa: F401 - fixtures
from tests.api.sources.conftest import new_source, sender  # noqa: F401 - fixtures
from tests.clients.programs import Program

PAGES = Path("docs/connect")
_BLOCK = re.compile(r"```(python|js)\n(.*?)```", re.DOTALL)


def program_of(page: str) -> Program:
    """What a page of the documentation shows."""
    (found,) = _BLOCK.findall((PAGES / f"{page}.md").read_text())
    return Program(*found)


@pytest.fixture
def url(api):
    """The address of the API, as a client is given it."""
    return f"http://127.0.0.1:{api.port}"
