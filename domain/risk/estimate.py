"""The risk estimate of a lead: the result of every risk model."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["RISK_BANDS", "RiskEstimate"]

RISK_BANDS = ("low", "medium", "high")


class RiskEstimate(Struct, frozen=True, gc=False):
    """The risk band, and the probability that the lead has gone cold where the model gives one."""

    band: str
    probability: float | None = None
