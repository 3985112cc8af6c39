"""Sweeps over all calls, bodies or worlds: one of each kind in `make test`, every one in `make faults`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import pytest
from hypothesis import settings

__all__ = ["examples", "sweep"]


def sweep(cases: Iterable[tuple[Any, ...]], kind: Callable[..., Hashable]) -> list[Any]:
    """Parameters for pytest, one tuple of arguments per case: the first case of each kind, and the others as `long`."""
    seen: set[Hashable] = set()
    parameters = []
    for case in cases:
        its_kind = kind(*case)
        parameters.append(pytest.param(*case, marks=[pytest.mark.long] if its_kind in seen else []))
        seen.add(its_kind)
    return parameters


def examples(few: int, many: int) -> int:
    """How many examples of a property are tried: few where they are the same in each run, many where they are new."""
    return few if settings.default is not None and settings.default.derandomize else many
