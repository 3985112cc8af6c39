"""Differences between what the engine answered about a lead and what the calculation gives."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from typing import Any

from domain.leads.intelligence import Intelligence
from tests.reference.calculation import Answer

EXACTNESS = 1e-9
CENT = 0.01
MINUTE = 60_000
MOMENT = 1_000
"""Milliseconds. On a shallow curve (5 points that halve in a year) a billionth of a point is eight of them."""


def differences(found: Intelligence, right: Answer) -> list[str]:
    """A line per field that differs: its name, what was found and what is right."""
    return [
        f"{name}: {found_value!r}, right: {right_value!r}"
        for name, found_value, right_value, is_same in _compared(found, right)
        if not is_same
    ]


def _compared(found: Intelligence, right: Answer) -> Iterator[tuple[str, Any, Any, bool]]:
    details, score, stage = found.details, right.score, right.stage
    yield from _numbers(found, right)
    yield from _reasons(found, right)
    for name, value, expected in (
        ("stage", found.stage, stage.name),
        ("next action", found.next_action, right.decision.action),
        ("grade", details.grade or "", score.grade),
        ("surge", details.surge, right.velocity.surge),
        ("open conversation", details.open_conversation, right.contact.open_conversation),
        ("suppressed", details.suppressed, right.contact.suppressed),
        ("tags", sorted(found.tags), sorted(right.tags)),
        ("activities", details.activities, len(right.activities)),
        ("first activity", details.first_activity_at, min(right.activities, default=None)),
        ("last activity", details.last_activity_at, max(right.activities, default=None)),
        ("outcome", found.outcome, right.outcome.name),
        ("outcome said", _said(details.outcome), right.outcome.said),
        ("closed channels", frozenset(details.closed_channels), right.contact.closed),
        ("override", _override(details.stage_set_by), _override(stage.override)),
    ):
        yield name, value, expected, value == expected
    yield "risk", found.risk, right.risk.band, found.risk in {right.risk.band, *right.risk.bands}
    if right.decision.because is not None:
        yield (
            "because",
            details.next_action,
            right.decision.because,
            details.next_action == right.decision.because,
        )
    yield "stage since", details.stage_since, stage.since, abs(details.stage_since - stage.since) <= MOMENT
    drop = details.drop and (details.drop.at, details.drop.stage)
    yield "drop", drop, stage.drop, _is_drop(drop, stage.drop)


def _numbers(found: Intelligence, right: Answer) -> Iterator[tuple[str, Any, Any, bool]]:
    details, score = found.details, right.score
    yield "score", found.score, score.score, _is_score(found.score, right)
    for name, value, expected, shown_to in (
        ("fit", details.fit, score.fit, CENT),
        ("engagement", details.engagement, score.engagement, CENT),
        ("velocity", found.velocity, right.velocity.value, 1e-4),
        ("momentum", details.momentum, right.velocity.momentum, 1e-4),
        ("risk probability", details.risk_probability, right.risk.probability, 1e-4),
        *((f"group {name}", details.groups.get(name), points, CENT) for name, points in score.groups.items()),
    ):
        yield name, value, expected, is_shown(value, expected, shown_to)
    yield "groups", sorted(details.groups), sorted(score.groups), details.groups.keys() == score.groups.keys()


def _reasons(found: Intelligence, right: Answer) -> Iterator[tuple[str, Any, Any, bool]]:
    """Each line is the exact one to less than two hundredths, and all sum to the score that is shown."""
    lines = {line.rule_id: line for line in right.score.lines}
    shown = {reason.rule_id: reason for reason in found.reasons}
    total = round(sum(reason.points for reason in found.reasons), 6)
    yield "sum of reasons", total, found.score, isclose(total, found.score, abs_tol=EXACTNESS)
    for name in sorted(lines.keys() | shown.keys()):
        line, reason = lines.get(name), shown.get(name)
        if line is None or reason is None:
            nothing = line is not None and not line.count and abs(line.points) < CENT
            yield f"reason {name}", reason, line, nothing
            continue
        yield f"points of {name}", reason.points, line.points, abs(reason.points - line.points) < 1.5 * CENT
        if not name.startswith("cap-"):
            for field in ("count", "last_event_at", "half_life_days", "label", "group"):
                value, expected = getattr(reason, field), getattr(line, field)
                yield f"{field} of {name}", value, expected, value == expected


def is_shown(value: float | None, exact: float | None, shown_to: float) -> bool:
    """Whether the number is the exact one, rounded to this."""
    if value is None or exact is None:
        return value is exact
    return value == exact or abs(value - exact) <= shown_to / 2 + EXACTNESS * max(1, abs(exact))


def _is_score(value: float, right: Answer) -> bool:
    """Whether a score is rounded, but down where it would seem to have reached a line that it has not."""
    exact = right.score.score
    is_below_a_line = round(exact, 2) in right.stage.lines and exact < round(exact, 2)
    return is_shown(value, exact, CENT) or (is_below_a_line and exact - CENT < value < exact)


def _override(one: Any) -> tuple[str, str, str, int] | None:
    return one and (one.stage, one.by, one.why, one.at)


def _said(one: Any) -> tuple[int, str] | None:
    return one and (one.at, one.event_type)


def _is_drop(found: tuple[int, str] | None, right: tuple[int, str] | None) -> bool:
    """A drop is shown as the first whole minute at which the lead has fallen."""
    if found is None or right is None:
        return found is right
    return found[1] == right[1] and -MOMENT <= found[0] - right[0] <= MINUTE + MOMENT
