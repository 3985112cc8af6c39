"""Settings of field-level encryption."""

from __future__ import annotations

from pydantic import Field, field_validator

from domain.privacy.personal_fields import DEFAULT_PERSONAL_FIELDS, PersonalFields
from engine.settings.section import Section

__all__ = ["PrivacySettings"]

_READ_BY_THE_FOLD = ("stage", "tag")
"""Properties that the fold reads: the stage that a person set, the tag that was added."""


class PrivacySettings(Section):
    """Privacy: field-level encryption."""

    personal_fields: str = Field(
        DEFAULT_PERSONAL_FIELDS,
        description="Properties, at any depth, that are encrypted with the key of their lead, separated by commas; case, - and _ do not matter.",
    )

    @field_validator("personal_fields")
    @classmethod
    def _leaves_open_what_the_fold_reads(cls, names: str) -> str:
        for name in _READ_BY_THE_FOLD:
            if name in PersonalFields.named(names):
                raise ValueError(f"'{name}' cannot be personal: the engine itself has to read it")
        return names
