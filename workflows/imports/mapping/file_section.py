"""The `file` section of a mapping: how the file is written. Keys that are left out are detected."""

from __future__ import annotations

import codecs
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from domain.rule_language.section import Section
from workflows.imports.tables.table import FileFormat

__all__ = ["FileSection"]

_NAMED_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "\\t": "\t"}


def _delimiter(value: object) -> object:
    return _NAMED_DELIMITERS.get(value, value) if isinstance(value, str) else value


class FileSection(Section):
    """How the file is written."""

    encoding: str | None = None
    delimiter: Annotated[str, BeforeValidator(_delimiter), Field(min_length=1, max_length=1)] | None = None
    quote: Literal['"', "'", "none"] | None = None
    escape: Literal["double", "backslash"] | None = None
    skip_lines: int | None = Field(None, ge=0, le=1000)
    footer: int | None = Field(None, ge=0, le=1000)
    ragged: Literal["accept", "reject"] = "accept"
    sheet: str | None = None
    member: str | None = None

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                codecs.lookup(name)
            except LookupError:
                raise ValueError(
                    f"there is no encoding '{name}'; write one such as utf-8, utf-16 or cp1252"
                ) from None
        return name

    @property
    def format(self) -> FileFormat:
        """The same for the reader."""
        return FileFormat(
            encoding=self.encoding,
            delimiter=self.delimiter,
            quote="" if self.quote == "none" else self.quote,
            escape=None if self.escape is None else self.escape == "backslash",
            skip_lines=self.skip_lines,
            footer=self.footer,
            ragged=self.ragged == "accept",
            sheet=self.sheet,
            member=self.member,
        )
