"""Event types that code mentions by name, and which of them are bookkeeping.

All other types are data: the rules of a rulebook name them, and one that no rule names is an activity without points.
"""

from __future__ import annotations

__all__ = [
    "ACCOUNT_JOINED",
    "BOOKKEEPING",
    "CALL_ATTEMPTED",
    "CALL_LOGGED",
    "EVENT_DISCARDED",
    "EVENT_RETRACTED",
    "EVENT_UNREADABLE",
    "FIRST_TOUCH_DUE",
    "FIRST_TOUCH_MISSED",
    "LEAD_ABSORBED",
    "LEAD_ASSIGNED",
    "LEAD_MERGED",
    "LEAD_SEPARATED",
    "LEAD_UNMERGED",
    "LEAD_UPDATED",
    "MEMBERSHIP",
    "NOTE_ADDED",
    "REPLY_CLASSIFIED",
    "REPLY_JUDGED",
    "SCORE_DECAYED",
    "STAGE_CLEARED",
    "STAGE_SET",
    "TAG_ADDED",
    "TAG_REMOVED",
    "TASK_CREATED",
    "WEBHOOK_REQUESTED",
    "WEBHOOK_TEST",
]

LEAD_UPDATED = "lead.updated"
"""Attributes of the lead, e.g. its company's size; a null takes one back."""

FIRST_TOUCH_DUE = "first_touch.due"
"""Half of the time for the first contact with a routed lead has passed."""

FIRST_TOUCH_MISSED = "first_touch.missed"
"""Nobody has contacted a routed lead in time."""

LEAD_MERGED = "lead.merged"
"""The stream is part of another lead from now on; properties: into, by, why."""

LEAD_ABSORBED = "lead.absorbed"
"""Another lead is part of this one from now on; properties: from, by, why."""

LEAD_UNMERGED = "lead.unmerged"
"""The merge of this stream is undone; properties: from, by, why."""

LEAD_SEPARATED = "lead.separated"
"""The stream of another lead is no longer part of this one; properties: stream, by, why."""

LEAD_ASSIGNED = "lead.assigned"
"""The lead has another owner; properties: ownerId (null: none), by, why, rule."""

CALL_LOGGED = "call.logged"
"""Somebody has spoken with the lead; properties: outcome, minutes, note, author."""

CALL_ATTEMPTED = "call.attempted"
"""Somebody has called and not reached the lead; properties as of `call.logged`."""

NOTE_ADDED = "note.added"
"""Somebody has written a note about the lead; properties: note, author."""

REPLY_CLASSIFIED = "reply.classified"
"""What a reply of the lead means; properties: replyId, intent, confidence, by, channels, suspectedOptOut, returns, evidenceStart, evidenceEnd."""

REPLY_JUDGED = "reply.judged"
"""A person has judged whether a reply of the lead is an opt-out; properties: replyId, optOut, by; and intent, confidence of the reading whose suspicion it clears."""

ACCOUNT_JOINED = "account.joined"
"""The lead belongs to a company; properties: groupId, and what is known of the company."""

STAGE_SET = "stage.set"
"""A person sets the stage by hand; properties: stage, by, why."""

STAGE_CLEARED = "stage.cleared"
"""A person takes back a stage set by hand."""

TAG_ADDED = "tag.added"
"""The lead gets the tag in the property `tag`, from a person or from an automation."""

TAG_REMOVED = "tag.removed"
"""The lead loses the tag in the property `tag`."""

SCORE_DECAYED = "score.decayed"
"""Appended by the decay job: makes the passing of time visible in the history."""

EVENT_DISCARDED = "event.discarded"
"""Tombstone: read in place of an event that was discarded or retracted; nothing of it counts."""

EVENT_RETRACTED = "event.retracted"
"""An earlier event of the stream counts for nothing from now on; properties: eventId, position, why, by."""

EVENT_UNREADABLE = "event.unreadable"
"""Shown in place of a stored event that cannot be decoded."""

TASK_CREATED = "task.created"
"""Outcome of an automation's task action."""

WEBHOOK_REQUESTED = "webhook.requested"
"""Outcome of an automation's webhook action."""

WEBHOOK_TEST = "webhook.test"
"""Sent to one webhook endpoint as a trial; never part of a lead's stream."""

MEMBERSHIP = frozenset({LEAD_MERGED, LEAD_ABSORBED, LEAD_UNMERGED, LEAD_SEPARATED})
"""Types of the engine's own events that say which streams a lead consists of."""

BOOKKEEPING = frozenset(
    {
        ACCOUNT_JOINED,
        LEAD_UPDATED,
        LEAD_ASSIGNED,
        NOTE_ADDED,
        STAGE_SET,
        STAGE_CLEARED,
        TAG_ADDED,
        TAG_REMOVED,
    }
)
"""Types that say something about a lead without the lead having done anything."""
