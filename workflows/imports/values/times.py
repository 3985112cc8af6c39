"""Times as files write them: ISO 8601, strptime formats, Excel serials and epochs, with the zones that cells name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial

from workflows.imports.tables.workbook import DateCell
from workflows.imports.values.zones import zone_of_abbreviation

__all__ = ["NAMED_FORMATS", "TimeReader", "check_format", "read_iso"]

_Parser = Callable[[str], datetime]

_EXCEL_BEGINNING = {"excel": datetime(1899, 12, 30), "excel1904": datetime(1904, 1, 1)}  # noqa: DTZ001 - local, as in the sheet
_EXCEL_DAYS = range(1, 2_958_466)
"""Serials of the years that Excel knows, to 9999."""
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_FEWEST_MILLISECONDS = 2e10
"""Numbers from here on are milliseconds (after August 1970), below it seconds (before the year 2603)."""
_ZONE_NAME = re.compile(
    r"(?<![A-Za-z/_])(?:[A-Za-z]{1,5}(?![A-Za-z/_])|[A-Za-z_]{1,40}(?:/[A-Za-z0-9_+-]{1,40}){1,3})"
)
_TRAILING_ZONE = re.compile(r"(.*[0-9])\s*((?![AaPp][Mm]$)[A-Za-z]{2,5}|[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+)")
_SPACED_OFFSET = re.compile(r" ([+-][0-9]{2}:?[0-9]{2})$")
_ZONE_MARK = "\N{SYMBOL FOR UNIT SEPARATOR}"
"""Stands in for the name of a zone while strptime reads the rest: what it does with names depends on the machine."""


class TimeReader:
    """Reads the times of one column by its formats, the first that fits; without any, by ISO 8601."""

    def __init__(self, formats: Sequence[str], zone: tzinfo) -> None:
        self._parsers = [_parser(name) for name in formats] or [read_iso]
        self._zone = zone
        self._expected = " or ".join(formats) or "a time such as 2024-01-31 or 2024-01-31 16:05:00"

    def read(self, text: str) -> datetime:
        """The instant in UTC; a time without a zone is in that of the column. Raises `ValueError`, `OverflowError`."""
        at = self._parsed(text)
        return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)

    def _parsed(self, text: str) -> datetime:
        if isinstance(text, DateCell):
            return datetime.fromisoformat(text)
        reason = ""
        for parse in self._parsers:
            try:
                return parse(text)
            except _ZoneError as error:
                reason = str(error)
            except (ValueError, re.error):
                continue
        raise ValueError(reason or f"is not {self._expected}")


class _ZoneError(ValueError):
    """All of the time can be read but the zone that it names."""


def check_format(name: str) -> str:
    """The name, if it is of a format. Raises `ValueError`, which says what to write."""
    if name in NAMED_FORMATS:
        return name
    try:
        shown = datetime(2001, 2, 3, tzinfo=UTC).strftime(name)
        read = _strptime(shown, name)
    except (ValueError, re.error) as error:
        raise ValueError(f"'{name}' is not a strptime format ({error}); write one such as %Y-%m-%d") from None
    if read.year != 2001:  # noqa: PLR2004
        raise ValueError(f"'{name}' names no year; write one such as %Y-%m-%d")
    return name


def read_iso(text: str) -> datetime:
    """A time by ISO 8601, with a `T` or a space, and an offset, a `Z` or a zone name. Raises `ValueError`."""
    text = _SPACED_OFFSET.sub(r"\1", text.upper() if text[-1:] == "z" else text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        named = _TRAILING_ZONE.fullmatch(text)
        if named is None:
            raise
    at = datetime.fromisoformat(named[1])
    return _in_zone(at, named[2])


def _in_zone(at: datetime, name: str) -> datetime:
    try:
        return at.replace(tzinfo=zone_of_abbreviation(name))
    except ValueError as error:
        raise _ZoneError(str(error)) from None


def _read_epoch(text: str, *, per_second: int) -> datetime:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    number = float(text.replace(",", "."))
    if (abs(number) < _FEWEST_MILLISECONDS) != (per_second == 1):
        raise ValueError
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=number / per_second)


def _read_serial(text: str, *, beginning: datetime) -> datetime:
    if not _NUMBER.fullmatch(text) or int(float(text.replace(",", "."))) not in _EXCEL_DAYS:
        raise ValueError
    # To the second: the fraction of a day is a rounded number.
    seconds = round(float(text.replace(",", ".")) * 86_400)
    return beginning + timedelta(seconds=seconds)


NAMED_FORMATS: dict[str, _Parser] = {
    "iso": read_iso,
    "epoch": partial(_read_epoch, per_second=1),
    "epochMs": partial(_read_epoch, per_second=1000),
    "excel": partial(_read_serial, beginning=_EXCEL_BEGINNING["excel"]),
    "excel1904": partial(_read_serial, beginning=_EXCEL_BEGINNING["excel1904"]),
}
"""Formats that are no strptime pattern."""


def _parser(name: str) -> _Parser:
    return NAMED_FORMATS.get(name) or partial(_strptime, pattern=name)


def _strptime(text: str, pattern: str) -> datetime:
    if "%Z" not in pattern:
        return datetime.strptime(text, pattern)  # noqa: DTZ007 - the column has a zone
    pattern = pattern.replace("%Z", _ZONE_MARK)
    for name in _ZONE_NAME.finditer(text):
        rest = f"{text[: name.start()]}{_ZONE_MARK}{text[name.end() :]}"
        try:
            at = datetime.strptime(rest, pattern)  # noqa: DTZ007
        except ValueError:
            continue
        return _in_zone(at, name[0])
    # A cell may leave the zone out.
    return datetime.strptime(text.strip(), pattern.replace(_ZONE_MARK, "").strip())  # noqa: DTZ007
