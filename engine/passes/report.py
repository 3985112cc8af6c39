"""The report of a long pass: counts, and some of the leads that need a look. Reports of shares add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

__all__ = ["MAX_NAMED", "PassReport"]

MAX_NAMED = 100
"""Leads that a report names of each kind, so that it stays small however much is wrong; all of them are counted."""


class PassReport(Struct, frozen=True):
    """Counts by their names; `drifted` leads, and those that cannot be folded with the kind of error.

    It is stored in the open: ids of leads and names of errors, never what an event says.
    """

    counts: dict[str, int] = {}
    drifted: tuple[str, ...] = ()
    failed: dict[str, str] = {}

    def __getitem__(self, count: str) -> int:
        """A count, 0 for one that nothing was counted under."""
        return self.counts.get(count, 0)

    @classmethod
    def sum_of(cls, reports: Iterable[PassReport]) -> PassReport:
        """One report of what several shares, or several attempts of one, have found."""
        counts, drifted, failed = Counter[str](), list[str](), dict[str, str]()
        for report in reports:
            counts.update(report.counts)
            drifted += report.drifted
            failed |= report.failed
        return cls(
            {name: counts[name] for name in sorted(counts)},
            tuple(sorted(drifted)[:MAX_NAMED]),
            dict(sorted(failed.items())[:MAX_NAMED]),
        )
