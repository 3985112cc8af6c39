"""The sequences that ship with the engine, and those in files."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from domain.errors import Invalid
from domain.sequences.definition import SequenceDefinition
from domain.sequences.loader import parse_sequence

__all__ = ["built_in_sequences", "load_sequence", "sequence_text"]

_SUFFIX = ".yaml"


@cache
def built_in_sequences() -> dict[str, str]:
    """The texts of the sequences that ship, by name."""
    entries = (files("domain.sequences") / "builtin").iterdir()
    found = {one.name.removesuffix(_SUFFIX): one for one in entries if one.name.endswith(_SUFFIX)}
    return {name: found[name].read_text(encoding="utf-8") for name in sorted(found)}


def sequence_text(name_or_path: str) -> tuple[str, str]:
    """The text of a sequence that ships, by name, or of a file, by path; and what to call it. Raises `Invalid`."""
    if (text := built_in_sequences().get(name_or_path)) is not None:
        return text, f"{name_or_path}{_SUFFIX}"
    path = Path(name_or_path)
    try:
        return path.read_text(encoding="utf-8"), path.name
    except (OSError, UnicodeDecodeError) as error:
        names = ", ".join(built_in_sequences())
        raise Invalid(
            f"There is no sequence '{name_or_path}': write one of {names} or the path of a file."
        ) from error


def load_sequence(name_or_path: str) -> SequenceDefinition:
    """A sequence that ships, by name, or any by the path of its file. Raises `Invalid` with every fault."""
    return parse_sequence(*sequence_text(name_or_path))
