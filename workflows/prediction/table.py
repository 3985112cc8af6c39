"""A table of landmarks in columns: some hundred bytes per landmark, whatever their number."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Sequence
from itertools import compress
from math import isnan, nan

from domain.prediction.features import FeatureValue
from domain.prediction.landmark import Landmark, is_sampled

__all__ = ["LandmarkTable"]


class LandmarkTable:
    """Landmarks, a column per feature: numbers, with NaN for what is not known; levels by their number, from 1 on."""

    def __init__(self) -> None:
        self.at = array("q")
        self.reached = array("b")
        self.scores = array("d")
        self.leads: list[str] = []
        self.numbers: dict[str, array[float]] = {}
        self.levels: dict[str, array[int]] = {}
        self.names: dict[str, dict[str, int]] = {}
        """The numbers of the levels of each feature."""
        self.backfilled = False

    def __len__(self) -> int:
        return len(self.at)

    @property
    def wins(self) -> int:
        """Landmarks from which the goal was reached."""
        return sum(self.reached)

    def add(self, landmark: Landmark) -> None:
        """Append one row."""
        row = len(self.at)
        self.at.append(landmark.at)
        self.reached.append(landmark.reached)
        self.scores.append(landmark.score)
        self.leads.append(landmark.lead_id)
        self.backfilled |= landmark.backfilled
        for name, value in landmark.features.items():
            if isinstance(value, str):
                column = self.levels.setdefault(name, array("i"))
                column.extend([0] * (row - len(column)))
                names = self.names.setdefault(name, {})
                column.append(names.setdefault(value, len(names) + 1))
            else:
                numbers = self.numbers.setdefault(name, array("d"))
                numbers.extend([nan] * (row - len(numbers)))
                numbers.append(value)

    def complete(self) -> LandmarkTable:
        """Fill the columns up to the last row."""
        rows = len(self.at)
        for numbers in self.numbers.values():
            numbers.extend([nan] * (rows - len(numbers)))
        for levels in self.levels.values():
            levels.extend([0] * (rows - len(levels)))
        return self

    def thinned(self, one_in: int) -> LandmarkTable:
        """The rows that are in the sample of one in so many."""
        return self._kept(
            [is_sampled(lead_id, at, one_in) for lead_id, at in zip(self.leads, self.at, strict=True)]
        )

    def without(self, leads: Collection[str]) -> LandmarkTable:
        """The rows of all leads but these."""
        return self._kept([lead_id not in leads for lead_id in self.leads]) if leads else self

    def _kept(self, mask: Sequence[bool]) -> LandmarkTable:
        self.complete()
        kept = LandmarkTable()
        kept.at = array("q", compress(self.at, mask))
        kept.reached = array("b", compress(self.reached, mask))
        kept.scores = array("d", compress(self.scores, mask))
        kept.leads = list(compress(self.leads, mask))
        kept.numbers = {name: array("d", compress(column, mask)) for name, column in self.numbers.items()}
        kept.levels = {name: array("i", compress(column, mask)) for name, column in self.levels.items()}
        kept.names, kept.backfilled = self.names, self.backfilled
        return kept

    def features(self, row: int) -> Iterator[tuple[str, FeatureValue]]:
        """The known features of a row, as they were added."""
        for name, numbers in self.numbers.items():
            if not isnan(numbers[row]):
                yield name, numbers[row]
        for name, levels in self.levels.items():
            if levels[row]:
                yield name, list(self.names[name])[levels[row] - 1]
