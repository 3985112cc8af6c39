"""The stored form of a unit of due work: its fields stand beside those of its kind, in one document."""

from __future__ import annotations

from typing import Any

from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store.mongo import Document
from engine.work.outcome import Outcome
from engine.work.unit import Attempt

__all__ = ["MAX_DETAIL", "UNIT_FORMAT", "new_unit", "outcome_fields", "unit_fields"]

UNIT_FORMAT = 1
"""Written to every unit, so that a migration knows those of earlier releases."""

MAX_DETAIL = 500


def new_unit(at: Millis, due_at: Millis | None = None) -> Document:
    """The fields of a unit that nobody has attempted; it is due at once unless `due_at` says when."""
    return {
        "state": "waiting",
        "tries": 0,
        "attempts": [],
        "createdAt": to_bson(at),
        "dueAt": to_bson(at if due_at is None else due_at),
        "unitFormat": UNIT_FORMAT,
    }


def outcome_fields(outcome: Outcome) -> Document:
    """The fields that an attempt gets once it has ended."""
    given = {
        "durationMs": outcome.duration_ms,
        "statusCode": outcome.status_code,
        "answer": outcome.answer or None,
    }
    return {
        "outcome": "done" if outcome.verdict == "done" else "failed",
        "detail": outcome.detail[:MAX_DETAIL],
        **{name: value for name, value in given.items() if value is not None},
    }


def unit_fields(doc: Document) -> dict[str, Any]:
    """The arguments of `Unit` in a document. Raises `KeyError` or `TypeError` for one that is not a unit."""
    leased_until = doc.get("leasedUntil")
    return {
        "unit_id": doc["_id"],
        "lead_id": doc.get("leadId"),
        "state": doc["state"],
        "created_at": from_bson(doc["createdAt"]),
        "due_at": from_bson(doc["dueAt"]),
        "leased_until": None if leased_until is None else from_bson(leased_until),
        "tries": doc["tries"],
        "attempts": tuple(_attempt(number, one) for number, one in enumerate(doc["attempts"], 1)),
        "held_because": doc.get("heldBecause", ""),
        "waits_because": doc.get("waitsBecause", "") if doc["state"] == "waiting" else "",
    }


def _attempt(number: int, doc: Document) -> Attempt:
    return Attempt(
        number=number,
        at=from_bson(doc["at"]),
        outcome=doc.get("outcome"),
        detail=doc.get("detail", ""),
        duration_ms=doc.get("durationMs"),
        status_code=doc.get("statusCode"),
        answer=doc.get("answer", ""),
    )
