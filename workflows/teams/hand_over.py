"""Hand-over of what a person owns, as due work: one `lead.assigned` per open lead, and the open tasks after them.

An attempt goes some pages on in the list and remembers where it is, so a hand-over of any size goes on where a worker was
killed, and the other kinds of work have their turn in between. The id of an event is made of the hand-over and the lead:
however often a page is repeated, a lead is assigned once.
"""

from __future__ import annotations

from functools import partial
from hashlib import blake2b

from domain.decisions.outcome import OPEN
from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.instant import HOUR, MINUTE, SECOND
from engine.leads.lead_document import LeadSummary
from engine.leads.lead_lists import LeadPage
from engine.leads.lead_pages import LeadFilter, LeadOrder
from engine.operations.audit_log import ENGINE, Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from engine.teams.hand_over import HAND_OVER, HandOver, Wish
from engine.teams.routing_request import ROUTING
from engine.work.backoff import exponential
from engine.work.kind import WorkKind
from engine.work.outcome import Outcome
from engine.work.policy import Policy
from workflows.audited import audited
from workflows.privacy.encrypt import append_sealed
from workflows.teams.assign import BY_HAND, assignment, require_worker

__all__ = [
    "check_wish",
    "continue_hand_over",
    "hand_over",
    "hand_over_kind",
    "owns_anything",
    "start_hand_over",
]

_POLICY = Policy(attempts=20, backoff=exponential(5 * SECOND, HOUR), lease=MINUTE, concurrency=1)
_PAGE = 200
_PAGES_PER_ATTEMPT = 10
_UNTIL_APPLIED = 2 * SECOND
"""Between two passes, so that the leads of the first have left the list."""


def hand_over_kind(runtime: Runtime) -> WorkKind[HandOver]:
    """The kind, with its policy."""
    return WorkKind(HAND_OVER, runtime.teams.hand_overs, _POLICY, partial(continue_hand_over, runtime))


async def hand_over(runtime: Runtime, by: Actor, person_id: str, wish: Wish) -> HandOver:
    """Begin to hand over the open leads and tasks of a person. The same again while it is under way changes nothing.

    Raises `NotFound`, `Conflict` while they are handed over in another way, and `Invalid` as `check_wish`.
    """
    await runtime.people.accounts.get(person_id)
    await check_wish(runtime, person_id, wish)

    async def begin(session: Session) -> tuple[HandOver, AuditAction]:
        return await start_hand_over(runtime, by, person_id, wish, session)

    unit = await audited(runtime, by, begin)
    await runtime.work.wake_ups.announce(HAND_OVER)
    return unit


async def check_wish(runtime: Runtime, person_id: str, wish: Wish, pointer: str = "") -> None:
    """Raise `Invalid` for an owner who is missing, may not work on leads or is the same person, and for routing that is off."""
    message = "Nothing was handed over."
    if wish.to == "person":
        await require_worker(runtime, wish.owner_id or "", f"{pointer}/ownerId", message)
        if wish.owner_id == person_id:
            raise Invalid(message, (Fault(f"{pointer}/ownerId", "should be the id of another person"),))
    elif wish.owner_id is not None:
        raise Invalid(
            message, (Fault(f"{pointer}/ownerId", "should be left out: the leads go to no person"),)
        )
    if wish.to == "routing" and await runtime.teams.rules.active_version() is None:
        raise Invalid(message, (Fault(f"{pointer}/to", "no routing rules are active"),))


async def start_hand_over(
    runtime: Runtime, by: Actor, person_id: str, wish: Wish, session: Session
) -> tuple[HandOver, AuditAction]:
    """Store the hand-over in a transaction. Returns it, and its entry for the audit log. Raises `Conflict`."""
    unit = await runtime.teams.hand_overs.add(person_id, wish, by.id or by.name, runtime.now(), session)
    said: dict[str, Json] = {"to": wish.to, "ownerId": wish.owner_id, "why": wish.why}
    return unit, AuditAction("person.hand_over_started", person_id, after=said)


async def owns_anything(runtime: Runtime, person_id: str) -> bool:
    """Whether the person has an open lead or task."""
    if await runtime.leads.lists.count_open(person_id, 1):
        return True
    return bool(await runtime.automations.tasks.open_ids_of(person_id, 1))


