"""Leads whose right numbers were worked out beforehand, in the order in which their events arrive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.reference.calculation import Answer, Fact
from tests.reference.calculation.facts import DAY, HOUR, MINUTE

Happening = tuple[str, int] | tuple[str, int, dict[str, Any]]


def at(text: str) -> int:
    """Milliseconds since 1970 of a moment in ISO 8601."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


NOVEMBER = at("2026-11-01T00:00:00Z")


@dataclass(frozen=True)
class Example:
    """Events in order of arrival, a moment, and what is right of the answer then."""

    rulebook: str | Mapping[str, Any]
    arrived: Sequence[Happening]
    as_of: int
    right: Mapping[str, Any]

    def facts(self) -> list[Fact]:
        """All received at the moment that is asked about, or with the last event if that is later."""
        received_at = max(self.as_of, *(one[1] for one in self.arrived))
        return [
            Fact(name, moment, received_at, position, properties=dict(*properties))
            for position, (name, moment, *properties) in enumerate(self.arrived, 1)
        ]


FIELDS: Mapping[str, Callable[[Answer], Any]] = {
    "score": lambda found: found.score.score,
    "stage": lambda found: found.stage.name,
    "stage since": lambda found: found.stage.since,
    "drop": lambda found: found.stage.drop,
    "next action": lambda found: found.decision.action,
    "tags": lambda found: set(found.tags),
    "velocity": lambda found: found.velocity.value,
    "momentum": lambda found: found.velocity.momentum,
    "risk probability": lambda found: found.risk.probability,
    "last activity": lambda found: max(found.activities),
}

_LOST = at("2026-10-01T06:12:39Z")
_SIXTY_BUSY_DAYS = [
    happening
    for days in range(60, 0, -1)
    for happening in (
        ("form_submitted", _LOST - days * DAY),
        ("download", _LOST - days * DAY, {"asset": f"guide-{days}"}),
        ("demo_request", _LOST - days * DAY),
    )
]
BUSY_THEN_LOST = [
    *_SIXTY_BUSY_DAYS,
    *(("call_unanswered", _LOST - days * DAY) for days in range(4, -1, -1)),
    ("deal.lost", _LOST),
]
BUSY_THEN_LOST_SCORES = {0: 15.0, 59: 38.33, 90: 46.82, 97: 37.86, 100: 34.28}
"""By days after the deal was lost."""

ENTERED_AND_LEFT = [("demo_request", NOVEMBER), ("signup", NOVEMBER), ("page_view", NOVEMBER + 5 * DAY)]

OUR_ACTIONS = {
    "name": "our-actions",
    "version": 1,
    "score": {
        "model": "points",
        "rules": [
            {"id": "download", "event": "download", "points": 3},
            {"id": "rep-reply", "event": "rep_reply", "points": 7},
        ],
        "idleDecay": {"afterDays": 2, "factor": 0.5},
    },
    "stages": {"steps": [{"name": "cold"}, {"name": "warm", "from": 2}]},
    "velocity": {"model": "window"},
    "risk": {"model": "silence"},
    "contact": {"ourActions": ["sms_sent", "rep_reply"]},
    "nextAction": [{"action": "monitor"}],
}
_OCTOBER = at("2026-10-01T00:00:00Z")

_VISITS = [("page_view", NOVEMBER + number * 3 * HOUR) for number in range(52)]
_DAYS = [("page_view", NOVEMBER + number * DAY) for number in range(100)]

EXAMPLES: Mapping[str, Example] = {
    "a score that rises between events, because negative points fade": Example(
        "standard@1",
        BUSY_THEN_LOST,
        _LOST + 100 * DAY,
        {
            "score": 34.28,
            "stage": "hot",
            "next action": "re_engage",
            "stage since": at("2026-11-20T05:01:04.112Z"),
            "drop": (at("2027-01-13T14:46:54.126Z"), "warm"),
        },
    ),
    "a fall in silence": Example(
        "classic",
        [("demo_request", NOVEMBER), ("download", NOVEMBER + 1)],
        NOVEMBER + 30 * DAY,
        {"stage": "cold", "stage since": NOVEMBER + 1 + 12 * DAY},  # 40, 32, 25.6, 20.48, 16.384, 13.1, 10.5
    ),
    "a stage that is kept by hysteresis, events in order": Example(
        "standard",
        ENTERED_AND_LEFT,
        NOVEMBER + 5 * DAY,
        {"score": 48.49, "stage": "qualified", "next action": "immediate_outreach"},
    ),
    "a stage that is kept by hysteresis, the last event first": Example(
        "standard",
        [ENTERED_AND_LEFT[2], *ENTERED_AND_LEFT[:2]],
        NOVEMBER + 5 * DAY,
        {"score": 48.49, "stage": "qualified", "next action": "immediate_outreach"},
    ),
    "a tag whose removal arrives before it": Example(
        "standard",
        [("tag.removed", NOVEMBER + DAY, {"tag": "x"}), ("tag.added", NOVEMBER, {"tag": "x"})],
        NOVEMBER + 2 * DAY,
        {"tags": set()},
    ),
    "a tag that was added again, which arrives before its removal": Example(
        "standard",
        [("tag.added", NOVEMBER + DAY, {"tag": "x"}), ("tag.removed", NOVEMBER, {"tag": "x"})],
        NOVEMBER + 2 * DAY,
        {"tags": {"x"}},
    ),
    "our own message does not end a silence": Example(
        OUR_ACTIONS,
        [("download", _OCTOBER), ("sms_sent", _OCTOBER + DAY)],
        _OCTOBER + 60 * HOUR,
        {"score": 1.5, "last activity": _OCTOBER},
    ),
    "our own answer scores and does not end a silence": Example(
        OUR_ACTIONS,
        [("download", _OCTOBER), ("rep_reply", _OCTOBER + DAY)],
        _OCTOBER + 60 * HOUR,
        {"score": 5.0, "last activity": _OCTOBER},
    ),
    "a silence that a late event breaks": Example(
        "classic",
        [("download", NOVEMBER), ("page_view", NOVEMBER + 10 * DAY), ("page_view", NOVEMBER + 5 * DAY)],
        NOVEMBER + 10 * DAY,
        {"score": 12.0, "stage": "warm"},
    ),
    "twenty sessions that arrive after thirty-two later ones": Example(
        "standard", [*_VISITS[20:], *_VISITS[:20]], _VISITS[-1][1] + 3 * HOUR, {"momentum": 0.0598}
    ),
    "twenty active days that arrive after eighty later ones": Example(
        "standard", [*_DAYS[20:], *_DAYS[:20]], _DAYS[-1][1] + 5 * DAY, {"risk probability": 0.4960}
    ),
    "three hundred events within a day": Example(
        "classic",
        [("page_view", NOVEMBER + number * MINUTE) for number in range(300)],
        NOVEMBER + 300 * MINUTE,
        {"velocity": 900.0},
    ),
}
