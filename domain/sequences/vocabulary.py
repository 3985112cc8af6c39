"""Types of the events of sequences in the stream of a lead."""

from __future__ import annotations

__all__ = [
    "SEQUENCE_ENDED",
    "SEQUENCE_ENROLLED",
    "SEQUENCE_NOT_ENROLLED",
    "SEQUENCE_PAUSED",
    "SEQUENCE_STEP_DONE",
    "SEQUENCE_STEP_SKIPPED",
]

SEQUENCE_ENROLLED = "sequence.enrolled"
"""The lead is in a sequence; properties: enrolmentId, sequence, by, why."""

SEQUENCE_NOT_ENROLLED = "sequence.not_enrolled"
"""An automation would have enrolled the lead, which may not be; properties: sequence, why, ruleId, executionId."""

SEQUENCE_STEP_DONE = "sequence.step_done"
"""A step is done; properties: enrolmentId, sequence, step, does, and messageId, variant, taskId or tag."""

SEQUENCE_STEP_SKIPPED = "sequence.step_skipped"
"""A message of a sequence is not sent; properties: enrolmentId, sequence, step, why."""

SEQUENCE_PAUSED = "sequence.paused"
"""The lead is away; properties: enrolmentId, sequence, replyId, until, and returns if the reply names the day."""

SEQUENCE_ENDED = "sequence.ended"
"""The lead is not in the sequence any more; properties: enrolmentId, sequence, reason, eventId, why."""