async def continue_hand_over(runtime: Runtime, unit: HandOver) -> Outcome:
    """Hand over the next leads; after the last one the tasks."""
    if unit.wish.to == "person":
        try:
            await require_worker(runtime, unit.wish.owner_id or "")
        except Invalid:
            return Outcome(verdict="dead", detail="the new owner may not work on leads any more")
    if await _hand_over_pages(runtime, unit):
        return Outcome(verdict="later", detail="there are more leads", not_before=runtime.now())
    current = await runtime.teams.hand_overs.get(unit.unit_id)
    if current.in_pass:
        await runtime.teams.hand_overs.begin_pass(unit)
        again = runtime.now() + _UNTIL_APPLIED
        return Outcome(verdict="later", detail="looks for leads that came meanwhile", not_before=again)
    await _hand_over_tasks(runtime, unit)
    return await _finished(runtime, unit)


async def _hand_over_pages(runtime: Runtime, unit: HandOver) -> bool:
    """Some pages of the list. Returns whether there are more."""
    after = unit.after
    for _ in range(_PAGES_PER_ATTEMPT):
        page = await _open_leads(runtime, unit.person_id, after)
        handed = await _assign(runtime, unit, page.leads) if page.leads else 0
        last = page.resume or (page.leads[-1] if page.leads else None)
        if last is not None:
            after = (last.score, last.lead_id)
            await runtime.teams.hand_overs.advance(unit, after, handed)
        if page.resume is None and len(page.leads) < _PAGE:
            return False
    return True


async def _open_leads(runtime: Runtime, owner_id: str, after: tuple[float, str] | None) -> LeadPage:
    wanted = LeadFilter(outcome=OPEN, owners=(owner_id,))
    return await runtime.leads.lists.page(wanted, LeadOrder("score", descending=True, after=after), _PAGE)


async def _assign(runtime: Runtime, unit: HandOver, leads: list[LeadSummary]) -> int:
    """Append the events of a page. Returns how many leads are handed over by them.

    In the first pass a lead whose event is stored already counts: then the page was cut off before it was recorded.
    """
    properties: dict[str, Json] = {"by": unit.by, "why": unit.wish.why, "rule": BY_HAND}
    events = [
        assignment(
            lead.lead_id,
            unit.wish.owner_id,
            event_id=_event_id(unit, lead.lead_id),
            at=runtime.now(),
            properties=properties,
        )
        for lead in leads
    ]
    appended = await append_sealed(runtime, events)
    if unit.wish.to == "routing":
        causes = {one.lead_id: one.position for one in appended}
        await runtime.teams.requests.add(causes, runtime.now(), passed_over=[unit.person_id])
        await runtime.work.wake_ups.announce(ROUTING)
    return sum(one.status == "accepted" or unit.passes == 0 for one in appended)


async def _hand_over_tasks(runtime: Runtime, unit: HandOver) -> None:
    """The open tasks that the person was to do are the new owner's; without one they are whoever's the lead is."""
    tasks_of = runtime.automations.tasks
    while tasks := await tasks_of.open_ids_of(unit.person_id, _PAGE):
        changed = await tasks_of.reassign(tasks, unit.person_id, unit.wish.owner_id)
        await runtime.teams.hand_overs.count_tasks(unit, changed)


async def _finished(runtime: Runtime, unit: HandOver) -> Outcome:
    current = await runtime.teams.hand_overs.get(unit.unit_id)
    after: dict[str, Json] = {
        "to": unit.wish.to,
        "ownerId": unit.wish.owner_id,
        "leads": current.leads,
        "tasks": current.tasks,
    }

    async def nothing_else(_: Session) -> tuple[None, AuditAction]:
        return None, AuditAction("person.leads_handed_over", unit.person_id, after=after)

    await audited(runtime, ENGINE, nothing_else)
    return Outcome(verdict="done", detail=f"{current.leads} leads, {current.tasks} tasks")


def _event_id(unit: HandOver, lead_id: str) -> str:
    key = f"{unit.unit_id}\n{lead_id}"
    return f"assign:{blake2b(key.encode(), digest_size=16).hexdigest()}"
