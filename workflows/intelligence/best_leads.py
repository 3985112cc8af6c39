"""The leads with the highest scores right now, decay included: those that may still be won, and may be contacted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from domain.decisions.assessment import Assessment
from domain.decisions.outcome import OPEN
from domain.errors import Invalid
from domain.instant import Millis
from domain.leads.assess import assess
from domain.leads.state import LeadState, is_current
from domain.prediction.model import Model, Prediction
from engine.leads.lead_document import LeadSummary
from engine.leads.lead_pages import LeadFilter, LeadOrder
from engine.runtime import Runtime
from workflows.prediction.models import predict_lead

__all__ = ["LeadNow", "LikelyLead", "best_leads", "likeliest_leads"]

_PAGE = 200
_MAX_PAGES = 10
_PER_TURN = 25
"""Leads that are assessed before other tasks get their turn: about two milliseconds."""


class LeadNow(NamedTuple):
    """A lead and its assessment at this moment."""

    lead_id: str
    assessment: Assessment


class LikelyLead(NamedTuple):
    """A lead, and how likely it is to reach the goal."""

    lead_id: str
    prediction: Prediction


async def best_leads(
    runtime: Runtime, limit: int, stage: str | None = None, owners: tuple[str | None, ...] | None = None
) -> list[LeadNow]:
    """The leads with the highest scores at this moment, the best first, at most `limit`; of these owners, if given.

    Without those that are won, lost or disqualified, and those that must not be contacted: nobody should call them.
    Leads are read in the order of their stored scores until none of the rest can be better, because scores only fall
    with time; at most 2,000 are read. With a `stage`, these are the leads that were in it when last written and still
    are. Raises `Invalid` for a stage that the rulebook does not have.
    """
    if stage is not None and stage not in runtime.rulebook.stages.names:
        raise Invalid(f"There is no stage '{stage}': write one of {', '.join(runtime.rulebook.stages.names)}")
    now, best = runtime.now(), list[LeadNow]()
    after: tuple[float, str] | None = None
    for _ in range(_MAX_PAGES):
        page = await _page(runtime, stage, owners, after)
        best = _best([*best, *await _as_of(runtime, page, now)], limit, stage)
        if len(page) < _PAGE or (len(best) == limit and best[-1].assessment.score >= page[-1].score):
            break
        after = (page[-1].score, page[-1].lead_id)
    return best


async def likeliest_leads(
    runtime: Runtime, limit: int, model: Model, owners: tuple[str | None, ...] | None = None
) -> list[LikelyLead]:
    """The leads that the model finds likeliest to reach its goal, the likeliest first, at most `limit`; of these owners, if given.

    Of the 2,000 with the highest stored scores; without those that are decided, and those that must not be contacted.
    """
    now, found = runtime.now(), list[LikelyLead]()
    after: tuple[float, str] | None = None
    for _ in range(_MAX_PAGES):
        page = await _page(runtime, None, owners, after)
        states = await runtime.leads.states.get_many(lead.lead_id for lead in page)
        for number, (lead_id, state) in enumerate(states.items(), 1):
            if is_current(state, runtime.rulebook) and not state.contact.suppressed:
                predicted = predict_lead(state, now, runtime.rulebook, model)
                found += [] if predicted is None else [LikelyLead(lead_id, predicted.prediction)]
            if number % _PER_TURN == 0:
                await asyncio.sleep(0)
        if len(page) < _PAGE:
            break
        after = (page[-1].score, page[-1].lead_id)
    return sorted(found, key=lambda lead: (-lead.prediction.probability, lead.lead_id))[:limit]


async def _page(
    runtime: Runtime,
    stage: str | None,
    owners: tuple[str | None, ...] | None,
    after: tuple[float, str] | None,
) -> list[LeadSummary]:
    page = await runtime.leads.lists.page(
        LeadFilter(stage, owners=owners), LeadOrder("score", descending=True, after=after), _PAGE
    )
    return page.leads


async def _as_of(runtime: Runtime, page: Sequence[LeadSummary], now: Millis) -> list[LeadNow]:
    states = await runtime.leads.states.get_many(lead.lead_id for lead in page)
    found: list[LeadNow] = []
    for lead_id, state in states.items():
        found.append(LeadNow(lead_id, _assess(runtime, state, now)))
        if len(found) % _PER_TURN == 0:
            await asyncio.sleep(0)
    return found


def _assess(runtime: Runtime, state: LeadState, now: Millis) -> Assessment:
    """The assessment of the lead now; of an outdated lead, the stored one."""
    if not is_current(state, runtime.rulebook):
        return state.assessment
    return assess(state, max(now, state.clock), runtime.rulebook)


def _best(leads: Sequence[LeadNow], limit: int, stage: str | None) -> list[LeadNow]:
    fitting = [
        lead
        for lead in leads
        if lead.assessment.outcome == OPEN
        and not lead.assessment.suppressed
        and (stage is None or lead.assessment.stage == stage)
    ]
    return sorted(fitting, key=lambda lead: (-lead.assessment.score, lead.lead_id))[:limit]
