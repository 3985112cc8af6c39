"""Settings of identity resolution."""

from __future__ import annotations

import phonenumbers
from pydantic import Field, field_validator

from engine.settings.section import Section

__all__ = ["IdentitySettings"]


class IdentitySettings(Section):
    """Identity: which identifiers stand for the same person."""

    phone_region: str = Field(
        "",
        description="Country of telephone numbers that are sent without a country code, two letters, e.g. DE; empty refuses them.",
    )

    @field_validator("phone_region")
    @classmethod
    def _is_known(cls, region: str) -> str:
        if region and region.upper() not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"'{region}' is no country with telephone numbers: write two letters, e.g. DE")
        return region.upper()
