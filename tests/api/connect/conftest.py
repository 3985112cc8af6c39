"""Programs that use real clients, each in a process of its own, as their users run them."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from tests.api.console.conftest import browser, chromium  # noqa: F401 - fixtures
from tests.api.sources.conftest import new_source, sender  # noqa: F401 - fixtures
from tests.clients.node import CLIENTS, require_node

PAGES = Path("docs/connect")
_BLOCK = re.compile(r"```(python|js)\n(.*?)```", re.DOTALL)
_SECONDS = 60


class Program:
    """Source text of a program that uses a client; the placeholders of the documentation stand for the address and the key."""

    def __init__(self, language: str, text: str) -> None:
        self.language = language
        self.text = text

    @classmethod
    def of_page(cls, name: str) -> Program:
        """What a page of the documentation shows."""
        (found,) = _BLOCK.findall((PAGES / f"{name}.md").read_text())
        return cls(*found)

    def filled(self, url: str, write_key: str) -> str:
        """The text with the address and the key."""
        assert "WRITE_KEY" in self.text
        assert "https://leads.example.com" in self.text
        return self.text.replace("https://leads.example.com", url).replace("WRITE_KEY", write_key)

    async def run(self, url: str, write_key: str) -> str:
        """Run it to its end, which must be a good one. Returns what it said."""
        text = self.filled(url, write_key)
        if self.language == "python":
            command = (sys.executable, "-c", text)
        else:
            command = (require_node(), "--input-type=module", "-e", text)
        folder = CLIENTS if self.language == "js" else Path.cwd()
        env = {**os.environ, "NODE_NO_WARNINGS": "1"}
        running = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        try:
            async with asyncio.timeout(_SECONDS):
                said, _ = await running.communicate()
        finally:
            if running.returncode is None:
                running.kill()
        assert running.returncode == 0, said.decode()
        return said.decode()


@pytest.fixture
def url(api):
    """The address of the API, as a client is given it."""
    return f"http://127.0.0.1:{api.port}"
