"""Response bodies of the routes of sequences, enrolments and calendars."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from api.http.pages import Page, component
from api.http.view import View
from api.rulebooks.views import RulebookFaultView
from domain.instant import to_datetime
from domain.sequences.calendar import CalendarEntry
from domain.sequences.decide import AddTask, SendMessage, SetTag
from domain.sequences.definition import SequenceDefinition, walk
from engine.sequences.enrolment import Enrolment
from engine.sequences.library import PublishedSequence

__all__ = [
    "MAX_COUNTED",
    "CalendarEntryView",
    "CalendarView",
    "CountedSequenceView",
    "EnrolmentCountsView",
    "EnrolmentView",
    "EnrolmentsPage",
    "SequenceActivationView",
    "SequenceCheckView",
    "SequenceTextView",
    "SequenceView",
    "SequencesPage",
    "TrialCalendarView",
    "calendar_entry_view",
    "enrolment_view",
    "sequence_text_view",
    "sequence_view",
    "trial_entry_view",
]


MAX_COUNTED = 10_000


class SequenceView(View, frozen=True):
    """A published sequence. `active`: leads are enrolled in this version."""

    name: str
    version: int
    label: str
    description: str
    active: bool


class EnrolmentCountsView(View, frozen=True):
    """Leads that are in a version of a sequence now, and enrolments in it that have ended; each counted up to 10,000."""

    active: int
    ended: int


class CountedSequenceView(SequenceView, frozen=True):
    """A published sequence in a list. `enrolments` is null for a caller who does not see every lead."""

    steps: int
    enrolments: EnrolmentCountsView | None


SequencesPage = Annotated[Page[CountedSequenceView], component("SequencesPage")]


class SequenceTextView(SequenceView, frozen=True):
    """A sequence as a document, with defaults filled in, and as the text it was published as."""

    document: dict[str, Any]
    yaml: str


class SequenceCheckView(View, frozen=True):
    """Whether a sequence is valid, and if not, why. Nothing is stored."""

    valid: bool
    name: str | None
    version: int | None
    faults: list[RulebookFaultView]


class SequenceActivationView(View, frozen=True):
    """The version in which leads are enrolled now, and the one before; null for none."""

    label: str | None
    before: str | None


class EnrolmentView(View, frozen=True):
    """A lead in a sequence. `dueAt`: when it is looked at next, and `waitsBecause`; `ended`: why it is over."""

    enrolment_id: str
    lead_id: str
    sequence: str
    active: bool
    step: int
    enrolled_at: datetime
    due_at: datetime | None
    waits_because: str
    by: str
    why: str
    ended: str | None
    ended_at: datetime | None
    ended_by_event: str | None


EnrolmentsPage = Annotated[Page[EnrolmentView], component("EnrolmentsPage")]


Does = Literal["send", "task", "addTag", "removeTag", "skip", "wait", "pause", "end"]


class CalendarEntryView(View, frozen=True):
    """What happens at a moment, and in which step.

    `wait` and `pause` are until then: for events, or because the lead is out of office.
    """

    at: datetime
    enrolment_id: str
    sequence: str
    does: Does
    step: str | None
    detail: str


class TrialEntryView(View, frozen=True):
    """What would happen at a moment, and in which step."""

    at: datetime
    does: Does
    step: str | None
    detail: str


class TrialCalendarView(View, frozen=True):
    """What a version of a sequence does with a lead that is enrolled now and does nothing."""

    label: str
    items: list[TrialEntryView]


class CalendarView(View, frozen=True):
    """What the sequences of a lead will do if nothing happens meanwhile, the soonest first."""

    lead_id: str
    items: list[CalendarEntryView]


def sequence_view(found: PublishedSequence, enrolments: EnrolmentCountsView | None) -> CountedSequenceView:
    one = found.definition
    return CountedSequenceView(
        name=one.name,
        version=one.version,
        label=one.label,
        description=one.description,
        active=found.is_active,
        steps=sum(1 for _ in walk(one.steps)),
        enrolments=enrolments,
    )


def sequence_text_view(found: PublishedSequence) -> SequenceTextView:
    one: SequenceDefinition = found.definition
    return SequenceTextView(
        name=one.name,
        version=one.version,
        label=one.label,
        description=one.description,
        active=found.is_active,
        document=one.model_dump(mode="json", by_alias=True, exclude_none=True),
        yaml=found.source,
    )


def enrolment_view(one: Enrolment) -> EnrolmentView:
    ending = one.ending
    return EnrolmentView(
        enrolment_id=one.unit_id,
        lead_id=one.lead_id,
        sequence=one.label,
        active=one.is_active,
        step=one.progress.step,
        enrolled_at=to_datetime(one.enrolled_at),
        due_at=to_datetime(one.due_at) if one.is_active else None,
        waits_because=one.waits_because if one.is_active else "",
        by=":".join(one.author),
        why=one.why,
        ended=ending.reason if ending else None,
        ended_at=to_datetime(ending.at) if ending else None,
        ended_by_event=ending.event_id if ending else None,
    )


def calendar_entry_view(enrolment: Enrolment, entry: CalendarEntry) -> CalendarEntryView:
    does, detail = _said(entry)
    return CalendarEntryView(
        at=to_datetime(entry.at),
        enrolment_id=enrolment.unit_id,
        sequence=enrolment.label,
        does=does,
        step=None if entry.effect is None else entry.effect.step,
        detail=detail,
    )


def trial_entry_view(entry: CalendarEntry) -> TrialEntryView:
    does, detail = _said(entry)
    step = None if entry.effect is None else entry.effect.step
    return TrialEntryView(at=to_datetime(entry.at), does=does, step=step, detail=detail)


def _said(entry: CalendarEntry) -> tuple[Does, str]:
    if entry.paused is not None:
        return "pause", entry.paused.describe()
    match entry.effect:
        case SendMessage(channel=channel, variant=variant):
            return "send", f"{channel}: {variant.subject or variant.template or variant.text[:80]}"
        case AddTask(title=title):
            return "task", title
        case SetTag(tag=tag, removes=removes):
            return "removeTag" if removes else "addTag", tag
        case None:
            waits = ", ".join(sorted(entry.waits_for))
            return ("end", entry.ended) if entry.ended is not None else ("wait", waits)
        case _:
            return "skip", "it is too late"
