"""Follows the live stream under a challenger: its own states and would-be firings, beside those of the active rulebook."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence

from msgspec.structs import replace

from domain.errors import Conflict
from domain.events.log_cursor import LogCursor
from domain.instant import DAY, Millis
from domain.rule_lab.difference import digest_of
from domain.rule_lab.simulation import Window
from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from domain.rulebooks.rulebook import Rulebook
from engine.capture.log.subscription import Subscription
from engine.operations.audit_log import Actor
from engine.queue.broker import LEADS
from engine.rule_lab.shadow_store import Shadow
from engine.runtime import Runtime
from engine.store.mongo import Session, transact
from workflows.rule_lab.fold_shadow import ShadowFold, begin_again, continue_leads, fold_leads
from workflows.rule_lab.switch_states import switch_to_challenger

__all__ = ["follow_shadow", "place_of", "start_shadow"]

_EVENTS_AT_A_TIME = 500
_LEADS_AT_A_TIME = 25
_DUE_AT_A_TIME = 200
_FILLED_AT_A_TIME = 500
"""Leads that did nothing, which are folded in one run; then it looks again what is new."""


async def start_shadow(runtime: Runtime, by: Actor, rulebook: Rulebook, text: str, days: float) -> Shadow:
    """Let a rulebook follow the live stream from now on, for so many days, in the place of the challenger before.

    Raises `Conflict` if its name and version had other rules before.
    """
    await runtime.rulebooks.library.require_unused(rulebook)
    active, now = runtime.rulebook.document, runtime.now()
    if active.label == rulebook.label:
        raise Conflict(f"Rulebook {active.label} is active.")
    position = (await runtime.capture.log.end()).token
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
    subscription = Subscription(runtime.capture.log)
    while True:
        spans, read = await subscription.leads_after(place_of(runtime, shadow), _EVENTS_AT_A_TIME)
        if not spans:
            break
        shadow = await _follow(runtime, shadow, rulebook, spans, read)
        folded += len(spans)
    shadow = await _pass_time(runtime, shadow, rulebook)
    if runtime.rulebook.label == shadow.label:
        await switch_to_challenger(runtime)  # what the process that published it has left
    elif runtime.now() < shadow.until:
        shadow, filled = await _fill(runtime, shadow, rulebook)
        return folded + filled
    await store.move_on(shadow, "ended", shadow.position)
    return folded


def place_of(runtime: Runtime, shadow: Shadow) -> LogCursor:
    """The place in the log up to which the challenger has folded."""
    return LogCursor.parse(shadow.position, runtime.capture.log.partitions)


async def _follow(
    runtime: Runtime, shadow: Shadow, rulebook: CompiledRulebook, streams: Collection[str], read: LogCursor
) -> Shadow:
    """Fold the new events of some leads, up to the place `read`; the challenger moves on with the last of them."""
    lead_of = (await runtime.identity.streams.membership(list(streams))).lead_of
    leads = sorted({lead_of.get(one, one) for one in streams})
    gone = [one for one in streams if lead_of.get(one, one) != one]
    window = Window(shadow.started_at, await _known_until(runtime, read))
    for start in range(0, len(leads), _LEADS_AT_A_TIME):
        some = leads[start : start + _LEADS_AT_A_TIME]
        is_last = start + _LEADS_AT_A_TIME >= len(leads)
        folded = await fold_leads(runtime, rulebook, some, window, read)
        position = read.token if is_last else shadow.position
        shadow = await _store(runtime, shadow, folded, [*gone, *folded.failed], position)
    return shadow


async def _known_until(runtime: Runtime, read: LogCursor) -> Millis:
    """Up to when time may pass for leads of which events up to a place were read: not past the next ones."""
    following = await Subscription(runtime.capture.log).lag(read)
    now = runtime.now()
    return now if following.since is None else min(now, following.since)


async def _store(
    runtime: Runtime, shadow: Shadow, folded: ShadowFold, gone: Sequence[str], position: int | str
) -> Shadow:
    async def store(session: Session) -> Shadow:
        await runtime.rule_lab.shadow.write(shadow.shadow_id, folded.leads, folded.alerts, gone, session)
        return await runtime.rule_lab.shadow.move_on(shadow, "running", position, session)

    return await transact(runtime.store.client, store)


async def _pass_time(runtime: Runtime, shadow: Shadow, rulebook: CompiledRulebook) -> Shadow:
    """Let time pass for leads that it may have changed, some at a time."""
    place = place_of(runtime, shadow)
    due = await runtime.rule_lab.shadow.due(runtime.now(), _DUE_AT_A_TIME)
    window = Window(shadow.started_at, runtime.now())
    for start in range(0, len(due), _LEADS_AT_A_TIME):
        some = {one.lead_id: (one, ()) for one in due[start : start + _LEADS_AT_A_TIME]}
        folded = await runtime.rule_lab.thread.run(continue_leads, some, rulebook, window, place)
        shadow = await _store(runtime, shadow, folded, folded.failed, shadow.position)
    return shadow


async def _fill(runtime: Runtime, shadow: Shadow, rulebook: CompiledRulebook) -> tuple[Shadow, int]:
    """Fold leads that did nothing since the challenger began, some at a time, while no lead waits for a worker."""
    place = place_of(runtime, shadow)
    window = Window(shadow.started_at, await _known_until(runtime, place))
    filled = 0
    while (
        shadow.filled is not None
        and filled < _FILLED_AT_A_TIME
        and not await runtime.work_queue.waiting_messages(LEADS)
    ):
        page = await runtime.leads.states.ids_after(shadow.filled, _LEADS_AT_A_TIME)
        known = await runtime.rule_lab.shadow.leads(page)
        others = [one for one in page if one not in known]
        folded = await begin_again(runtime, rulebook, others, window, place)
        further = replace(shadow, filled=page[-1] if page else None)
        shadow = await _store(runtime, further, folded, folded.failed, shadow.position)
        filled += len(folded.leads)
    return shadow, filled
