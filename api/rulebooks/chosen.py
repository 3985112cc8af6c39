"""The rulebook that a body chooses: one that is known, by name and version, or a new one as text."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from api.http.json_body import JsonBody
from domain.errors import NotFound
from domain.rulebooks.rulebook import Rulebook
from engine.process.text_parser import MAX_TEXT
from engine.rulebooks.library import RulebookText
from engine.runtime import Runtime

__all__ = ["ChosenRulebook", "KnownRulebook", "find_rulebook"]

_MAX_VERSION_DIGITS = 9


class KnownRulebook(JsonBody):
    """A rulebook that is built in or was published."""

    name: str = Field(max_length=64)
    version: int = Field(ge=1, le=10**_MAX_VERSION_DIGITS)

    async def read(self, runtime: Runtime) -> Rulebook:
        """The rulebook. Raises `NotFound`."""
        return (await find_rulebook(runtime, self.name, str(self.version))).rulebook


class ChosenRulebook(JsonBody):
    """A rulebook that is built in or was published, by `name` and `version`; or a new one, as `text`."""

    name: str | None = Field(None, max_length=64)
    version: int | None = Field(None, ge=1, le=10**_MAX_VERSION_DIGITS)
    text: str | None = Field(None, max_length=MAX_TEXT, description="The rulebook in YAML.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.text is None) == (self.name is None) or (self.name is None) != (self.version is None):
            raise ValueError("write either name and version, or text")
        return self

    async def read(self, runtime: Runtime) -> tuple[Rulebook, str]:
        """The rulebook and its text. Raises `Invalid` with every fault of the text, `NotFound`."""
        if self.text is not None:
            return await runtime.rulebooks.parser.parse(self.text), self.text
        found = await find_rulebook(runtime, str(self.name), str(self.version))
        return found.rulebook, found.text


async def find_rulebook(runtime: Runtime, name: str, version: str) -> RulebookText:
    """The rulebook of these parts of a path. Raises `NotFound`, for what is no version too."""
    if not (version.isascii() and version.isdecimal() and len(version) <= _MAX_VERSION_DIGITS):
        raise NotFound("rulebook", f"{name}@{version}")
    return await runtime.rulebooks.library.text_of(name, int(version))
