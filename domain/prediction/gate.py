"""The gate of a model: what must hold on later leads before anybody is shown a probability."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum, pi, sqrt

from domain.prediction.report import HeldOut

__all__ = ["MIN_TEST", "MIN_TRAINING", "failures", "too_little"]

MIN_TRAINING = 40
"""Leads that reached the goal, and leads that did not, to learn from."""
MIN_TEST = 20
"""And to test on."""
_MOST_OVER, _LEAST_OVER = 1.25, 0.8
_LEAST_SLOPE, _MOST_SLOPE = 0.7, 1.3
_MOST_ERROR = 0.05
_Z = 1.959964
_ONE_IN_TWENTY = 1.644854
_MOST_LOST = 0.01


def too_little(wins: int, others: int, test_wins: int, test_others: int) -> str | None:
    """Why there are too few leads to learn from or to test on; None if there are enough."""
    if min(wins, others) < MIN_TRAINING:
        return f"{wins} leads won and {others} not to learn from; at least {MIN_TRAINING} of each are needed"
    if min(test_wins, test_others) < MIN_TEST:
        return (
            f"{test_wins} leads won and {test_others} not to test on; at least {MIN_TEST} of each are needed"
        )
    return None


def failures(
    held_out: HeldOut,
    predicted: Sequence[float],
    reached: Sequence[bool],
    beside_active: tuple[float, float] | None,
) -> tuple[str, ...]:
    """The tests that fail, in words. `beside_active` is the AUC of the model and of the active one on landmarks new to both."""
    return tuple(_failures(held_out, predicted, reached, beside_active))


def _failures(
    found: HeldOut,
    predicted: Sequence[float],
    reached: Sequence[bool],
    beside_active: tuple[float, float] | None,
) -> Iterator[str]:
    if (low := _least_skill(predicted, reached)) <= 0:
        yield f"it does not know more than the base rate: Brier skill may be {low:+.3f}"
    if found.auc < found.score_auc:
        yield f"it ranks worse than the score of the rulebook: AUC {found.auc:.3f}, {found.score_auc:.3f}"
    if beside_active is not None and beside_active[0] < beside_active[1] - _MOST_LOST:
        yield "it ranks worse than the active model: AUC {:.3f}, {:.3f}".format(*beside_active)
    if not _LEAST_OVER <= found.expected_over_observed <= _MOST_OVER:
        yield f"it expects {found.expected_over_observed:.2f} times what happened"
    if not _LEAST_SLOPE <= found.slope <= _MOST_SLOPE:
        yield f"its calibration slope is {found.slope:.2f}"
    if found.calibration_error > max(_MOST_ERROR, _usual_error(found)):
        yield f"its calibration error is {found.calibration_error:.3f}"


def _least_skill(predicted: Sequence[float], reached: Sequence[bool]) -> float:
    """The lower end (95 %) of the Brier skill over the base rate, by the paired losses (Diebold and Mariano 1995)."""
    count = len(reached)
    rate = sum(reached) / count
    gains = [(rate - y) ** 2 - (p - y) ** 2 for p, y in zip(predicted, reached, strict=True)]
    mean = fsum(gains) / count
    spread = sqrt(fsum((gain - mean) ** 2 for gain in gains)) / count
    return (mean - _Z * spread) / (rate * (1 - rate))


def _usual_error(found: HeldOut) -> float:
    """The calibration error that one in twenty sets of as many landmarks exceeds though every prediction is right.

    The wins of a group are then about normal around what is predicted, and their distances half-normal.
    """
    variances = [one.landmarks * one.predicted * (1 - one.predicted) for one in found.reliability]
    mean = fsum(sqrt(2 / pi * variance) for variance in variances)
    spread = sqrt(fsum((1 - 2 / pi) * variance for variance in variances))
    return (mean + _ONE_IN_TWENTY * spread) / found.landmarks
