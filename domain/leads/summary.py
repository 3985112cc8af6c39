"""The summary of a lead's intelligence: a sentence or two that a rep can read out."""

from __future__ import annotations

from domain.decisions.outcome import OPEN, Outcome
from domain.instant import DAY, HOUR, Millis, to_datetime
from domain.leads.stage_forecast import Drop
from domain.scoring.breakdown import Reason

__all__ = ["ago", "summarize"]

_MAX_REASONS = 3
_WORTH_SAYING = 0.5
_WEEK = 7
_UNKNOWN = Outcome()


def summarize(
    parts: tuple[Reason, ...],
    as_of: Millis,
    last_activity_at: Millis | None,
    lost: float,
    drop: Drop | None,
    *,
    outcome: Outcome = _UNKNOWN,
) -> str:
    """The outcome of a closed lead, the reasons that weigh most, what silence has taken, and the next drop of an open lead.

    Points are as in the reasons. `lost` is by how many points the score has fallen since the last activity (a negative
    number).
    """
    said = [_reason(part, as_of) for part in parts if part.count and abs(part.points) > _WORTH_SAYING]
    phrases = said[:_MAX_REASONS]
    fit = sum(part.points for part in parts if part.group == "fit")
    if abs(fit) > _WORTH_SAYING:
        phrases.append(f"fit ({fit:+.0f})")
    phrases += _silence(as_of, last_activity_at, lost)
    if not phrases:
        phrases = ["nothing that counts yet"]
    text = ", ".join(phrases)
    if outcome.name != OPEN:
        return f"{outcome.name.capitalize()} {ago(outcome.at, as_of)}. {text[0].upper()}{text[1:]}."
    if drop is not None:
        text += f"; falls to {drop.stage} on {_date(drop.at, as_of)} unless something happens"
    return text[0].upper() + text[1:] + "."


def ago(at: Millis, as_of: Millis) -> str:
    """A moment of the past in words: `3 hours ago`, `on 3 December 2026`."""
    age = as_of - at
    if age < HOUR:
        return "within the last hour"
    if age < 2 * DAY:
        hours = age // HOUR
        return f"{hours} hour{'' if hours == 1 else 's'} ago"
    return f"{age // DAY} days ago" if age < 60 * DAY else f"on {_date(at)}"


def _reason(part: Reason, as_of: Millis) -> str:
    label = part.label[0].lower() + part.label[1:]
    times = f" {part.count} times, last" if part.count > 1 else ""
    when = f" {ago(part.last_event_at, as_of)}" if part.last_event_at is not None else ""
    return f"{label}{times}{when} ({part.points:+.0f})"


def _silence(as_of: Millis, last_activity_at: Millis | None, lost: float) -> list[str]:
    """Since when it has been quiet, and what that has taken."""
    if last_activity_at is None or as_of - last_activity_at < 2 * DAY:
        return []
    last = to_datetime(last_activity_at)
    days = (as_of - last_activity_at) // DAY
    since = f"{last:%A}" if days < _WEEK else _date(last_activity_at, as_of)
    taken = f" ({lost:+.0f} by decay)" if abs(lost) > _WORTH_SAYING else ""
    return [f"quiet since {since}{taken}"]


def _date(at: Millis, as_of: Millis | None = None) -> str:
    """The day in words; without its year if that is the year of `as_of`."""
    moment = to_datetime(at)
    year = "" if as_of is not None and moment.year == to_datetime(as_of).year else f" {moment.year}"
    return f"{moment.day} {moment:%B}{year}"
