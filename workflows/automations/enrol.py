"""The `enrol` action: enrols the lead in a sequence, once per execution."""

from __future__ import annotations

import hashlib

from domain.automations.actions import EnrolAction
from domain.errors import Conflict
from domain.sequences.vocabulary import SEQUENCE_NOT_ENROLLED
from engine.automations.actions import Effect
from engine.automations.execution import AUTOMATION, Execution
from engine.outreach.message import Author
from engine.runtime import Runtime
from workflows.sequences.enrol import enrol_lead

__all__ = ["enrol_by_automation"]

_REQUESTED = "sequence.requested"
"""The event of the execution; the enrolment says `sequence.enrolled` itself."""


async def enrol_by_automation(runtime: Runtime, execution: Execution) -> Effect:
    """Enrol the lead. A lead that may not be enrolled now is no failure: the event says why.

    Raises `Invalid` for a sequence that is not active, so that the execution is attempted again and then seen.
    """
    sequence = EnrolAction.model_validate(execution.action).sequence
    digest = hashlib.blake2b(execution.unit_id.encode(), digest_size=16).hexdigest()
    author = Author(AUTOMATION, execution.rule_id)
    try:
        enrolment = await enrol_lead(runtime, author, execution.lead_id, sequence, "", f"enr_{digest}")
    except Conflict as refused:
        return Effect(SEQUENCE_NOT_ENROLLED, {"sequence": sequence, "why": str(refused)})
    return Effect(_REQUESTED, {"sequence": enrolment.label, "enrolmentId": enrolment.unit_id})
