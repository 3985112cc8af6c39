"""The type of names that people give things: 1 to 100 visible characters on one line."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

__all__ = ["PrintableName"]


def _printable(name: str) -> str:
    text = " ".join(name.split())
    if not text or not text.isprintable():
        raise ValueError("should have 1 to 100 visible characters")
    return text


PrintableName = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)]
