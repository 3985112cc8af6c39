"""How a rulebook gives points, in words and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from domain.rule_language.matcher import describe_all
from domain.rule_language.words import any_of, days_in_words
from domain.scoring.fit import Fit, FitAttribute
from domain.scoring.frequency_cap import FrequencyCap
from domain.scoring.half_life import Bounds, HalfLifeRule, HalfLifeScore
from domain.scoring.points import PointsScore

__all__ = ["points_in_words"]


def points_in_words(score: PointsScore | HalfLifeScore) -> Iterator[RenderableType]:
    """The score model of the rulebook: every rule, what it gives and how it fades."""
    if isinstance(score, PointsScore):
        yield from _plain(score)
    else:
        yield from _half_life(score)


def table(*columns: str, numeric: Sequence[str] = ()) -> Table:
    """A plain table; the columns in `numeric` hold numbers."""
    plain = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in columns:
        right = name in numeric
        plain.add_column(name, justify="right" if right else "left", no_wrap=right, header_style="dim")
    return plain


def _plain(score: PointsScore) -> Iterator[RenderableType]:
    yield "The score is the sum of these points; each event counts."
    rules = table("Points", "What happened", numeric=["Points"])
    for rule in score.rules:
        rules.add_row(f"{rule.points:+g}", _happened(rule.label or rule.id, rule.event, ""))
    yield rules
    if (decay := score.idle_decay) is None:
        yield "Points never fade."
    else:
        yield (
            f"After more than {days_in_words(decay.after_days)} without activity all points are worth "
            f"{_percent(decay.factor)} of what they were, and as much less again for each further day."
        )


def _half_life(score: HalfLifeScore) -> Iterator[RenderableType]:
    yield (
        "Points fade all the time: half of them is left after the time given, a quarter after twice that. "
        "Rules belong to groups; engagement, 0 to 100, is the sum of the groups."
    )
    for group in score.groups:
        yield Text(f"\n{group.label or group.id}, {_together(group.cap)}", style="bold")
        rules = table("Points", "What happened", "Half after", "Counts", "Cap", numeric=["Points"])
        for rule in score.rules:
            if rule.group == group.id:
                rules.add_row(*_row(rule))
        yield rules
    if score.fit is not None:
        yield from _fit(score.fit)
    yield Text("\nGrade", style="bold")
    yield _grade(score)


def _row(rule: HalfLifeRule) -> tuple[RenderableType, ...]:
    return (
        f"{rule.points:+g}",
        _happened(rule.label or rule.id, rule.event, describe_all(rule.where)),
        "never" if rule.half_life_days is None else days_in_words(rule.half_life_days),
        _repeat(rule.repeat),
        "" if rule.cap is None else _cap(rule.cap),
    )


def _happened(label: str, events: Sequence[str], where: str) -> Group:
    named = Text(f"{any_of(events)}{f' where {where}' if where else ''}", style="dim")
    return Group(Text(label), Padding(named, (0, 0, 0, 2)))


def _repeat(repeat: FrequencyCap | None) -> str:
    if repeat is None:
        return "always"
    if repeat.once_per is not None:
        return f"once per {repeat.once_per}"
    if repeat.at_most is not None:
        return "once a day" if repeat.at_most == 1 else f"{repeat.at_most} times a day"
    return "once"


def _cap(cap: Bounds) -> str:
    return f"{cap.low:g} to {cap.high:g}"


def _together(cap: Bounds) -> str:
    return f"which counts {_cap(cap)} in all"


def _fit(fit: Fit) -> Iterator[RenderableType]:
    yield Text("\nFit, which does not fade", style="bold")
    yield (
        f"The score is {_percent(fit.weight)} fit and {_percent(1 - fit.weight)} engagement; "
        "engagement alone while nothing is known of the lead. Fit is the sum of these points, 0 to 100:"
    )
    points = table("Points", "If", numeric=["Points"])
    for attribute in fit.attributes:
        points.add_row("", Text(f"{attribute.label or attribute.attribute} ({attribute.attribute})"))
        for given, words in _cases(attribute):
            points.add_row(f"{given:+g}" if given else "0", Padding(Text(words), (0, 0, 0, 2)))
    yield points


def _cases(attribute: FitAttribute) -> Iterator[tuple[float, str]]:
    for case in attribute.cases:
        yield case.points, case.when.describe()
    yield attribute.otherwise, "anything else"
    yield attribute.unknown, "not known"


def _grade(score: HalfLifeScore) -> str:
    a, b, c = (f"{step:g}" for step in score.grades.fit)
    one, two, three = (f"{step:g}" for step in score.grades.engagement)
    return (
        f"A letter for fit: A from {a}, B from {b}, C from {c}, else D, and ? while it is not known. "
        f"A digit for engagement: 1 from {one}, 2 from {two}, 3 from {three}, else 4."
    )


def _percent(share: float) -> str:
    return f"{share * 100:.4g} %"
