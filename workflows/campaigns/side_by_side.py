"""Bounded concurrency over the members of a slice: each of them waits for the store most of the time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

__all__ = ["side_by_side"]

_AT_A_TIME = 10

T = TypeVar("T")
R = TypeVar("R")


async def side_by_side(do: Callable[[T], Awaitable[R]], items: Sequence[T]) -> list[R]:
    """The results of `do` for each item, ten at a time. Raises the first failure, once those beside it have ended."""
    results: list[R] = []
    for first in range(0, len(items), _AT_A_TIME):
        beside = items[first : first + _AT_A_TIME]
        for found in await asyncio.gather(*map(do, beside), return_exceptions=True):
            if isinstance(found, BaseException):
                raise found
            results.append(found)
    return results
