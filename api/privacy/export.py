"""The form of an export, for the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.automations.views import ExecutionView, TaskView
from api.http.view import View
from api.leads.views import EventView, HistoryView, LeadView
from api.operations.audit import AuditView
from api.operations.dead_letters import DeadLetterView
from api.webhooks.views import DeliveryView
from domain.analytics.message_result import Fate

__all__ = ["ExportView"]


class LeadKeyView(View, frozen=True):
    """The key that encrypts the lead's personal fields: its id and age. The key itself is never shown."""

    id: str
    created_at: datetime


class IdentifierView(View, frozen=True):
    """What the person is known by, in the form in which it is compared."""

    kind: str
    value: str
    first_seen_at: datetime


class ExportedDraftView(View, frozen=True):
    """A draft of a message to the person."""

    id: str
    channel: str
    purpose: str
    state: str
    to: str | None
    subject: str | None
    text: str | None
    created_at: datetime
    message_id: str | None


class ExportedEnrolmentView(View, frozen=True):
    """A sequence that the person is or was in."""

    enrolment_id: str
    sequence: str
    enrolled_at: datetime
    why: str
    state: str
    ended: str | None
    ended_at: datetime | None


class ExportedResultView(View, frozen=True):
    """What analytics knows of a message to the lead: moments, what its replies mean, and what it is of."""

    message_id: str
    channel: str
    sequence: str | None
    step: str | None
    variant: str | None
    campaign: str | None
    fate: Fate
    at: datetime
    opened_at: datetime | None
    clicked_at: datetime | None
    replied_at: datetime | None
    intents: list[str]
    meeting_at: datetime | None
    opted_out_at: datetime | None
    won_at: datetime | None


class ExportedCampaignView(View, frozen=True):
    """A campaign that the person is or was in, with what became of it: the message or the enrolment is `subjectId`."""

    campaign_id: str
    result: str
    reasons: list[str]
    subject_id: str | None
    at: datetime | None


class ExportedPreviewView(View, frozen=True):
    """The lead in a preview of a rulebook: under the one that was active, and under the one that was tried."""

    preview: str
    score_now: float
    score_then: float
    stage_now: str
    stage_then: str
    ended: str


class SuppressedView(View, frozen=True):
    """An entry of the suppression list with an address of the person."""

    scope: str
    kind: str
    value: str | None
    why: str
    at: datetime


class ItemFaultView(View, frozen=True):
    """What is wrong with an item, and where."""

    pointer: str
    detail: str


class RejectedItemView(View, frozen=True):
    """Something that a source sent about the person and that could not be stored as an event."""

    item_id: str
    source_id: str
    rejected_at: datetime
    faults: list[ItemFaultView]
    content: Any


class SendAttemptView(View, frozen=True):
    """An attempt to send a message."""

    at: datetime
    outcome: str | None
    detail: str


class ExportedMessageView(View, frozen=True):
    """A message to the person; without its content once that was erased."""

    id: str
    channel: str
    state: str
    to: str | None
    subject: str | None
    text: str | None
    html: str | None
    template: str | None
    variables: dict[str, str] | None
    created_at: datetime
    attempts: list[SendAttemptView]


class MergeView(View, frozen=True):
    """A lead that was merged into another one, and is part of this one."""

    lead_id: str
    into: str
    at: datetime


class ExportedDuplicateView(View, frozen=True):
    """Two leads that may be one person: an event had this kind of identifier of both."""

    lead_ids: tuple[str, str]
    kind: str
    at: datetime


class IndexedNameView(View, frozen=True):
    """A field of the lead's events that holds a name: the lead is found by the keyed hashes of its words."""

    field: str
    words: int
    occurred_at: datetime


class DiscardView(View, frozen=True):
    """Who discarded the event, when and why."""

    at: datetime
    by: str
    reason: str


class ExportedEventView(EventView, frozen=True):
    """An event with its personal fields decrypted. An event that does not have this form is exported as it is stored."""

    discarded: DiscardView | None = None


class ExportView(View, frozen=True):
    """Everything that is stored about a lead, newest first. `position` is that of the newest event in it.

    `lead` and `state` are null as long as no event has been applied; `state` is what the engine remembers
    between two events, its times in milliseconds. Without `personalDataKey`, no personal field can be read.
    """

    lead_id: str
    exported_at: datetime
    position: int
    personal_data_key: LeadKeyView | None
    blocked_since: datetime | None
    identifiers: list[IdentifierView]
    indexed_names: list[IndexedNameView]
    merges: list[MergeView]
    possible_duplicates: list[ExportedDuplicateView]
    lead: LeadView | None
    state: dict[str, Any] | None
    events: list[ExportedEventView]
    history: list[HistoryView]
    tasks: list[TaskView]
    executions: list[ExecutionView]
    deliveries: list[DeliveryView]
    rejected_items: list[RejectedItemView]
    messages: list[ExportedMessageView]
    message_results: list[ExportedResultView]
    drafts: list[ExportedDraftView]
    enrolments: list[ExportedEnrolmentView]
    campaigns: list[ExportedCampaignView]
    suppressions: list[SuppressedView]
    rulebook_previews: list[ExportedPreviewView]
    dead_letters: list[DeadLetterView]
    audit_log: list[AuditView]
