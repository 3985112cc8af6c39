"""The README names only commands and files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from scripts.cli import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "target", sorted(set(re.findall(r"(?:`|^ {4}|\$ )make ([a-z]+)", README, re.MULTILINE)))
)
def test_every_make_target_exists(target):
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"lead-engine ((?:(?:rulebook|dead-letters) )?[a-z-]+)", README)))
)
def test_every_command_exists(command):
    group, context = cli, click.Context(cli)
    for word in command.split():
        group = group.get_command(context, word)
        assert group is not None, word


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\((?!http)([^)#]+)\)", README))))
def test_every_link_leads_to_a_file(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:api|domain|engine|jobs|workflows)/[a-z_]+\.py)`", README)))
)
def test_every_module_on_the_path_from_click_to_score_exists(path):
    assert (ROOT / path).exists()
