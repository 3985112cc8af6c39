"""Point-in-time intelligence of a lead: from its stored state, or by folding its events up to any moment."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from domain.errors import Unavailable
from domain.events.event import Event
from domain.instant import Millis
from domain.leads.intelligence import Intelligence, intelligence
from domain.leads.state import LeadState, initial_state, is_current
from domain.rulebooks.compiled import CompiledRulebook
from domain.rulebooks.without_rules import without_scoring_rules
from engine.leads.lead_document import UnreadableLead
from engine.runtime import Runtime
from workflows.leads.fold_in_turns import fold_in_turns
from workflows.leads.read_events import runs_of_lead
from workflows.privacy.encrypt import opened_intelligence

__all__ = ["LeadAt", "explained", "read_intelligence", "read_lead", "wait_until_applied"]

MAX_WAIT_SECONDS = 5.0
_POLL_SECONDS = 0.25
"""Shortest interval between two polls of the lead while this process is subscribed to notifications."""
_SHARE_OF_WAIT = 0.1
"""Each poll interval is this share of the time waited so far, which bounds the delay of a response by it."""


class LeadAt(NamedTuple):
    """A lead at a moment, not before its clock, under the rules that folded it."""

    state: LeadState
    at: Millis
    rules: CompiledRulebook


async def read_intelligence(
    runtime: Runtime,
    lead_id: str,
    *,
    as_of: Millis | None = None,
    known_at: Millis | None = None,
    rulebook: CompiledRulebook | None = None,
    without: tuple[str, ...] = (),
) -> Intelligence:
    """The lead at `as_of`, explained: as `read_lead` reads it, and raises."""
    lead = await read_lead(
        runtime, lead_id, as_of=as_of, known_at=known_at, rulebook=rulebook, without=without
    )
    return await explained(runtime, lead)


async def explained(runtime: Runtime, lead: LeadAt) -> Intelligence:
    """The intelligence of a lead that was read, with personal fields decrypted."""
    return await opened_intelligence(runtime, intelligence(lead.state, lead.at, lead.rules))


async def read_lead(
    runtime: Runtime,
    lead_id: str,
    *,
    as_of: Millis | None = None,
    known_at: Millis | None = None,
    rulebook: CompiledRulebook | None = None,
    without: tuple[str, ...] = (),
    without_rules: tuple[str, ...] = (),
    applied: int = 0,
) -> LeadAt:
    """The lead at `as_of` (default: now): from events that had occurred by then, and were received by `known_at` if given.

    `without` and `without_rules` are what-ifs: types of events to leave out, of which one may end in `*`, and ids of rules
    that score. The id may be that of a stream that was merged. `applied` is a position that the lead is known to have applied.

    Raises `NotFound` for a lead without any such event, `Invalid` for a rule that there is not, and `Unavailable` for a
    stale read: from a member of MongoDB that has been replaced as the primary and does not know it yet.
    """
    rules = without_scoring_rules(rulebook or runtime.rulebook, without_rules)
    stored = await _stored(runtime, lead_id)
    if stored is None and (lead := await runtime.identity.streams.lead_of(lead_id)) != lead_id:
        lead_id = lead
        stored = await _stored(runtime, lead_id)
    if applied:
        await _require_applied(runtime, lead_id, stored, applied)
    at = runtime.now() if as_of is None else as_of
    if as_of is None and stored is not None:
        at = max(
            at, stored.clock
        )  # a sender's clock may be minutes ahead of ours; what it said counts at once
    is_as_it_is = known_at is None and not (without or without_rules)
    state = _latest(runtime, stored, rules) if is_as_it_is else None
    if state is None or at < state.clock:
        until = None if as_of is None else at
        state = await _folded(runtime, lead_id, until, known_at, rules, without)
        if stored is not None and until is None and is_as_it_is:
            runtime.leads.inactive.put(state, stored.applied)
    return LeadAt(state, max(at, state.clock) if as_of is None else at, rules)


def _latest(runtime: Runtime, stored: LeadState | None, rules: CompiledRulebook) -> LeadState | None:
    """The lead after all that it has applied, without a fold: as it is stored, or under rules that are not active."""
    if stored is None or is_current(stored, rules):
        return stored
    return runtime.leads.inactive.get(stored.lead_id, rules.label, stored.applied)


async def _stored(runtime: Runtime, lead_id: str) -> LeadState | None:
    """The stored state; one that cannot be read counts as not stored, because the events give the same."""
    try:
        return await runtime.leads.states.get(lead_id)
    except UnreadableLead:
        return None


async def _require_applied(runtime: Runtime, lead_id: str, state: LeadState | None, applied: int) -> None:
    at = state.applied if state else (await runtime.leads.states.positions([lead_id])).get(lead_id)
    if at is None or not at.includes(applied):
        raise Unavailable(f"Lead '{lead_id}' has reached position {applied}, but cannot be read there yet.")


async def wait_until_applied(runtime: Runtime, lead_id: str, position: int) -> int:
    """Wait until every event of the lead up to this position is applied; returns the last of their positions.

    Woken by notifications, and polls in case one is lost. Raises `Unavailable` after 5 seconds.
    """
    clock, notifications = asyncio.get_running_loop(), runtime.leads.notifications
    began, is_final = clock.time(), False
    with notifications.waiter(lead_id, position) as waiter:
        while True:
            applied = await runtime.leads.states.applied(lead_id)
            if applied.includes(waiter.position):
                return waiter.position
            if not is_final and (needed := await _last_needed(runtime, lead_id, position)) is not None:
                waiter.position, is_final = needed, True
                if applied.includes(needed):
                    return needed
            waited = clock.time() - began
            if waited > MAX_WAIT_SECONDS:
                raise Unavailable(
                    f"Lead '{lead_id}' has not reached position {position} yet; it is at {applied.in_partition_of(position)}."
                )
            pause = waited * _SHARE_OF_WAIT
            if await waiter.reached(max(pause, _POLL_SECONDS) if notifications.is_subscribed else pause):
                return waiter.position


async def _last_needed(runtime: Runtime, lead_id: str, position: int) -> int | None:
    """The position of the newest event of the lead up to a position; None while further ones may come before it."""
    if await runtime.capture.events.last_of_lead(lead_id, up_to=position) == position:
        return position
    if not await runtime.capture.log.has_reached(position):
        return None
    return await runtime.capture.events.last_of_lead(
        lead_id, up_to=position
    )  # again: one may have come since


async def _folded(  # noqa: PLR0917 - the parameters of the read
    runtime: Runtime,
    lead_id: str,
    until: Millis | None,
    known_at: Millis | None,
    rulebook: CompiledRulebook,
    without: tuple[str, ...],
) -> LeadState:
    def kept(event: Event) -> bool:
        return not _is_left_out(event.type, without)

    async with runs_of_lead(runtime, lead_id, until=until, known_at=known_at, keep=kept) as runs:
        return await fold_in_turns(initial_state(lead_id, rulebook), runs, rulebook)


def _is_left_out(name: str, patterns: tuple[str, ...]) -> bool:
    return any(_is_of(name, pattern) for pattern in patterns)


def _is_of(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
