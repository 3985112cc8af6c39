"""docs/production.md names only commands, services and figures that exist."""

from __future__ import annotations

import re

from scripts.cli import cli
from tests.deployment.compose_file import COMPOSE, ROOT

HANDBOOK = (ROOT / "docs" / "production.md").read_text()


def test_the_handbook_names_only_commands_services_and_figures_that_exist():
    said = set(re.findall(r"lead-engine ([a-z][a-z-]*)", HANDBOOK)) | set(
        re.findall(r"run --rm setup ([a-z][a-z-]*)", HANDBOOK)
    )
    assert {"decay", "replay"} <= said <= set(cli.subcommands)
    figures = {name.removesuffix("_total") for name in re.findall(r"lead_engine_\w+", HANDBOOK)}
    assert figures
    code = "".join(file.read_text() for file in (ROOT / "api" / "operations").glob("*.py"))
    assert figures <= set(re.findall(r"lead_engine_\w+", code))
    words = {
        word
        for call in re.findall(r"docker compose (.*)", HANDBOOK)
        for word in re.findall(r"[a-z]+-\d", call)
    }
    assert words <= set(COMPOSE["services"])
