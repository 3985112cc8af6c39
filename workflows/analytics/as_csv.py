"""The rows of an answer as CSV (RFC 4180), for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import get_args

from domain.analytics.counts import GROUPINGS, Counts, Grouping, Measure

__all__ = ["as_csv"]

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Sequence[Counts], by: Grouping) -> str:
    """One line per row below a line of names. Reasons and intents have a column each, such as `withheld.suppressed`.

    Text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    reasons = sorted({reason for row in rows for reason in row.withheld_by})
    intents = sorted({intent for row in rows for intent in row.replied_by})
    measures: tuple[Measure, ...] = get_args(Measure)
    names = [f"withheld.{one}" for one in reasons] + [f"replied.{one}" for one in intents]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*GROUPINGS[by], *measures, *map(_plain, names)])
    for row in rows:
        parts = [row.withheld_by.get(one, 0) for one in reasons]
        parts += [row.replied_by.get(one, 0) for one in intents]
        place = [_plain(getattr(row, name)) for name in GROUPINGS[by]]
        writer.writerow([*place, *(row.numbers[name] for name in measures), *parts])
    return text.getvalue()


def _plain(cell: object) -> object:
    is_formula = isinstance(cell, str) and cell.startswith(_BEGINS_A_FORMULA)
    return f"'{cell}" if is_formula else cell
