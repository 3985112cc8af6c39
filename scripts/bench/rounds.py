"""Interleaved rounds of baselines and subjects, by default after one that only warms up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

__all__ = ["Measure", "interleave"]

Measure = Callable[[int], Awaitable[float]]
"""Takes the number of the round, 0 for the warm-up; returns one sample."""


async def interleave(
    rounds: int, measures: Mapping[str, Measure], say: Callable[[str], None], *, warm_up: bool = True
) -> dict[str, tuple[float, ...]]:
    """The samples of each measure. All are measured in each round, so that a drift of the machine affects all.

    Every other round runs in reverse order, so that neither always comes after the other.
    """
    samples: dict[str, list[float]] = {name: [] for name in measures}
    forwards = list(measures)
    for number in range(0 if warm_up else 1, rounds + 1):
        for name in forwards if number % 2 else reversed(forwards):
            say(f"{name}, {f'round {number} of {rounds}' if number else 'warming up'}")
            sample = await measures[name](number)
            if number:
                samples[name].append(sample)
    return {name: tuple(values) for name, values in samples.items()}
