"""Scores on the day before a deal was won, against leads of the same age that were not won.

The file knows the first contact and the deal, nothing in between, so there is almost nothing to score. This says how
little a score is worth without events, and that age alone does not pass for interest.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
from msgspec import Struct

from domain.events.vocabulary import LEAD_UPDATED
from domain.instant import DAY, Millis, from_datetime
from domain.leads.assess import assess
from domain.rulebooks.compiled import CompiledRulebook
from scripts.evaluate.csv_leads import folded, for_evaluation, rows_with_events, wanted
from scripts.evaluate.measures import Floats, roc_auc
from workflows.capture.event_input import EventInput

__all__ = ["DEALS", "LEADS", "Outcome", "Pairs", "compare", "pairs_of"]

LEADS = "olist_marketing_funnel/olist_marketing_qualified_leads_dataset.csv"
DEALS = "olist_marketing_funnel/olist_closed_deals_dataset.csv"
SEED = 7
OTHERS = 5
"""Leads that were not won, for each that was."""


class Pairs(Struct, frozen=True):
    """Leads with the moment of assessment: one day before the deal, or at the same age."""

    won: list[tuple[EventInput, Millis]]
    not_won: list[tuple[EventInput, Millis]]
    too_early: int
    """Deals won within a day of the first contact, or before it: there is no day before."""


class Outcome(Struct, frozen=True):
    """The scores of a rulebook for the leads of `Pairs`. `auc` is that of separating won from not won."""

    name: str
    auc: float
    won_score: float
    other_score: float
    won_at_nought: float
    """The share of won leads with a score of 0."""
    won_risk_high: float
    other_risk_high: float


def pairs_of(data: Path) -> Pairs:
    """Each deal with `OTHERS` leads that were never won, drawn by a fixed seed."""
    leads = {
        made[0].lead_id: made[0] for _, made in rows_with_events(wanted(data, LEADS), "olist_leads.yaml")
    }
    deals = {
        made[0].lead_id: made[0] for _, made in rows_with_events(wanted(data, DEALS), "olist_deals.yaml")
    }
    last = max(_at(event) for event in (*leads.values(), *deals.values()))
    others = sorted(str(one) for one in set(leads) - set(deals))
    rng = np.random.default_rng(SEED)
    won, not_won, too_early = [], [], 0
    for lead_id, deal in sorted(deals.items()):
        look = _at(deal) - DAY
        age = look - _at(leads[lead_id])
        if age < 0:
            too_early += 1
            continue
        won.append((leads[lead_id], look))
        old_enough = [leads[one] for one in others if _at(leads[one]) + age <= last]
        drawn = rng.choice(len(old_enough), size=min(OTHERS, len(old_enough)), replace=False)
        not_won += [(old_enough[index], _at(old_enough[index]) + age) for index in drawn]
    return Pairs(won, not_won, too_early)


def compare(
    pairs: Pairs, rulebook: str, *, origin: bool = False, seen: Callable[[], object] = lambda: None
) -> Outcome:
    """The scores of the rulebook; with `origin`, each lead also has its source, as the attribute `leadSource`."""
    rules = for_evaluation(rulebook)
    won = [_look(event, at, rules, origin=origin, seen=seen) for event, at in pairs.won]
    others = [_look(event, at, rules, origin=origin, seen=seen) for event, at in pairs.not_won]
    scores: Floats = np.array([score for score, _ in (*won, *others)])
    labels: Floats = np.array([1.0] * len(won) + [0.0] * len(others))
    return Outcome(
        rulebook + (" with origin" if origin else ""),
        roc_auc(scores, labels),
        float(scores[labels > 0].mean()),
        float(scores[labels == 0].mean()),
        float((scores[labels > 0] == 0).mean()),
        float(np.mean([risk == "high" for _, risk in won])),
        float(np.mean([risk == "high" for _, risk in others])),
    )


def _look(
    event: EventInput, at: Millis, rules: CompiledRulebook, *, origin: bool, seen: Callable[[], object]
) -> tuple[float, str]:
    events = [event]
    if origin:
        said = {"leadSource": str((event.properties or {}).get("origin", "")).replace("_", " ")}
        events.append(
            EventInput(
                lead_id=event.lead_id,
                type=LEAD_UPDATED,
                event_id=f"{event.event_id}:origin",
                occurred_at=event.occurred_at,
                properties=said,
            )
        )
    assessment = assess(folded(events, rules, at), at, rules)
    seen()
    return assessment.score, assessment.risk


def _at(event: EventInput) -> Millis:
    assert isinstance(event.occurred_at, datetime)
    return from_datetime(event.occurred_at)
