"""The commands of `lead-engine`: each is listed with what its own help says, and imported only when it runs."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from scripts.cli import cli

CONTEXT = click.Context(cli)


def every_command(group=cli, name=""):
    """Names and commands, those of groups within groups too."""
    for own in group.list_commands(CONTEXT):
        command = group.get_command(CONTEXT, own)
        yield f"{name} {own}".strip(), command
        if isinstance(command, click.Group):
            yield from every_command(command, f"{name} {own}")


def first_line(command):
    return command.help.split("\n\n")[0].replace("\n", " ").strip()


@pytest.mark.parametrize("name", cli.list_commands(CONTEXT))
def test_a_command_is_listed_with_the_first_sentence_of_its_own_help(name):
    assert cli.subcommands[name].summary == first_line(cli.get_command(CONTEXT, name))


@pytest.mark.parametrize(("name", "command"), list(every_command()))
def test_every_command_and_every_option_has_help(name, command):
    assert first_line(command).endswith(".")
    silent = [
        option.name for option in command.params if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []


def test_the_list_of_commands_is_shown_without_importing_any_of_them():
    script = (
        "import sys\nfrom click.testing import CliRunner\nfrom scripts.cli import cli\n"
        "assert CliRunner().invoke(cli, [{}]).exit_code == 0\n"
        "print(sorted(sys.modules))"
    )
    loaded, more = (
        subprocess.run(
            [sys.executable, "-c", script.format(words)], capture_output=True, text=True, check=True
        ).stdout
        for words in ("'--help'", "'keys', '--help'")
    )
    assert "'scripts.cli'" in loaded
    assert "'pymongo'" not in loaded
    assert "'pymongo'" in more


def test_a_command_that_does_not_exist_is_a_usage_error():
    answer = CliRunner().invoke(cli, ["serve"])
    assert answer.exit_code == 2
    assert "No such command 'serve'" in answer.output


def test_the_module_is_the_command():
    answer = subprocess.run(
        [sys.executable, "-m", "scripts.cli", "--help"], capture_output=True, text=True, check=True
    )
    assert "Usage: lead-engine" in answer.stdout
    assert all(f"\n  {name} " in answer.stdout for name in cli.list_commands(CONTEXT))
