"""Deliveries of releases before 0.2, which were `pending`, `failed` or `delivered`, as units of due work."""

from __future__ import annotations

from engine.store.migrations import UpdateMigration
from engine.webhooks.delivery import UNIT_STATES
from engine.webhooks.delivery_store import WEBHOOK_DELIVERIES
from engine.work.unit_document import UNIT_FORMAT

__all__ = ["DELIVERIES_TO_UNITS"]

_DELIVERED = {"$eq": ["$$attempt.outcome", "delivered"]}

DELIVERIES_TO_UNITS = UpdateMigration(
    name="deliveries-to-units",
    collection=WEBHOOK_DELIVERIES.name,
    outdated={"unitFormat": {"$exists": False}},
    update=[
        {
            "$set": {
                "state": {
                    "$switch": {
                        "branches": [
                            {"case": {"$eq": ["$state", old]}, "then": new}
                            for old, new in UNIT_STATES.items()
                        ],
                        "default": "$state",
                    }
                },
                "attempts": {
                    "$map": {
                        "input": "$attempts",
                        "as": "attempt",
                        "in": {
                            "$cond": [
                                _DELIVERED,
                                {"$mergeObjects": ["$$attempt", {"outcome": "done"}]},
                                "$$attempt",
                            ]
                        },
                    }
                },
                "unitFormat": UNIT_FORMAT,
            }
        }
    ],
)
