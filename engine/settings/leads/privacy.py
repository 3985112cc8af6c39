"""Settings of field-level encryption."""

from __future__ import annotations

from pydantic import Field, field_validator

from domain.privacy.personal_fields import DEFAULT_PERSONAL_FIELDS, READ_BY_THE_FOLD, PersonalFields
from engine.settings.section import Section

__all__ = ["PrivacySettings"]


class PrivacySettings(Section):
    """Privacy: field-level encryption."""

    personal_fields: str = Field(
        DEFAULT_PERSONAL_FIELDS,
        description="Properties, at any depth, that are encrypted with the key of their lead, separated by commas; case, - and _ do not matter.",
    )

    recognise_personal_data: bool = Field(
        True,
        description="Encrypt further properties whose names say that they are personal, and e-mail addresses, international telephone numbers and IBANs in any text.",
    )
    open_fields: str = Field(
        "",
        description="Properties in which nothing is recognised, separated by commas: for names that only sound personal.",
    )

    @field_validator("personal_fields")
    @classmethod
    def _leaves_open_what_the_fold_reads(cls, names: str) -> str:
        for name in READ_BY_THE_FOLD:
            if name in PersonalFields.named(names):
                raise ValueError(f"'{name}' cannot be personal: the engine itself has to read it")
        return names

    @property
    def personal(self) -> PersonalFields:
        """What is sealed under these settings."""
        return PersonalFields.named(
            self.personal_fields, recognises=self.recognise_personal_data, open_names=self.open_fields
        )
