"""A risk estimate: how likely it is that a lead has gone cold, as every risk model answers it."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["RISK_BANDS", "RiskEstimate"]

RISK_BANDS = ("low", "medium", "high")


class RiskEstimate(Struct, frozen=True, gc=False):
    """The risk band, and the probability of having gone cold where the model knows it."""

    band: str
    probability: float | None = None
