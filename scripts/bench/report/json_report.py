"""The results of a run as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from scripts.bench.report.figures import Figure, Row, Target
from scripts.bench.report.machine import Machine
from scripts.bench.runner import Answers

__all__ = ["as_json"]


def as_json(answers: Answers, machine: Machine, at: datetime, *, quick: bool) -> bytes:
    """Everything that the table shows, with every sample, and which questions broke and how."""
    report = {
        "at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "machine": msgspec.to_builtins(machine),
        "broken": answers.broken,
        "rows": [_row(row) for row in answers.rows],
    }
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def _row(row: Row) -> dict[str, Any]:
    return {
        "question": row.question,
        "name": row.name,
        "measured": _figure(row.measured),
        "baseline": _figure(row.baseline),
        "baselineName": row.baseline_name,
        "ratio": _figure(row.ratio),
        "judged": row.judged if row.baseline else "measured",
        "reach": _target(row.reach),
        "aim": _target(row.aim),
        "verdict": row.verdict,
        "note": row.note,
    }


def _figure(figure: Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    return {
        "unit": figure.unit,
        "median": figure.median,
        "low": figure.low,
        "high": figure.high,
        "samples": list(figure.samples),
    }


def _target(target: Target | None) -> dict[str, Any] | None:
    return None if target is None else {"bound": target.bound, "is": "below" if target.upper else "at least"}
