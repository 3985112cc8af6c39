"""The switch of leads to states that are at hand when another rulebook becomes active: the challenger's, or those kept.

A lead is switched if the other state is of the very events that it has applied. Lists and reads have it from then on; its
history is rewritten in the background, before any further event is applied. All other leads are folded again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from msgspec import UNSET
from msgspec.structs import replace

from domain.events.applied_positions import AppliedPositions
from domain.events.log_cursor import LogCursor
from domain.leads.state import FOLD_VERSION
from domain.rule_lab.difference import digest_of
from engine.leads.lead_document import StateWrite, applied_in, folded_under, to_document
from engine.leads.lead_store import StateConflict
from engine.rule_lab.shadow_store import Shadow, ShadowLead
from engine.runtime import Runtime
from engine.store.mongo import Document, Session, transact
from workflows.leads.shown import shown_at

__all__ = ["switch_back", "switch_to_challenger"]

_LEADS_AT_A_TIME = 200
_TRIES = 5
_Swapped = tuple[Document, Document]


async def switch_to_challenger(runtime: Runtime) -> int:
    """Give leads the states of the challenger, if it is the active rulebook. Returns how many leads that were.

    Called again, it goes on with those that are left; it stops as soon as another rulebook is active.
    """
    shadow, pointer = await runtime.rule_lab.shadow.find(), await runtime.rulebooks.active.stored()
    if (
        shadow is None
        or pointer is None
        or pointer.before is None
        or not _may_take_its_place(runtime, shadow)
    ):
        return 0
    before, active, switched, after = pointer.before, shadow.label, 0, ""
    place = LogCursor.parse(shadow.position, runtime.capture.log.partitions)

    async def choose(lead_ids: Sequence[str], session: Session) -> dict[str, _Swapped]:
        found = await runtime.rule_lab.shadow.leads(lead_ids, session)
        live = await runtime.rule_lab.switch.folded(found, [folded_under(before)], session)
        return {
            lead_id: (doc, _document(runtime, found[lead_id], doc, before))
            for lead_id, doc in live.items()
            if _is_of_same_events(place, found[lead_id], applied_in(doc))
        }

    while runtime.rulebook.label == active and (
        page := await runtime.rule_lab.shadow.page(after, _LEADS_AT_A_TIME)
    ):
        after = page[-1].lead_id
        switched += await _swap(runtime, [one.lead_id for one in page], choose)
    return switched


async def switch_back(runtime: Runtime, before: str) -> int:
    """Give leads the states again that they had under the active rulebook, before `before`. Returns how many leads.

    Those whose history was not rewritten in between need nothing further.
    """
    active, switched, after = runtime.rulebook.label, 0, ""
    under = [folded_under(before), folded_under(before, history_of=active)]

    async def choose(lead_ids: Sequence[str], session: Session) -> dict[str, _Swapped]:
        found = await runtime.rule_lab.switch.kept(lead_ids, active, session)
        live = await runtime.rule_lab.switch.folded(found, under, session)
        rewritten = {lead_id for lead_id, doc in live.items() if doc["foldedUnder"] == under[0]}
        rewritten |= (await runtime.leads.slices.get_many(list(live), session)).keys()
        return {
            lead_id: (
                doc,
                runtime.rule_lab.switch.marked(
                    found[lead_id], active, history_of=before if lead_id in rewritten else ""
                ),
            )
            for lead_id, doc in live.items()
            if applied_in(doc) == applied_in(found[lead_id])
        }

    while runtime.rulebook.label == active and (
        page := await runtime.rule_lab.switch.kept_ids(active, after, _LEADS_AT_A_TIME)
    ):
        after = page[-1]
        switched += await _swap(runtime, page, choose)
    return switched


def _may_take_its_place(runtime: Runtime, shadow: Shadow) -> bool:
    """Whether the challenger is of the active rules, and the states are its own."""
    return shadow.state in {"running", "ended"} and shadow.digest == digest_of(runtime.rulebook.document)


async def _swap(
    runtime: Runtime,
    lead_ids: Sequence[str],
    choose: Callable[[Sequence[str], Session], Awaitable[dict[str, _Swapped]]],
) -> int:
    """Switch some leads in one transaction, and note their accounts; none if workers keep moving them on."""

    async def swap(session: Session) -> int:
        chosen = await choose(lead_ids, session)
        await runtime.rule_lab.switch.swap(chosen, runtime.now(), session)
        accounts = {doc["account"] for pair in chosen.values() for doc in pair if "account" in doc}
        await runtime.accounts.changes.add(accounts, session)
        return len(chosen)

    for _ in range(_TRIES):
        try:
            return await transact(runtime.store.client, swap)
        except StateConflict:
            await asyncio.sleep(0)
    return 0


def _is_of_same_events(read: LogCursor, lead: ShadowLead, applied: AppliedPositions) -> bool:
    """Whether the challenger has folded what the lead has applied, and nothing behind it.

    It has `read` the log up to a place, or further for this lead. It leaves the recorded passing of time out, as
    previews do: time has passed for it as its own rules have it.
    """
    return (
        lead.state.fold_version == FOLD_VERSION
        and applied.reaches(lead.state.applied)
        and all(read.includes(one) or lead.read.includes(one) for one in applied.positions)
    )


def _document(runtime: Runtime, lead: ShadowLead, live: Document, before: str) -> Document:
    applied = applied_in(live)
    state = replace(lead.state, position=applied.last, elsewhere=applied.elsewhere or UNSET)
    shown = shown_at(state, runtime.now(), runtime.rulebook)
    doc = to_document(StateWrite(state, applied, shown))
    return runtime.rule_lab.switch.marked(doc, state.rulebook, history_of=before)
