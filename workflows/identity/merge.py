"""The merge of a lead into another one, and its undoing: both are events, and nothing else of either lead changes."""

from __future__ import annotations

import uuid

from msgspec import Struct

from domain.errors import Conflict, NotFound
from domain.events.applied_positions import NOTHING_APPLIED
from domain.events.event import Json, NewEvent
from domain.events.vocabulary import LEAD_ABSORBED, LEAD_MERGED, LEAD_SEPARATED, LEAD_UNMERGED
from domain.identity.membership import Merge, streams_below
from domain.instant import Millis
from engine.operations.audit_log import ENGINE, Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.identity.membership_change import (
    MovedMeanwhile,
    append_pair,
    change_membership,
    drop_earlier_states,
    fold_again,
    fold_from_now,
    membership_event,
    require_applied,
)
from workflows.leads.accounts import note_account

__all__ = ["Merged", "Unmerged", "merge", "unmerge"]


class Merged(Struct, frozen=True):
    """The lead that survives, the one that is part of it now, and the position of the merge; 0 if they were one already."""

    lead_id: str
    absorbed: str
    position: int


class Unmerged(Struct, frozen=True):
    """The lead that is one of its own again, the one that it was part of, and the position of the un-merge."""

    lead_id: str
    separated_from: str
    position: int


async def merge(runtime: Runtime, actor: Actor, lead_id: str, into: str, why: str) -> Merged:
    """Make the lead part of the lead `into`: from now on one lead, folded from the events of both.

    Ids may be those of any stream of a lead. A repeat returns position 0. Raises `NotFound`, `Conflict` for a lead that is blocked at an event
    that cannot be folded, and `Unavailable`; then repeating the call is safe. The engine itself merges nothing that was
    un-merged: `Conflict`.
    """
    if actor.kind != "engine":
        await _require_leads(runtime, lead_id, into)
    streams = runtime.identity.streams

    async def do(session: Session) -> tuple[Merged, AuditAction | None]:
        part, whole = await streams.lead_of(lead_id), await streams.lead_of(into)
        if part == whole:
            return Merged(whole, part, 0), None
        if actor.kind == "engine" and await streams.were_parted(part, whole):
            raise Conflict("a merge of the two was undone")
        at = runtime.now()
        pair = await _pair(
            runtime,
            actor,
            why,
            at,
            (part, LEAD_MERGED, {"into": whole}),
            (whole, LEAD_ABSORBED, {"from": part}),
        )
        positions = await append_pair(runtime, pair, session)
        for one in (part, whole):
            if await streams.lead_of(one, session) != one:
                raise MovedMeanwhile
            await require_applied(runtime, one, positions, session)
        await streams.merge(part, Merge(part, whole, at), session)
        await note_account(runtime, part, session)
        await runtime.leads.states.remove(part, session)
        await drop_earlier_states(runtime, part, session)
        of_both = await streams.of_lead(whole, session)
        await fold_from_now(runtime, whole, of_both, positions[1], session)
        return Merged(whole, part, positions[0]), _audit(actor, LEAD_MERGED, part, {"into": whole})

    merged = await change_membership(runtime, actor, (lead_id, into), do)
    if merged.position:
        await fold_again(runtime, [merged.lead_id])
        runtime.leads.notifications.publish({merged.absorbed: NOTHING_APPLIED.moved_to([merged.position])})
    return merged


async def unmerge(runtime: Runtime, actor: Actor, lead_id: str, why: str) -> Unmerged:
    """Undo the merge of the lead that had this id; for the id of a lead that survives, the latest merge into it.

    Both leads are folded from their own events again, as if they had never been one. Raises as `merge` does, and
    `Conflict` for a lead that nothing was merged into.
    """
    await _require_leads(runtime, lead_id)
    streams = runtime.identity.streams

    async def do(session: Session) -> tuple[Unmerged, AuditAction | None]:
        whole = await streams.lead_of(lead_id)
        undone, at = _chosen(lead_id, whole, await streams.merges_of(whole)), runtime.now()
        part = undone.stream
        pair = await _pair(
            runtime,
            actor,
            why,
            at,
            (part, LEAD_UNMERGED, {"from": whole}),
            (whole, LEAD_SEPARATED, {"stream": part}),
        )
        positions = await append_pair(runtime, pair, session)
        merges = await streams.merges_of(whole, session)
        if undone not in merges:
            raise MovedMeanwhile
        await require_applied(runtime, whole, positions, session)
        parted = streams_below(part, merges)
        await streams.unmerge(undone, parted, at, session)
        await fold_from_now(runtime, part, parted, positions[0], session)
        await fold_from_now(runtime, whole, await streams.of_lead(whole, session), positions[1], session)
        return Unmerged(part, whole, positions[0]), _audit(actor, LEAD_UNMERGED, part, {"from": whole})

    unmerged = await change_membership(runtime, actor, (lead_id,), do)
    await fold_again(runtime, [unmerged.lead_id, unmerged.separated_from])
    return unmerged


async def _pair(  # noqa: PLR0917 - the parts of two events
    runtime: Runtime,
    actor: Actor,
    why: str,
    at: Millis,
    part: tuple[str, str, dict[str, Json]],
    whole: tuple[str, str, dict[str, Json]],
) -> list[NewEvent]:
    """The events of a change in both streams: the stream, the type, and what it says beside who and why."""
    identity = uuid.uuid4().hex
    said: dict[str, Json] = {"by": actor.id or actor.name or actor.kind, "why": why}
    return [
        await membership_event(runtime, f"merge:{identity}:{name}", stream, kind, {**properties, **said}, at)
        for name, (stream, kind, properties) in (("from", part), ("into", whole))
    ]


async def _require_leads(runtime: Runtime, *lead_ids: str) -> None:
    for one in lead_ids:
        if not await runtime.capture.events.last_of_lead(one):
            raise NotFound("lead", one)


def _chosen(lead_id: str, whole: str, merges: list[Merge]) -> Merge:
    if not merges:
        raise Conflict(f"Nothing is merged into lead '{lead_id}'.")
    return next((one for one in merges if one.stream == lead_id and lead_id != whole), merges[-1])


def _audit(actor: Actor, name: str, target: str, after: dict[str, Json]) -> AuditAction | None:
    """People and keys are audited, without the reason, which may name a person; the engine is in the events alone."""
    return None if actor == ENGINE else AuditAction(name, target, after=after)
