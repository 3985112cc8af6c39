"""`lead-engine import inspect`: look at a file, print what is in it, and write its mapping."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from domain.errors import Invalid
from domain.privacy.personal_fields import PersonalFields
from scripts.imports.inspection_page import show_inspection
from workflows.imports.inspection.inspect_file import inspect_file
from workflows.imports.tables.source import STANDARD_INPUT
from workflows.imports.tables.table import FileFormat

__all__ = ["run_inspection"]


def run_inspection(
    file: Path,
    mapping: Path | None,
    file_format: FileFormat,
    sealed: PersonalFields,
    *,
    force: bool = False,
) -> None:
    """Inspect `file` and write its mapping, beside it by default. Raises `Invalid`, also for a mapping that is there."""
    mapping = mapping or _mapping_beside(file)
    if mapping.exists() and not force:
        raise Invalid(
            f"{mapping} exists already: choose another name with --map, or overwrite it with --force."
        )
    found = inspect_file(file, file_format, sealed=sealed)
    try:
        mapping.write_text(found.mapping, encoding="utf-8")
    except OSError as error:
        raise Invalid(f"The mapping cannot be written to {mapping}: {error.strerror}.") from error
    show_inspection(Console(), found, file, mapping)


def _mapping_beside(file: Path) -> Path:
    if file == STANDARD_INPUT or not file.is_file():
        return Path("mapping.yaml")
    return file.with_name(f"{file.name.split('.')[0] or 'mapping'}.yaml")
