"""The report of an import: what became of every row, with reasons grouped, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from engine.capture.deduplication import Appended
from workflows.imports.batches import Batch

__all__ = ["EXAMPLES", "Count", "ImportReport", "ReportBuilder", "Tally"]

EXAMPLES = 5
"""Rejects and conflicts that the report names one by one."""
MAX_GROUPS = 200
"""Kinds of one thing that are counted apart; the others together."""
_OTHERS = "others"


class Count(Struct, frozen=True, rename="camel"):
    """How often something was so, with the first example of it."""

    what: str
    count: int
    example: str = ""


class ImportReport(Struct, frozen=True, kw_only=True, rename="camel"):
    """Counts of rows and events so far: `rows` is the sum of those with events, without events, and rejected.

    Events are accepted, duplicates of stored ones, in conflict with them, or of a blocked lead.
    """

    rows: int = 0
    rows_with_events: int = 0
    rows_without_events: int = 0
    rejected_rows: int = 0
    earlier_rows: int = 0
    """Of the rows, those that an earlier run had dealt with before it was stopped."""
    events: int = 0
    accepted: int = 0
    duplicates: int = 0
    conflicts: int = 0
    blocked: int = 0
    """Events of leads that were erased and blocked."""
    seconds: float = 0.0
    fraction: float | None = None
    """How much of the file was read, 0 to 1; None for a pipe."""
    reject_reasons: tuple[Count, ...] = ()
    no_event_reasons: tuple[Count, ...] = ()
    left_out: tuple[Count, ...] = ()
    """Values that are not of their type."""
    unnamed: tuple[Count, ...] = ()
    """Cells that no entry of a mapping's `values` names."""
    future: tuple[Count, ...] = ()
    """Times in the future, and what was done with them."""
    first_rejects: tuple[str, ...] = ()
    first_conflicts: tuple[str, ...] = ()
    file: tuple[str, ...] = ()
    """How the file is written, in sentences."""
    notices: tuple[str, ...] = ()
    open_personal: tuple[str, ...] = ()
    """Properties that look personal and are not sealed."""


class Tally:
    """Counts by kind, of a bounded number of kinds."""

    def __init__(self, counts: Iterable[Count] = ()) -> None:
        self._counts = {count.what: (count.count, count.example) for count in counts}

    def add(self, what: str, example: str = "") -> None:
        """One more of the kind."""
        if what not in self._counts and len(self._counts) >= MAX_GROUPS:
            what, example = _OTHERS, ""
        count, first = self._counts.get(what, (0, example))
        self._counts[what] = (count + 1, first)

    def counts(self) -> tuple[Count, ...]:
        """All kinds, those that are met most often first."""
        found = (Count(what, count, example) for what, (count, example) in self._counts.items())
        return tuple(sorted(found, key=lambda one: -one.count))


class ReportBuilder:
    """Adds up what becomes of the batches, from a report of an earlier run on."""

    def __init__(self, before: ImportReport) -> None:
        self._report = before
        self._rejects = Tally(before.reject_reasons)
        self._no_events = Tally(before.no_event_reasons)
        self._by_subject = {
            "left out": Tally(before.left_out),
            "unnamed": Tally(before.unnamed),
            "future": Tally(before.future),
        }

    def add(self, batch: Batch, results: Sequence[Appended]) -> None:
        """Count a batch and what the store has said of its events."""
        for reject in batch.rejects:
            self._rejects.add(reject.kind or reject.reason, f"line {reject.row.line}")
        for line, reason in batch.without_events:
            self._no_events.add(reason, f"line {line}")
        for remark in batch.remarks:
            if remark.subject == "unnamed":
                self._by_subject["unnamed"].add(f"{remark.what}: {remark.cell!r}")
            elif remark.subject != "nothing":
                self._by_subject[remark.subject].add(remark.what, remark.cell)
        self._report = _added(self._report, batch, results)

    def report(self, **rest: object) -> ImportReport:
        """The report so far, with some of its fields set."""
        fields = {name: getattr(self._report, name) for name in ImportReport.__struct_fields__}
        return ImportReport(
            **{
                **fields,
                "reject_reasons": self._rejects.counts(),
                "no_event_reasons": self._no_events.counts(),
                "left_out": self._by_subject["left out"].counts(),
                "unnamed": self._by_subject["unnamed"].counts(),
                "future": self._by_subject["future"].counts(),
                **rest,
            }
        )


def _added(report: ImportReport, batch: Batch, results: Sequence[Appended]) -> ImportReport:
    statuses = Counter(result.status for result in results)
    rejects = (f"line {reject.row.line}: {reject.reason}" for reject in batch.rejects)
    conflicts = (result.event_id for result in results if result.status == "conflict")
    return ImportReport(
        rows=report.rows + batch.rows,
        rows_with_events=report.rows_with_events
        + batch.rows
        - len(batch.rejects)
        - len(batch.without_events),
        rows_without_events=report.rows_without_events + len(batch.without_events),
        rejected_rows=report.rejected_rows + len(batch.rejects),
        earlier_rows=report.earlier_rows,
        events=report.events + len(batch.events),
        accepted=report.accepted + statuses["accepted"],
        duplicates=report.duplicates + statuses["duplicate"],
        conflicts=report.conflicts + statuses["conflict"],
        blocked=report.blocked + statuses["blocked"],
        first_rejects=(*report.first_rejects, *rejects)[:EXAMPLES],
        first_conflicts=(*report.first_conflicts, *conflicts)[:EXAMPLES],
    )
