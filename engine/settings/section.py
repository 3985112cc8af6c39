"""The base of a settings section: the settings of one capability, each with its default and a sentence."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Section"]


class Section(BaseModel):
    """The settings of one capability. The first line of the docstring is the title that `lead-engine config` shows.

    `Settings` inherits from every section, so that the environment stays flat and each part of the engine can ask
    for its own section in its signature.
    """

    model_config = ConfigDict(frozen=True)

    @classmethod
    def title(cls) -> str:
        return (cls.__doc__ or "").partition("\n")[0].removesuffix(".")
