"""The answer to "whom do I call now, and why?": one lead at one moment, with every number explained."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import msgspec
from msgspec import Struct

from domain.instant import Millis
from domain.lead import LeadState, read
from domain.rulebook import Rulebook
from domain.score import Part

__all__ = ["Details", "Intelligence", "intelligence", "rounded_parts"]

_CENT = Decimal("0.01")


class Details(Struct, frozen=True, kw_only=True, rename="camel"):
    """The words behind stage, velocity, risk and next action."""

    stage_since: Millis
    velocity: str
    risk: str
    next_action: str
    activities: int
    first_activity_at: Millis | None
    last_activity_at: Millis | None


class Intelligence(Struct, frozen=True, kw_only=True, rename="camel"):
    """One lead at `as_of`. The points of `reasons` sum to `score`, both in hundredths."""

    lead_id: str
    as_of: Millis
    position: int
    score: float
    stage: str
    velocity: float
    risk: str
    next_action: str
    reasons: tuple[Part, ...]
    tags: tuple[str, ...]
    details: Details
    rulebook: tuple[str, int]


def intelligence(state: LeadState, as_of: Millis, rulebook: Rulebook) -> Intelligence:
    """What is known of the lead at `as_of`, which must not be before the state's clock."""
    reading = read(state, as_of, rulebook)
    reasons = rounded_parts(rulebook.score.explain(state.score, as_of), reading.score)
    return Intelligence(
        lead_id=state.lead_id,
        as_of=as_of,
        position=state.position,
        score=_cents(reading.score),
        stage=reading.stage,
        velocity=round(reading.velocity, 4),
        risk=reading.risk,
        next_action=reading.next_action,
        reasons=reasons,
        tags=state.tags,
        details=Details(
            stage_since=state.stage_since if reading.stage == state.reading.stage else as_of,
            velocity=rulebook.velocity.explain(state.velocity, as_of),
            risk=rulebook.risk.explain(state.risk, as_of),
            next_action=rulebook.decisions.decide(reading).because,
            activities=state.activities,
            first_activity_at=state.first_activity_at,
            last_activity_at=state.last_activity_at,
        ),
        rulebook=(rulebook.name, rulebook.version),
    )


def rounded_parts(parts: tuple[Part, ...], total: float) -> tuple[Part, ...]:
    """The parts in hundredths that still sum to the total in hundredths (largest remainder method)."""
    exact = [Decimal(part.points) / _CENT for part in parts]
    cents = [int(value.to_integral_value(ROUND_HALF_EVEN)) for value in exact]
    missing = int((Decimal(_cents(total)) / _CENT).to_integral_value(ROUND_HALF_EVEN)) - sum(cents)
    step = 1 if missing > 0 else -1
    furthest = sorted(range(len(parts)), key=lambda i: (step * (cents[i] - exact[i]), parts[i].rule_id))
    for i in furthest[: abs(missing)]:
        cents[i] += step
    return tuple(
        msgspec.structs.replace(part, points=value / 100, raw_points=_cents(part.raw_points))
        for part, value in zip(parts, cents, strict=True)
    )


def _cents(points: float) -> float:
    return float(Decimal(points).quantize(_CENT, ROUND_HALF_EVEN))
