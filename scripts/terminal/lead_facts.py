"""The facts of a lead beside its score: stage, risk, velocity, contact and others, one line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from domain.instant import Millis, to_datetime
from domain.leads.intelligence import Details, Intelligence
from domain.rulebooks.compiled import CompiledRulebook
from engine.process.printable import printable
from scripts.terminal.sparkline import sparkline

__all__ = ["facts", "moment"]


def facts(
    found: Intelligence, rules: CompiledRulebook, scores: Sequence[float], *, ascii_only: bool
) -> Iterator[tuple[str, Text]]:
    """Name and value of each fact that is known. `scores` are those of the last days, one per day."""
    details = found.details
    line = sparkline(scores, ascii_only=ascii_only)
    yield f"{len(scores)} days", Text(f"{line} {max(scores):.0f} max")
    yield "Next", Text(f"{found.next_action}: {details.next_action}", style="bold")
    yield "Stage", Text(_stage(found))
    if (outcome := details.outcome) is not None:
        yield (
            "Outcome",
            Text(f"{found.outcome} since {moment(outcome.at)}, by {printable(outcome.event_type)}"),
        )
    if (status := details.status).at >= 0:
        yield "Status", Text(f"{status.name} since {moment(status.at)}, by {printable(status.event_type)}")
    yield "Velocity", Text(details.velocity)
    yield "Risk", Text(_risk(found))
    if details.engagement is not None:
        yield "Fit", Text(_fit(details))
    if details.groups:
        yield "Groups", Text(_groups(details, rules))
    if contact := _contact(details):
        yield "Contact", Text(contact)
    yield "Active", Text(_activity(details))
    if found.tags:
        yield "Tags", Text(", ".join(printable(tag) for tag in found.tags))


def moment(at: Millis) -> str:
    """A moment in UTC, to the minute."""
    return f"{to_datetime(at):%Y-%m-%d %H:%M}"


def _stage(found: Intelligence) -> str:
    details = found.details
    said = f"{found.stage} since {moment(details.stage_since)}"
    if (held := details.stage_set_by) is not None:
        why = f": {printable(held.why)}" if held.why else ""
        said += f", set by {printable(held.by) or 'someone'}{why}"
    if details.drop is not None:
        said += f"; falls to {details.drop.stage} on {moment(details.drop.at)} if nothing happens"
    return said


def _risk(found: Intelligence) -> str:
    probability = found.details.risk_probability
    share = "" if probability is None else f" ({probability:.0%})".replace("%", " %")
    return f"{found.risk}{share}: {found.details.risk}"


def _fit(details: Details) -> str:
    fit = "not known" if details.fit is None else f"{details.fit:.0f} of 100"
    return f"{fit}; engagement {details.engagement:.0f} of 100; grade {details.grade}"


def _groups(details: Details, rules: CompiledRulebook) -> str:
    return ", ".join(
        f"{rules.score.group_label(group)} {points:.2f}" for group, points in details.groups.items()
    )


def _contact(details: Details) -> str:
    if details.suppressed:
        return "does not want to be contacted"
    said = ["has written, and nobody has answered"] if details.open_conversation else []
    said += [f"not by {channel}" for channel in details.closed_channels]
    said += [
        f"perhaps an opt-out ({one.probability:.0%}): reply {printable(one.reply_id)}"
        for one in details.suspected_opt_outs
    ]
    return "; ".join(said)


def _activity(details: Details) -> str:
    if details.first_activity_at is None or details.last_activity_at is None:
        return "never"
    if details.activities == 1:
        return f"once, {moment(details.first_activity_at)}"
    first, last = moment(details.first_activity_at), moment(details.last_activity_at)
    return f"{details.activities} times, {first} to {last}"
