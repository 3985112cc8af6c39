"""Rulebooks as the calculation reads them (plain data) and as the engine does (compiled)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml

from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from domain.rulebooks.rulebook import Rulebook

CURRENT = ("standard", "classic")
SHIPPED = (*CURRENT, "standard@2", "standard@1", "classic@1")


@functools.cache
def shipped(name: str) -> Mapping[str, Any]:
    """A rulebook that ships, as the data that its file holds."""
    folder = files("domain") / "rulebooks" / "builtin"
    path = (folder / "earlier" if "@" in name else folder) / f"{name}.yaml"
    return yaml.safe_load(path.read_text("utf-8"))


def written(rulebook: str | Mapping[str, Any]) -> Mapping[str, Any]:
    return shipped(rulebook) if isinstance(rulebook, str) else rulebook


@functools.cache
def _compiled(name: str) -> CompiledRulebook:
    return compile_rulebook(Rulebook.model_validate(shipped(name)))


def compiled(rulebook: str | Mapping[str, Any]) -> CompiledRulebook:
    """The same rulebook as the engine uses it."""
    return (
        _compiled(rulebook)
        if isinstance(rulebook, str)
        else compile_rulebook(Rulebook.model_validate(rulebook))
    )
