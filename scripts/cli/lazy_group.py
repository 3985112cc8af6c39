"""A click group with lazy subcommands: `--help` lists them from a table, without importing their modules."""

from __future__ import annotations

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any, NamedTuple

import click

__all__ = ["LazyGroup", "Subcommand"]


class Subcommand(NamedTuple):
    """Where a command is defined, as `module:attribute`, and the one line that its group shows about it."""

    path: str
    summary: str


class LazyGroup(click.Group):
    """A group that imports a subcommand when it is invoked.

    Every command works against MongoDB, whose driver and the engine's modules take seconds of processor time to
    import; a list of commands must not wait for that.
    """

    def __init__(self, *args: Any, subcommands: Mapping[str, Subcommand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subcommands = subcommands

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - named by click
        return list(self.subcommands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The imported command, None if there is none of this name."""
        if cmd_name not in self.subcommands:
            return None
        command = resolve_name(self.subcommands[cmd_name].path)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the names and summaries of the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.summary) for name, one in self.subcommands.items()])
