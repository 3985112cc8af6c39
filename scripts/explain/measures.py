"""Stages, velocity, risk and contact of a rulebook, in words."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from domain.decisions.contact import ContactRules
from domain.decisions.stage import StageLadder
from domain.risk.mbg_nbd import MbgNbdRisk
from domain.risk.silence import SilenceRisk
from domain.rule_language.words import any_of, days_in_words, hours_in_words
from domain.velocity.sessions import SessionVelocity
from domain.velocity.window import WindowVelocity
from scripts.explain.points import table

__all__ = ["contact_in_words", "risk_in_words", "stages_in_words", "velocity_in_words"]


def stages_in_words(stages: StageLadder) -> Iterator[RenderableType]:
    """Where each stage begins on the way up and ends on the way down."""
    ladder = table("Stage", "Reached from", "Left below", numeric=["Reached from", "Left below"])
    for step in stages.steps:
        if step.from_ is None:
            ladder.add_row(step.name, "any score", "")
        else:
            down = step.from_ - abs(step.from_) * stages.hysteresis
            ladder.add_row(step.name, f"{step.from_:g}", f"{down:.6g}")
    yield ladder
    yield f"A stage that a person sets holds for {days_in_words(stages.override_days)}, or until it is cleared."


def velocity_in_words(velocity: WindowVelocity | SessionVelocity) -> str:
    """What the number means, and what makes a surge."""
    if isinstance(velocity, WindowVelocity):
        return f"{velocity.points:g} for each event in the last {hours_in_words(velocity.hours)}."
    usual = velocity.prior_sessions / velocity.prior_days
    return (
        f"Sessions a day, now (half-life {days_in_words(velocity.fast_days)}). Events at most "
        f"{velocity.session_minutes:g} minutes apart are one session. The lead's own usual pace is measured over "
        f"months (half-life {days_in_words(velocity.slow_days)}) and taken for {usual:g} a day before much is known. "
        "Momentum compares the two: +1 is twice the usual pace, +2 four times, -1 half of it. A surge is a pace "
        f"that chance would give less than {velocity.surge_p * 100:g} % of the time, in at least 2 sessions."
    )


def risk_in_words(risk: SilenceRisk | MbgNbdRisk) -> str:
    """When a lead is a low, medium or high risk."""
    if isinstance(risk, SilenceRisk):
        return (
            f"Medium after more than {days_in_words(risk.medium_after_days)} without activity, high after more "
            f"than {days_in_words(risk.high_after_days)}; high too for a lead that was never active."
        )
    return (
        "How likely it is that the lead has gone cold, judged by its own rhythm: a week of silence is nothing for "
        "a lead that comes every fortnight, and much for one that came daily. "
        f"Low below {risk.medium_from * 100:g} %, medium from there, high from {risk.high_from * 100:g} %. "
        f"Before its rhythm is known, a lead is taken to be active every {risk.alpha / risk.r:.3g} days, "
        f"and to be gone after an active day in {risk.a / (risk.a + risk.b) * 100:.3g} % of cases."
    )


def contact_in_words(contact: ContactRules) -> Iterator[str]:
    """What opens and closes a conversation, and what forbids contact."""
    if contact.opens_conversation:
        yield f"An answer is owed after {any_of(contact.opens_conversation)}."
    if contact.closes_conversation:
        yield f"It is given by {any_of(contact.closes_conversation)}."
    if contact.suppresses:
        yield f"No contact after {any_of(contact.suppresses)}: the next action is then do_not_contact."
    if contact.releases:
        yield f"Contact is possible again after {any_of(contact.releases)}."
