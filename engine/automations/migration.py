"""Executions of releases before 0.2, which knew `pending`, `running` and attempts that had `started`, as units of due work."""

from __future__ import annotations

from engine.automations.execution_store import EXECUTIONS
from engine.store.migrations import UpdateMigration
from engine.work.unit_document import UNIT_FORMAT

__all__ = ["EXECUTIONS_TO_UNITS"]

_FAILED = {"$in": ["failed", "$attempts.outcome"]}
_OPEN = {"$in": ["$state", ["pending", "running"]]}
_UNENDED = {"$eq": ["$$attempt.outcome", "started"]}

EXECUTIONS_TO_UNITS = UpdateMigration(
    name="executions-to-units",
    collection=EXECUTIONS.name,
    outdated={"unitFormat": {"$exists": False}},
    update=[
        {
            "$set": {
                "state": {"$cond": [_OPEN, {"$cond": [_FAILED, "retrying", "waiting"]}, "$state"]},
                "leasedUntil": {"$cond": [{"$eq": ["$state", "running"]}, "$dueAt", "$$REMOVE"]},
                "tries": {"$size": "$attempts"},
                "attempts": {
                    "$map": {
                        "input": "$attempts",
                        "as": "attempt",
                        "in": {"$cond": [_UNENDED, {"at": "$$attempt.at"}, "$$attempt"]},
                    }
                },
                "unitFormat": UNIT_FORMAT,
            }
        }
    ],
)
