"""How well the rulebooks rank the leads of the X Education case, against a model that was fitted to the outcome.

Scores see what the example mapping brings: visits, the form, the last activity, the source, what a lead said of
itself. Never the outcome, nor what sales wrote down after the contact. The times are made up, so this says nothing
about decay; and rules written by reason are held against weights learnt from the label itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import log1p
from pathlib import Path

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from domain.instant import from_datetime
from domain.leads.assess import assess
from scripts.evaluate.csv_leads import folded, for_evaluation, rows_with_events, wanted
from scripts.evaluate.logistic import out_of_fold
from scripts.evaluate.measures import Floats, roc_auc, top_decile_lift
from workflows.capture.event_input import EventInput

__all__ = [
    "AS_OF",
    "FILE",
    "Lead",
    "Rank",
    "leads_of",
    "rank_by_rulebook",
    "rank_by_time_on_site",
    "rank_fitted",
]

FILE = "x_education_leads/Leads.csv"
AS_OF = from_datetime(datetime(2024, 1, 2, 9, tzinfo=UTC))
NUMBERS = ("totalVisits", "secondsOnSite", "pagesPerVisit")
FLAGS = ("doNotEmail", "doNotCall", "wantsInterviewGuide")
WORDS = ("leadOrigin", "leadSource", "occupation", "specialization", "heardAbout", "country", "city")
RARE = 20
"""Leads. A word that fewer leads share is no evidence for a model."""


class Lead(Struct, frozen=True):
    """A lead's events and whether it converted in the end, which no score may see."""

    events: list[EventInput]
    converted: bool


class Rank(Struct, frozen=True):
    """How well one way of scoring ranks."""

    name: str
    auc: float
    lift: float


def leads_of(data: Path) -> list[Lead]:
    """All leads of the file."""
    rows = rows_with_events(wanted(data, FILE), "x_education.yaml")
    return [Lead(events, cells["Converted"] == "1") for cells, events in rows]


def rank_by_rulebook(
    leads: Sequence[Lead],
    rulebook: str,
    *,
    without: frozenset[str] = frozenset(),
    seen: Callable[[], object] = lambda: None,
) -> Rank:
    """The ranking by the rulebook's score, from events without the properties `without`. `seen` is called for each lead."""
    rules = for_evaluation(rulebook)
    scores = np.zeros(len(leads))
    for number, lead in enumerate(leads):
        events = [_less(event, without) for event in lead.events]
        scores[number] = assess(folded(events, rules, AS_OF), AS_OF, rules).score
        seen()
    return _rank(rulebook + _named(without), scores, leads)


def rank_by_time_on_site(leads: Sequence[Lead]) -> Rank:
    """The floor: seconds on the website and nothing else."""
    return _rank("seconds on site alone", np.array([_number(lead, "secondsOnSite") for lead in leads]), leads)


def rank_fitted(leads: Sequence[Lead], *, without: frozenset[str] = frozenset()) -> Rank:
    """The ceiling: a logistic regression on the same inputs, each lead judged by a model that has not seen it."""
    words = Counter(word for lead in leads for word in _words(lead, without))
    columns = {word: index for index, word in enumerate(sorted(w for w, n in words.items() if n >= RARE))}
    inputs = np.zeros((len(leads), len(columns)))
    for row, lead in enumerate(leads):
        for word in _words(lead, without):
            if word in columns:
                inputs[row, columns[word]] = 1
    numbers = np.array([[log1p(_number(lead, name)) for name in NUMBERS] for lead in leads])
    labels = np.array([float(lead.converted) for lead in leads])
    fitted = out_of_fold(np.column_stack([numbers, inputs]), labels)
    return _rank("logistic regression" + _named(without), fitted, leads)


def _rank(name: str, scores: Floats, leads: Sequence[Lead]) -> Rank:
    labels = np.array([float(lead.converted) for lead in leads])
    return Rank(name, roc_auc(scores, labels), top_decile_lift(scores, labels))


def _named(without: frozenset[str]) -> str:
    return f" without {', '.join(sorted(without))}" if without else ""


def _less(event: EventInput, without: frozenset[str]) -> EventInput:
    known = {name: value for name, value in (event.properties or {}).items() if name not in without}
    return replace(event, properties=known)


def _number(lead: Lead, name: str) -> float:
    value = (lead.events[0].properties or {}).get(name)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _words(lead: Lead, without: frozenset[str]) -> set[str]:
    """The last activity of the lead, and each attribute with its value; an unknown one is a value of its own."""
    known = lead.events[0].properties or {}
    said = {f"{name}={known.get(name)}" for name in (*WORDS, *FLAGS) if name not in without}
    last = [event.type for event in lead.events if (event.event_id or "").endswith(":last-activity")]
    form = ["form" for event in lead.events if (event.event_id or "").endswith(":form")]
    return said | set(form) | {f"last={name}" for name in last}
