"""The report of a pass: shares add up, and it stays small however much is wrong."""

from __future__ import annotations

from engine.passes.report import MAX_NAMED, PassReport


def test_reports_add_up_and_name_leads_in_order():
    first = PassReport({"leads": 2, "failed": 1}, ("b",), {"y": "KeyError"})
    second = PassReport({"leads": 3, "drifted": 1}, ("a",), {"x": "ZeroDivisionError"})
    total = PassReport.sum_of([first, second])
    assert total.counts == {"drifted": 1, "failed": 1, "leads": 5}
    assert total.drifted == ("a", "b")
    assert list(total.failed) == ["x", "y"]
    assert (total["leads"], total["nothing like it"]) == (5, 0)


def test_a_report_names_a_hundred_leads_and_counts_all():
    many = [
        PassReport({"drifted": 1, "failed": 1}, (f"lead-{n:03}",), {f"lead-{n:03}": "KeyError"})
        for n in range(3 * MAX_NAMED)
    ]
    total = PassReport.sum_of(many)
    assert total.counts == {"drifted": 300, "failed": 300}
    assert total.drifted == tuple(f"lead-{n:03}" for n in range(MAX_NAMED))
    assert len(total.failed) == MAX_NAMED
