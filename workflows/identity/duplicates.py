"""Possible duplicates: the pairs that are still two leads, for those who see both, and their dismissal."""

from __future__ import annotations

from typing import NamedTuple

from domain.events.event import Json
from domain.teams.visibility import VisibleLeads
from engine.identity.duplicate_store import StoredDuplicate
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.keyset import Keyset
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["DuplicatePage", "DuplicatePair", "dismiss", "find_duplicates"]

DuplicatePair = StoredDuplicate
_PAGE, _MAX_PAGES = 200, 10


class DuplicatePage(NamedTuple):
    """Pairs, and where to go on if the search ended before the list."""

    rows: list[DuplicatePair]
    resume: Keyset | None = None


async def find_duplicates(
    runtime: Runtime, visible: VisibleLeads, after: Keyset | None, limit: int
) -> DuplicatePage:
    """The next pairs of two leads that the caller sees; at most 2,000 pairs are looked at."""
    rows: list[DuplicatePair] = []
    for _ in range(_MAX_PAGES):
        found = await runtime.identity.duplicates.page(after, _PAGE)
        rows += await _shown(runtime, visible, found)
        if len(rows) >= limit or len(found) < _PAGE:
            return DuplicatePage(rows[:limit])
        after = (found[-1].at, found[-1].duplicate_id)
    return DuplicatePage(rows, after)


async def dismiss(runtime: Runtime, actor: Actor, visible: VisibleLeads, duplicate_id: str) -> bool:
    """Note that the two are two people; audited. False for a pair that the caller does not see. Raises `NotFound`."""
    pair = await runtime.identity.duplicates.get(duplicate_id)
    owners = await runtime.leads.states.owners(pair.lead_ids)
    if not all(visible.allows(owners.get(one)) for one in pair.lead_ids):
        return False

    async def do(session: Session) -> tuple[None, AuditAction | None]:
        is_new = await runtime.identity.duplicates.dismiss(duplicate_id, session)
        after: dict[str, Json] = {"leadIds": list(pair.lead_ids), "kind": pair.kind}
        return None, AuditAction("duplicate.dismissed", duplicate_id, after=after) if is_new else None

    await audited(runtime, actor, do)
    return True


async def _shown(
    runtime: Runtime, visible: VisibleLeads, found: list[StoredDuplicate]
) -> list[DuplicatePair]:
    ids = {one for pair in found for one in pair.lead_ids}
    if not ids:
        return []
    lead_of = (await runtime.identity.streams.membership(ids)).lead_of
    owners = await runtime.leads.states.owners(ids)
    return [
        pair
        for pair in found
        if len({lead_of.get(one, one) for one in pair.lead_ids}) == len(pair.lead_ids)
        and all(visible.allows(owners.get(one)) for one in pair.lead_ids)
    ]
