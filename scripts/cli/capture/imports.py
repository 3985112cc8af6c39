"""`lead-engine import`: a file into events, and a look at a file that has no mapping yet."""

from __future__ import annotations

from pathlib import Path

import click

from engine.settings import load_settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.imports.importing import run_import
from scripts.imports.inspecting import run_inspection
from workflows.imports.mapping.file_section import FileSection

__all__ = ["import_"]

_PATH = click.Path(path_type=Path)


class _FileByDefault(click.Group):
    """A group whose first argument may be a file: `import leads.csv` is short for `import file leads.csv`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args.insert(0, "file")
        return super().parse_args(ctx, args)


@click.group("import", cls=_FileByDefault)
def import_() -> None:
    """Turn the rows of a file into events, or inspect a file.

    `lead-engine import FILE --map MAPPING.yaml` imports; `lead-engine import inspect FILE` shows what is in a file and
    writes its mapping.
    """


@import_.command("file")
@click.argument("file", type=_PATH)
@click.option("--map", "mapping", type=_PATH, required=True, help="How rows become events.")
@click.option("--rejects", type=_PATH, help="Where bad rows go; FILE.rejects.csv by default.")
@click.option("--dry-run", is_flag=True, help="Check every row, store nothing.")
@click.option(
    "--restart", is_flag=True, help="Begin at the first row, also if an earlier run was stopped halfway."
)
@exits
def file_(file: Path, mapping: Path, rejects: Path | None, *, dry_run: bool, restart: bool) -> int | None:
    """Turn the rows of FILE into events; `-` is standard input.

    CSV text in any usual form, gzip, zip, or .xlsx. Idempotent: importing the same file again changes nothing. After
    a stop, the same command goes on where it was.
    """
    return run(run_import(settings_with_logs(), file, mapping, rejects, dry_run=dry_run, restart=restart))


@import_.command("inspect")
@click.argument("file", type=_PATH)
@click.option("--map", "mapping", type=_PATH, help="Where the mapping goes; FILE.yaml by default.")
@click.option("--force", is_flag=True, help="Overwrite the mapping if there is one.")
@click.option("--encoding", help="Encoding of the file; detected by default.")
@click.option("--delimiter", help="What stands between the cells; detected by default.")
@click.option(
    "--skip-lines", type=click.IntRange(0, 1000), help="Lines above the header; detected by default."
)
@click.option("--sheet", help="Sheet of a workbook; the first one with cells by default.")
@click.option("--member", help="File of a zip archive that has several.")
@exits
def inspect(
    file: Path,
    mapping: Path | None,
    *,
    force: bool,
    encoding: str | None,
    delimiter: str | None,
    skip_lines: int | None,
    sheet: str | None,
    member: str | None,
) -> None:
    """Show how FILE is written and what its columns hold, and write a mapping that works.

    Exports of HubSpot, Salesforce, Pipedrive, Zoho, Mautic, LinkedIn, Meta, Google Ads, Typeform and Calendly are
    recognised by their headers; of any other file, the columns are guessed. Needs no database.
    """
    section = FileSection(
        encoding=encoding, delimiter=delimiter, skip_lines=skip_lines, sheet=sheet, member=member
    )
    sealed = load_settings().personal
    run_inspection(file, mapping, section.format, sealed, force=force)
