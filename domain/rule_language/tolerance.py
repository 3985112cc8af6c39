"""The tolerance of comparisons with computed numbers: sums in another order differ in the last bits, and decide nothing."""

from __future__ import annotations

__all__ = ["TOLERANCE"]

TOLERANCE = 1e-9
"""In the unit of the number: points, sessions a day, probabilities. Numbers in properties are compared exactly."""
