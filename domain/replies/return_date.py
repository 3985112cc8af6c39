"""The day that a note of absence names for the return."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from domain.replies.sentences import Sentence

__all__ = ["return_date"]

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero janv ene",
            "feb february februar fevrier febrero fevr",
            "mar march marz maerz mars marzo",
            "apr april avril abril avr abr",
            "may mai mayo",
            "jun june juni juin junio",
            "jul july juli juillet julio juil",
            "aug august aout agosto ago",
            "sep sept september septembre septiembre",
            "oct okt october oktober octobre octubre",
            "nov november novembre noviembre",
            "dec dez december dezember decembre diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_DOTS = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4}|\d{2}\b))?")
_SLASHES = re.compile(r"\b(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?\b")
_DAY_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|er|\.|o)? (?:of |de )?({_NAME})\b\.?(?:,? (?:de |del )?(\d{{4}}))?"
)
_MONTH_DAY = re.compile(rf"\b({_NAME})\b\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}}))?")
_MONTHS_OF_A_YEAR = 12
_PAST: timedelta = timedelta(days=30)


def return_date(found: Iterable[Sentence], received: date) -> date | None:
    """The latest day that is named, as it is written: "until 5 December" and "back on 5 December" are both the 5th.

    A day without a year is the next such day, seen from 30 days before the message was received. None if no day is
    named, or if it is not clear which one is meant (3/4).
    """
    days = [day for sentence in found for day in _days(sentence.plain, received)]
    ahead = [day for day in days if day >= received - timedelta(days=1)]
    return max(ahead, default=None)


def _days(text: str, received: date) -> Iterator[date]:
    for year, month, day in _ISO.findall(text):
        yield from _day(int(day), int(month), year, received)
    for day, month, year in _DOTS.findall(text):
        yield from _day(int(day), int(month), year, received)
    for first, second, year in _SLASHES.findall(text):
        a, b = int(first), int(second)
        if a > _MONTHS_OF_A_YEAR or a == b:
            yield from _day(a, b, year, received)
        elif b > _MONTHS_OF_A_YEAR:
            yield from _day(b, a, year, received)
    for day, name, year in _DAY_MONTH.findall(text):
        yield from _day(int(day), _MONTHS[name], year, received)
    for name, day, year in _MONTH_DAY.findall(text):
        yield from _day(int(day), _MONTHS[name], year, received)


def _day(day: int, month: int, year: str, received: date) -> Iterator[date]:
    century = 2000 if len(year) == len("26") else 0
    years = [century + int(year)] if year else [received.year, received.year + 1]
    for one in years:
        try:
            found = date(one, month, day)
        except ValueError:
            continue
        if year or found >= received - _PAST:
            yield found
            return
