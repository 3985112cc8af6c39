"""Follows the live stream under a challenger: its own states and would-be firings, beside those of the active rulebook."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from domain.errors import Conflict
from domain.events.vocabulary import EVENT_DISCARDED, EVENT_RETRACTED, MEMBERSHIP
from domain.instant import DAY, SECOND, Millis
from domain.leads.assess import assess
from domain.leads.fold import is_late
from domain.leads.state import FOLD_VERSION
from domain.leads.time_changes import look_again_at
from domain.rule_lab.difference import digest_of
from domain.rule_lab.simulation import Alert, Simulation, Window, continue_simulation, simulate
from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from domain.rulebooks.rulebook import Rulebook
from engine.capture.stored_event import StoredEvent
from engine.operations.audit_log import Actor
from engine.rule_lab.shadow_store import Shadow, ShadowLead
from engine.runtime import Runtime
from engine.store.mongo import Session, transact

__all__ = ["follow_shadow", "start_shadow"]

_EVENTS_AT_A_TIME = 500
_LEADS_AT_A_TIME = 25
_DUE_AT_A_TIME = 200
_MANY = 100_000
_FOLDED_ANEW = {*MEMBERSHIP, EVENT_RETRACTED, EVENT_DISCARDED}
"""Events that change which others count."""


async def start_shadow(runtime: Runtime, by: Actor, rulebook: Rulebook, text: str, days: float) -> Shadow:
    """Let a rulebook follow the live stream from now on, for so many days, in the place of the challenger before.

    Raises `Conflict` if its name and version had other rules before.
    """
    await runtime.rulebooks.library.require_unused(rulebook)
    active, now = runtime.rulebook.document, runtime.now()
    if active.label == rulebook.label:
        raise Conflict(f"Rulebook {active.label} is active.")
    position = await runtime.capture.log.last_position()
    shadow = Shadow(
        shadow_id=f"shd_{secrets.token_hex(12)}",
        digest=digest_of(rulebook),
        label=rulebook.label,
        text=text,
        before=active.label,
        started_at=now,
        started_position=position,
        until=now + round(days * DAY),
        started_by=str(by),
        position=position,
    )
    await runtime.rule_lab.shadow.put(shadow, rulebook)
    return shadow


async def follow_shadow(runtime: Runtime) -> int:
    """Fold what is new under the challenger, and let time pass for it. Returns how many leads that were.

    Raises `ShadowMoved` if another process is at it, or another challenger took its place.
    """
    store = runtime.rule_lab.shadow
    shadow = await store.find()
    if shadow is None or shadow.state == "ended":
        return 0
    if shadow.state in {"starting", "stopping"}:
        await store.clear(but=shadow.shadow_id if shadow.state == "starting" else "")
        if shadow.state == "stopping":
            await store.remove(shadow)
            return 0
        shadow = await store.move_on(shadow, "running", shadow.position)
    rulebook, folded = compile_rulebook(await store.rulebook()), 0
    while True:
        spans, read = await runtime.capture.log.leads_after(shadow.position, _EVENTS_AT_A_TIME)
        if not spans:
            break
        shadow = await _follow(runtime, shadow, rulebook, spans, read)
        folded += len(spans)
    shadow = await _pass_time(runtime, shadow, rulebook)
    if runtime.now() >= shadow.until or runtime.rulebook.label == shadow.label:
        await store.move_on(shadow, "ended", shadow.position)
    return folded


class _Folded(NamedTuple):
    """Leads with their alerts, and those that cannot be folded, which are left out."""

    leads: list[ShadowLead]
    alerts: dict[str, Sequence[Alert]]
    failed: list[str]


async def _follow(
    runtime: Runtime, shadow: Shadow, rulebook: CompiledRulebook, streams: Collection[str], read: int
) -> Shadow:
    """Fold the new events of some leads, up to the position `read`; the place moves on with the last of them."""
    lead_of = (await runtime.identity.streams.membership(list(streams))).lead_of
    leads = sorted({lead_of.get(one, one) for one in streams})
    gone = [one for one in streams if lead_of.get(one, one) != one]
    window = Window(shadow.started_at, await _known_until(runtime, read))
    for start in range(0, len(leads), _LEADS_AT_A_TIME):
        some = leads[start : start + _LEADS_AT_A_TIME]
        is_last = start + _LEADS_AT_A_TIME >= len(leads)
        folded = await _fold(runtime, rulebook, some, window, read)
        position = read if is_last else shadow.position
        shadow = await _store(runtime, shadow, folded, [*gone, *folded.failed], position)
    return shadow


async def _known_until(runtime: Runtime, read: int) -> Millis:
    """Up to when time may pass for leads of which events up to a position were read: not past the next ones."""
    following = await runtime.capture.log.lag(read, await runtime.capture.log.last_position())
    now = runtime.now()
    return now if following.since is None else min(now, following.since)


async def _fold(
    runtime: Runtime, rulebook: CompiledRulebook, lead_ids: Sequence[str], window: Window, read: int
) -> _Folded:
    known = {
        lead_id: one
        for lead_id, one in (await runtime.rule_lab.shadow.leads(lead_ids)).items()
        if one.state.fold_version == FOLD_VERSION
    }
    new: dict[str, list[StoredEvent]] = {lead_id: [] for lead_id in known}
    positions = {lead_id: one.position for lead_id, one in known.items()}
    for stored in await runtime.capture.events.after(positions, _MANY):
        if stored.position <= read:
            new[stored.lead_id].append(stored)
    further = {one: (known[one], new[one]) for one in known}
    found = await runtime.rule_lab.thread.run(_continue, further, rulebook, window, read)
    done = {one.lead_id for one in found.leads}
    unfolded = [one for one in lead_ids if one not in done]
    whole = await runtime.capture.events.of_leads(unfolded) if unfolded else {}
    upto = {one: [event for event in events if event.position <= read] for one, events in whole.items()}
    again = await runtime.rule_lab.thread.run(_begin_again, upto, rulebook, window, read)
    return _Folded(found.leads + again.leads, found.alerts | again.alerts, again.failed)


def _continue(
    further: Mapping[str, tuple[ShadowLead, Sequence[StoredEvent]]],
    rulebook: CompiledRulebook,
    window: Window,
    read: int,
) -> _Folded:
    """Those of the leads that nothing late and no retraction has come of, with their new events."""
    found = _Folded([], {}, [])
    for lead_id, (lead, stored) in further.items():
        with _noting_failures(found.failed, lead_id):
            events = [one.decode() for one in stored]
            if not any(event.type in _FOLDED_ANEW or is_late(event, lead.state) for event in events):
                _add(found, continue_simulation(lead.state, events, rulebook, window), rulebook, window, read)
    return found


def _begin_again(
    whole: Mapping[str, Sequence[StoredEvent]], rulebook: CompiledRulebook, window: Window, read: int
) -> _Folded:
    """The leads from their first events on."""
    found = _Folded([], {}, [])
    for lead_id, stored in whole.items():
        with _noting_failures(found.failed, lead_id):
            if events := [one.decode() for one in stored]:
                _add(found, simulate(lead_id, events, rulebook, window), rulebook, window, read)
    return found


@contextlib.contextmanager
def _noting_failures(failed: list[str], lead_id: str) -> Iterator[None]:
    try:
        yield
    except Exception:  # noqa: BLE001 - one lead that cannot be folded must not stop the others
        failed.append(lead_id)


def _add(
    found: _Folded, simulated: Simulation, rulebook: CompiledRulebook, window: Window, read: int
) -> None:
    state = simulated.state
    at = max(window.at, state.clock)
    due_at = look_again_at(state, assess(state, at, rulebook), rulebook)
    due_at = None if due_at is None else max(due_at, at + SECOND)
    found.leads.append(ShadowLead(state.lead_id, state, read, due_at))
    found.alerts[state.lead_id] = simulated.alerts


async def _store(
    runtime: Runtime, shadow: Shadow, folded: _Folded, gone: Sequence[str], position: int
) -> Shadow:
    async def store(session: Session) -> Shadow:
        await runtime.rule_lab.shadow.write(shadow.shadow_id, folded.leads, folded.alerts, gone, session)
        return await runtime.rule_lab.shadow.move_on(shadow, "running", position, session)

    return await transact(runtime.store.client, store)


async def _pass_time(runtime: Runtime, shadow: Shadow, rulebook: CompiledRulebook) -> Shadow:
    """Let time pass for leads that it may have changed, some at a time."""
    due = await runtime.rule_lab.shadow.due(runtime.now(), _DUE_AT_A_TIME)
    window = Window(shadow.started_at, runtime.now())
    for start in range(0, len(due), _LEADS_AT_A_TIME):
        some = {one.lead_id: (one, ()) for one in due[start : start + _LEADS_AT_A_TIME]}
        folded = await runtime.rule_lab.thread.run(_continue, some, rulebook, window, shadow.position)
        shadow = await _store(runtime, shadow, folded, folded.failed, shadow.position)
    return shadow
