"""The part of a reply that its author wrote: without what is quoted, and without the signature."""

from __future__ import annotations

import re
from typing import NamedTuple

from mailparser_reply import EmailReplyParser

__all__ = ["MAX_CHARACTERS", "Passage", "Written", "written_text"]

MAX_CHARACTERS = 20_000
"""What is read of a reply; nobody says what he means after that."""
_MAX_SCANNED = 1_000_000
"""Characters among which lines that are not marked as quoted are looked for."""
_MAX_LINES = 120
_LONG = 160
"""Characters of a line that is no header of a quotation. The library's patterns take time with the cube of a line."""

_LANGUAGES = ["en", "de", "fr", "es"]
_QUOTED = re.compile(r"^\s*>")
_DELIMITER = re.compile(r"^-- ?$")
"""Before a signature (RFC 3676)."""


class Passage(NamedTuple):
    """Lines that follow one another, and where they stand in the text."""

    text: str
    start: int


class Written(NamedTuple):
    """`whole`: all that the author wrote, the signature after a polite phrase included. `body`: without signature."""

    whole: tuple[Passage, ...]
    body: tuple[Passage, ...]


def written_text(text: str) -> Written:
    """The author's own lines, in their order.

    What stands below a quotation whose lines are marked is the author's as well. `whole` is for opt-outs, of which none
    may be overlooked; `body` for everything else. Where nothing would be left of the body it is `whole`.
    """
    lines = _lines(text)
    outline = _outline(lines)
    fragments = (
        EmailReplyParser(languages=list(_LANGUAGES)).read("\n".join(line for _, line in outline)).replies
    )
    own: set[int] = set()
    signature: set[int] = set()
    for number, fragment in enumerate(fragments):
        content = _match(outline, fragment.content)
        if fragment.headers:
            content = _below_quotation(
                lines, [n for n in content if n not in _match(outline, fragment.headers)]
            )
        own |= set(content)
        if number == 0:
            signature = set(_match(outline, fragment.signatures or ""))
    if len(fragments) == 1 or _is_within_quotation(lines):
        own |= set(range(_MAX_LINES, len(lines)))
    own = _before_delimiter(lines, {n for n in own if not _QUOTED.match(lines[n][1])})
    whole = _passages(lines, own)
    return Written(whole, _passages(lines, own - signature) or whole)


def _lines(text: str) -> list[tuple[int, str]]:
    """The lines that are read, with their places. A long quotation uses up nothing: an answer may stand below it."""
    found: list[tuple[int, str]] = []
    start = read = 0
    for line in text[:_MAX_SCANNED].splitlines(keepends=True):
        if len(found) < _MAX_LINES or not _QUOTED.match(line):
            part = line[: MAX_CHARACTERS - read]
            found.append((start, part.rstrip("\r\n")))
            read += len(part)
        if read >= MAX_CHARACTERS:
            break
        start += len(line)
    return found


def _is_within_quotation(lines: list[tuple[int, str]]) -> bool:
    """Whether what the library is given ends among lines that are marked as quoted: unmarked ones after it are no quotation."""
    return len(lines) > _MAX_LINES and _QUOTED.match(lines[_MAX_LINES - 1][1]) is not None


def _outline(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The lines as the library gets them, with their numbers: long ones cut, and no two equal ones in a row."""
    outline: list[tuple[int, str]] = []
    for number, (_, line) in enumerate(lines[:_MAX_LINES]):
        short = line.strip() if len(line.strip()) <= _LONG else f"({number})"
        if not outline or short != outline[-1][1]:
            outline.append((number, short))
    return outline


def _match(outline: list[tuple[int, str]], part: str) -> list[int]:
    """The numbers of the lines that a part of the text consists of: the library strips lines, so places are lost."""
    wanted = [line.strip() for line in part.splitlines() if line.strip()]
    filled = [(number, line) for number, line in outline if line]
    for start in range(len(filled) - len(wanted) + 1 if wanted else 0):
        if all(filled[start + n][1] == one for n, one in enumerate(wanted)):
            return [number for number, _ in filled[start : start + len(wanted)]]
    return []


def _below_quotation(lines: list[tuple[int, str]], numbers: list[int]) -> list[int]:
    """The lines that are not marked as quoted, if the first one is: else all of them are quoted."""
    if not numbers or not _QUOTED.match(lines[numbers[0]][1]):
        return []
    return [n for n in numbers if not _QUOTED.match(lines[n][1])]


def _before_delimiter(lines: list[tuple[int, str]], own: set[int]) -> set[int]:
    first = min(own, default=0)
    end = min((n for n in own if n > first and _DELIMITER.match(lines[n][1])), default=len(lines))
    return {n for n in own if n < end}


def _passages(lines: list[tuple[int, str]], numbers: set[int]) -> tuple[Passage, ...]:
    found: list[Passage] = []
    last = -2
    for number in sorted(numbers):
        start, line = lines[number]
        if number == last + 1 and found:
            before = found[-1]
            gap = start - before.start - len(before.text)
            found[-1] = Passage(before.text + "\n" * gap + line, before.start)
        else:
            found.append(Passage(line, start))
        last = number
    return tuple(one for one in found if one.text.strip())
