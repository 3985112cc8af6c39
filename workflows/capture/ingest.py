"""Ingestion: events are durable, or known to be repeats, before this returns."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from msgspec.structs import replace

from domain.instant import Millis
from engine.capture.deduplication import Appended
from engine.runtime import Runtime
from workflows.capture.companies import CompanyFacts, company_facts_of, with_company
from workflows.capture.event_input import EventInput, lead_of, to_new_event
from workflows.capture.machines import retract_scans, with_machines_marked
from workflows.capture.resolve_leads import with_leads
from workflows.capture.same_content import recognise_repeats
from workflows.capture.sender_clock import SentAt, occurrences
from workflows.capture.stored_ids import with_stored_ids
from workflows.privacy.encrypt import append_sealed

__all__ = ["ingest"]


async def ingest(
    runtime: Runtime, events: Sequence[EventInput], *, sent_at: SentAt = None, oldest: Millis = 0
) -> list[Appended]:
    """Store the events, all or none. One result each: accepted, duplicate, or conflict with another of that id.

    `sent_at` is when they were sent, by their sender's clock, or when each of them was; events before `oldest` count as of then.

    Identifiers are resolved first, so that every event has a lead, which its result names. Events of leads that are
    blocked since they were erased are left out; their result says so. Ids are stored in their normal form, personal
    fields encrypted.
    What they say of companies is kept in the open beside them. Opens and clicks of machines are marked, and those that later ones give away retracted.
    Raises `Unavailable` when the store cannot take them now; repeating the same ids is safe.
    """
    facts = company_facts_of(runtime, events)
    events = with_machines_marked(await with_stored_ids(runtime, await with_leads(runtime, events)))
    results = await _store_allowed(runtime, events, facts, sent_at, oldest)
    await retract_scans(runtime, events, results)
    return results


async def _store_allowed(
    runtime: Runtime,
    events: Sequence[EventInput],
    facts: Sequence[CompanyFacts],
    sent_at: SentAt,
    oldest: Millis,
) -> list[Appended]:
    blocked = await runtime.privacy.blocked.among([lead_of(event) for event in events])
    if not blocked:
        return await _store(runtime, events, facts, sent_at, oldest)
    allowed = [event for event in events if event.lead_id not in blocked]
    if isinstance(sent_at, Sequence):
        sent_at = [one for one, event in zip(sent_at, events, strict=True) if event.lead_id not in blocked]
    facts = [one for one, event in zip(facts, events, strict=True) if event.lead_id not in blocked]
    stored = iter(await _store(runtime, allowed, facts, sent_at, oldest) if allowed else ())
    return [_blocked(event) if event.lead_id in blocked else next(stored) for event in events]


def _blocked(event: EventInput) -> Appended:
    return Appended(event.event_id or uuid.uuid4().hex, lead_of(event), "blocked")


async def _store(
    runtime: Runtime,
    events: Sequence[EventInput],
    facts: Sequence[CompanyFacts],
    sent_at: SentAt,
    oldest: Millis,
) -> list[Appended]:
    received_at = runtime.now()
    times = occurrences(events, received_at, sent_at=sent_at, oldest=oldest)
    new = [
        with_company(to_new_event(event, event.event_id or uuid.uuid4().hex, received_at, occurred.at), said)
        for event, said, occurred in zip(events, facts, times, strict=True)
    ]
    results = await recognise_repeats(runtime, events, await append_sealed(runtime, new))
    if not any(occurred.clamped or occurred.ahead for occurred in times):
        return results
    return [
        replace(result, clamped=occurred.clamped, clock_ahead_ms=occurred.ahead)
        if result.status == "accepted"
        else result
        for result, occurred in zip(results, times, strict=True)
    ]
