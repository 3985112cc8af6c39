"""The rulebooks that ship with the engine: by name the newest version, by `name@version` any that ever shipped."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from domain.privacy.personal_fields import USUAL_FIELDS, PersonalFields
from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from domain.rulebooks.loader import parse_rulebook
from domain.rulebooks.rulebook import Rulebook

__all__ = [
    "built_in",
    "built_in_labels",
    "built_in_names",
    "built_in_text",
    "compiled_built_in",
    "is_built_in",
]

_SUFFIX = ".yaml"


def built_in_names() -> list[str]:
    """The names of the rulebooks that ship with the engine."""
    return sorted(name for name in _files() if "@" not in name)


def built_in_labels() -> list[str]:
    """Every rulebook that ships, as `name@version`: the newest of each name first."""
    newest = [built_in(name).label for name in built_in_names()]
    return [*newest, *sorted((name for name in _files() if "@" in name), reverse=True)]


def is_built_in(name: str) -> bool:
    """Whether a rulebook of this name, or of this name and version, ships with the engine."""
    return name in _files() or name in _newest_labels()


@lru_cache(maxsize=32)
def built_in(name: str, personal_fields: PersonalFields = USUAL_FIELDS) -> Rulebook:
    """The rulebook of this name or label, which must ship. Parsed once: it is frozen, and its YAML takes up to 70 ms."""
    file = _file(name)
    return parse_rulebook(file.read_text(encoding="utf-8"), file.name, personal_fields=personal_fields)


@cache
def built_in_text(name: str) -> str:
    """The text of the rulebook of this name or label, which must ship."""
    return _file(name).read_text(encoding="utf-8")


@cache
def compiled_built_in(name: str) -> CompiledRulebook:
    """The rulebook of this name or label, which must ship, in executable form."""
    return compile_rulebook(built_in(name))


def _file(name: str) -> Traversable:
    return _files()[_newest_labels().get(name, name) if "@" in name else name]


@cache
def _files() -> dict[str, Traversable]:
    """The files by name, and those of earlier versions by label."""
    folder = files("domain.rulebooks") / "builtin"
    entries = [*folder.iterdir(), *(folder / "earlier").iterdir()]
    return {entry.name.removesuffix(_SUFFIX): entry for entry in entries if entry.name.endswith(_SUFFIX)}


@cache
def _newest_labels() -> dict[str, str]:
    """The name by the label of each newest version."""
    return {built_in(name).label: name for name in built_in_names()}
