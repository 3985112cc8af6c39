"""A delivery: one message on its way to one endpoint, as a unit of due work."""

from __future__ import annotations

import hashlib
from typing import Literal

from engine.work.unit import Unit, UnitState

__all__ = ["UNIT_STATES", "WEBHOOK", "Delivery", "DeliveryState", "delivery_id"]

WEBHOOK = "webhook"
"""The kind of due work that deliveries are."""

DeliveryState = Literal["pending", "failed", "held", "delivered", "dead"]
"""The states of a delivery as the API names them."""

UNIT_STATES: dict[DeliveryState, UnitState] = {
    "pending": "waiting",
    "failed": "retrying",
    "held": "held",
    "delivered": "done",
    "dead": "dead",
}
_DELIVERY_STATES = {unit_state: state for state, unit_state in UNIT_STATES.items()}


class Delivery(Unit, frozen=True, kw_only=True):
    """A message for an endpoint. Its id is the `webhook-id` of all attempts, `body` the bytes that are signed."""

    endpoint_id: str
    event: str
    execution_id: str | None
    body: bytes

    @property
    def delivery_state(self) -> DeliveryState:
        """The state as the API names it."""
        return _DELIVERY_STATES[self.state]

    @property
    def log_context(self) -> dict[str, str | None]:
        """The ids that every log line of an attempt carries."""
        return {
            "deliveryId": self.unit_id,
            "endpointId": self.endpoint_id,
            "leadId": self.lead_id,
            "executionId": self.execution_id,
        }


def delivery_id(key: str, endpoint_id: str) -> str:
    """The same id for the same message and endpoint, wherever it is computed. It contains no dot."""
    return "msg_" + hashlib.blake2b(f"{key}\x1f{endpoint_id}".encode(), digest_size=16).hexdigest()
