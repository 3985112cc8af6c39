"""Escaping of property names that MongoDB gives a meaning: those with a dot, and those that begin with `$`.

Only documents with such a name are escaped; a mark beside their properties says so. In all others a tilde is a tilde.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.store.mongo import Document

__all__ = ["escaped", "unescaped"]

_MARK = "escapedNames"


def escaped(document: Document) -> Document:
    """The document of an event as MongoDB may hold it: `~` becomes `~0`, a dot `~1`, a `$` that comes first `~2`."""
    return {**document, "properties": _renamed(document["properties"], _escape), _MARK: True}


def unescaped(document: Document) -> Document:
    """The document with the names as they were sent."""
    if _MARK not in document:
        return document
    return {**document, "properties": _renamed(document["properties"], _unescape)}


def _escape(name: str) -> str:
    name = name.replace("~", "~0").replace(".", "~1")
    return f"~2{name[1:]}" if name.startswith("$") else name


def _unescape(name: str) -> str:
    return name.replace("~2", "$").replace("~1", ".").replace("~0", "~")


def _renamed(value: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {rename(name): _renamed(inner, rename) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, rename) for inner in value]
    return value
