"""The queue of a rep: the leads to turn to first, by what is due and then by score or probability, with reasons."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from domain.decisions.goal import WIN
from domain.decisions.outcome import OPEN
from domain.errors import NotFound
from domain.events.event import Event
from domain.instant import DAY, Millis
from domain.leads.intelligence import Intelligence
from domain.leads.state import LeadState, is_current
from domain.leads.summary import ago
from domain.prediction.model import LeadPrediction
from domain.prediction.words import sentence
from engine.automations.task_store import DueTask, TaskView
from engine.runtime import Runtime
from engine.store.keyset import Keyset
from engine.teams.claim_store import Claim
from workflows.intelligence.best_leads import best_leads, likeliest_leads
from workflows.intelligence.intelligence import LeadAt, explained, read_lead
from workflows.outreach.inbox import last_received
from workflows.prediction.models import predict_lead

__all__ = ["Because", "Owners", "Queue", "QueuedLead", "read_queue"]

Owners = tuple[str | None, ...] | None
"""The owners whose leads are queued, None among them for unassigned leads; None: the leads of all."""

_DUE_WITHIN = DAY
_PAGES = (100, 900, *(1000,) * 9)
"""Tasks that are looked at: first those of most queues, then further ones, of leads with several tasks or closed ones."""
_NEVER: Millis = -1
_NONE: Mapping[str, Millis] = MappingProxyType({})


class Because(NamedTuple):
    """Why a lead comes here: it waits for an answer `since`, a task is due at `due_at`, its score, or how likely it is to buy."""

    kind: Literal["reply", "task", "score", "win"]
    text: str
    since: Millis | None = None
    due_at: Millis | None = None
    task_id: str | None = None


class QueuedLead(NamedTuple):
    """A lead in the queue, as it is now, who works on it at the moment, and what it wrote if it waits for an answer.

    `win` is how likely it is to buy, while a model is active.
    """

    because: Because
    intelligence: Intelligence
    win: LeadPrediction | None
    owner_id: str | None
    claim: Claim | None
    wrote: Event | None


class Queue(NamedTuple):
    """Leads to turn to first, and whether more tasks are due than were looked at, so that a lead of one may be missing."""

    leads: list[QueuedLead]
    more_tasks: bool = False


async def read_queue(
    runtime: Runtime, owners: Owners, limit: int, snoozed: Mapping[str, Millis] = _NONE
) -> Queue:
    """The leads to turn to first, at most `limit`, each once.

    First those that wait for an answer, the longest first; then those of which a task is due within a day, the earliest
    first; then those with the highest scores now, or those likeliest to buy if QUEUE_ORDER says so. Without leads that are won, lost or disqualified, those that must not be
    contacted, and those in `snoozed`, which have not written since the moment there. At most 10,000 tasks and 2,000
    leads are looked at.
    """
    more_tasks = False
    now, more = runtime.now(), limit + len(snoozed)
    chosen: dict[str, Because] = {
        lead_id: Because("reply", f"Wrote {ago(since, now)}, and nobody has answered.", since=since)
        for lead_id, since in await runtime.leads.lists.waiting(owners, more)
        if since > snoozed.get(lead_id, _NEVER)
    }
    if len(chosen) < limit:
        more_tasks = await _add_tasks(runtime, owners, limit, chosen, snoozed)
    if len(chosen) < limit:
        for lead_id, because in await _in_order(runtime, more, owners):
            if lead_id not in snoozed:
                chosen.setdefault(lead_id, because)
    return Queue(await _described(runtime, dict(list(chosen.items())[:limit]), now), more_tasks)


async def _in_order(runtime: Runtime, limit: int, owners: Owners) -> list[tuple[str, Because]]:
    """The best leads in the order that is set; by score while no model is active."""
    model = runtime.prediction.active.of(WIN.name)
    if (
        runtime.settings.queue_order == "win"
        and model is not None
        and model.rulebook == runtime.rulebook.label
    ):
        likeliest = await likeliest_leads(runtime, limit, model, owners=owners)
        return [(one.lead_id, Because("win", sentence(model.goal, one.prediction))) for one in likeliest]
    found: list[tuple[str, Because]] = []
    for lead in await best_leads(runtime, limit, owners=owners):
        score = runtime.rulebook.stages.shown(lead.assessment.score)
        text = f"{lead.assessment.stage.capitalize()} with {score:g} points now."
        found.append((lead.lead_id, Because("score", text)))
    return found


async def _add_tasks(
    runtime: Runtime,
    owners: Owners,
    limit: int,
    chosen: dict[str, Because],
    snoozed: Mapping[str, Millis],
) -> bool:
    """The leads of the next due tasks, but for those that are closed or must not be contacted.

    Returns whether there are more tasks than were looked at, though there is room for their leads. A task that was not yet given the
    new owner of its lead is left out.
    """
    after: Keyset | None = None
    now, room = runtime.now(), limit - len(chosen)
    first: dict[str, DueTask] = {}
    for size in _PAGES:
        page = await runtime.automations.tasks.due(now + _DUE_WITHIN, owners, after, size)
        further = {task.lead_id for task in page} - snoozed.keys() - chosen.keys() - first.keys()
        workable = await _workable(runtime, owners, further)
        for task in page:
            if task.lead_id in workable:
                first.setdefault(task.lead_id, task)
        after = (page[-1].due_at, page[-1].task_id) if len(page) == size else None
        if after is None or len(first) >= room:
            break
    wanted = list(first.values())[:room]
    tasks = await runtime.automations.tasks.get_many([task.task_id for task in wanted])
    chosen |= {one.lead_id: _task(tasks[one.task_id], now) for one in wanted if one.task_id in tasks}
    if after is None or len(first) >= room:
        return False
    return bool(await runtime.automations.tasks.due(now + _DUE_WITHIN, owners, after, 1))


async def _workable(runtime: Runtime, owners: Owners, lead_ids: set[str]) -> set[str]:
    owned = await runtime.leads.states.owners(lead_ids)
    mine = [lead_id for lead_id, owner in owned.items() if owners is None or owner in owners]
    states = await runtime.leads.states.get_many(mine)
    return {
        lead_id
        for lead_id, state in states.items()
        if state.outcome.name == OPEN and not state.contact.suppressed
    }


def _task(task: TaskView, now: Millis) -> Because:
    if task.due_at <= now:
        text = f"{task.title}. It was due {ago(task.due_at, now)}."
    else:
        text = f"{task.title}. It is due within {_hours(task.due_at - now)}."
    return Because("task", text, due_at=task.due_at, task_id=task.task_id)


def _hours(left: Millis) -> str:
    hours = -(-left // (DAY // 24))
    return "an hour" if hours == 1 else f"{hours} hours"


async def _described(runtime: Runtime, chosen: dict[str, Because], now: Millis) -> list[QueuedLead]:
    states = await runtime.leads.states.get_many(chosen)
    owners = await runtime.leads.states.owners(chosen)
    claims = await runtime.teams.claims.held(chosen, now)
    model = runtime.prediction.active.of(WIN.name)
    described: list[QueuedLead] = []
    for lead_id, because in chosen.items():
        try:
            lead = await _lead_at(runtime, lead_id, states.get(lead_id), now)
        except NotFound:  # erased meanwhile
            continue
        wrote = await last_received(runtime, lead_id) if because.kind == "reply" else None
        found = await explained(runtime, lead)
        win = None if model is None else predict_lead(lead.state, lead.at, lead.rules, model)
        described.append(QueuedLead(because, found, win, owners.get(lead_id), claims.get(lead_id), wrote))
        await asyncio.sleep(0)
    return described


async def _lead_at(runtime: Runtime, lead_id: str, state: LeadState | None, now: Millis) -> LeadAt:
    """The lead now; one that is outdated is folded from its events."""
    if state is None or not is_current(state, runtime.rulebook):
        return await read_lead(runtime, lead_id)
    return LeadAt(state, max(now, state.clock), runtime.rulebook)
