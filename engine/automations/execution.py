"""An execution: one run of an automation for a lead in a period, as a unit of due work."""

from __future__ import annotations

import hashlib
from typing import Literal

from domain.automations.automation import Fact
from engine.work.unit import CLAIMABLE, Unit

__all__ = ["AUTOMATION", "Execution", "ExecutionState", "execution_id"]

AUTOMATION = "automation"
"""The kind of due work that executions are."""

ExecutionState = Literal["pending", "running", "held", "done", "dead"]
"""The states of an execution as the API names them."""


class Execution(Unit, frozen=True, kw_only=True):
    """One run of an automation. Its id is the idempotency key of all attempts."""

    lead_id: str
    rule_id: str
    date_bucket: str
    cause_position: int
    action: dict[str, Fact]
    facts: dict[str, Fact]
    cause_retracted: bool = False
    """Whether the event that caused it was retracted afterwards. What it did stays done."""

    @property
    def execution_state(self) -> ExecutionState:
        """The state as the API names it. After its worker died it is running until another worker claims it."""
        if self.state in CLAIMABLE:
            return "pending" if self.leased_until is None else "running"
        return self.state  # type: ignore[return-value]  # the three that are left have the same names

    @property
    def log_context(self) -> dict[str, str | None]:
        """The ids that every log line of an attempt carries."""
        return {"leadId": self.lead_id, "executionId": self.unit_id}


def execution_id(lead_id: str, rule_id: str, date_bucket: str) -> str:
    """The same id for the same lead, rule and bucket, wherever it is computed."""
    key = f"{lead_id}\x1f{rule_id}\x1f{date_bucket}"
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
