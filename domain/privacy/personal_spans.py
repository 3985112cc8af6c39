"""Recognition of personal data in texts: e-mail addresses, international telephone numbers and IBANs, also in URLs.

Telephone numbers are checked by the numbering plans of libphonenumber, IBANs by the length of their country and their
check digits (ISO 13616, ISO 7064 MOD 97-10). Time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["Span", "has_personal_span", "personal_spans"]

Span = tuple[int, int]
"""Where it begins and ends in the text."""

_MAX_SPANS = 50
"""Places of one text that are encrypted one by one."""
_SHORTEST_IBAN = 15

_AT = re.compile(r"@|%(?:25)?40")
_NOT_LOCAL = frozenset(' \t\r\n\v\f\u00a0@<>()[]{},;:"/?&=#|\\')
_MAX_LOCAL = 64
_ENCODED = re.compile(r".*%(?!2[BbDdEe]|5[Ff])[0-9A-Fa-f]{2}", re.DOTALL)
_DOMAIN = re.compile(
    r"(?:[^\W_][\w-]{0,62}\.){1,8}(?:xn--[a-z0-9-]{1,59}|[^\W\d_]{2,24})(?![\w-])", re.IGNORECASE
)
_IMAGE_SCALE = re.compile(r"[1-9]x\.(?:png|jpe?g|gif|webp|svg|avif)", re.IGNORECASE)

_MAX_CHECKED = 20
"""Telephone numbers of one text that are checked, at 50 microseconds each; the rest is taken for numbers unseen."""
_PHONE = re.compile(
    r"(?<![\w+])(?P<prefix>[+]|%2B|(?<![.,:-])00)(?:%20|[ (])?[1-9](?:(?:%20|[ ().\-/\u00a0]){0,2}[0-9]){6,14}(?![0-9])",
    re.IGNORECASE,
)
_NOT_DIALLED = re.compile(r"%20|[^0-9()]", re.IGNORECASE)

_IBAN = re.compile(r"\b[A-Za-z]{2}[0-9]{2}(?=[A-Za-z0-9 -]{11})")
_IBAN_LENGTHS = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE", "BI"), 16),
    **dict.fromkeys(("DK", "FI", "FO", "GL", "NL", "SD", "FK"), 18),
    **dict.fromkeys(("MK", "SI"), 19),
    **dict.fromkeys(("AT", "BA", "EE", "KZ", "LT", "LU", "MN", "XK"), 20),
    **dict.fromkeys(("CH", "CR", "HR", "LI", "LV"), 21),
    **dict.fromkeys(("BG", "BH", "DE", "GB", "GE", "IE", "ME", "RS", "VA"), 22),
    **dict.fromkeys(("AE", "GI", "IL", "IQ", "OM", "SO", "TL"), 23),
    **dict.fromkeys(("AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"), 24),
    **dict.fromkeys(("LY", "PT", "ST"), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("FR", "GR", "IT", "MC", "MR", "SM", "DJ"), 27),
    **dict.fromkeys(("AL", "AZ", "BY", "CY", "DO", "GT", "HN", "HU", "LB", "NI", "PL", "SV"), 28),
    **dict.fromkeys(("BR", "EG", "PS", "QA", "UA"), 29),
    **dict.fromkeys(("JO", "KW", "MU", "YE"), 30),
    **dict.fromkeys(("MT", "SC"), 31),
    "LC": 32,
    "RU": 33,
}


def personal_spans(text: str) -> list[Span]:
    """The places of all e-mail addresses, telephone numbers and IBANs in the text, in order and without overlap.

    A text with more than 50 is a list of people: then they are one place, from the first to the last.
    """
    merged: list[Span] = []
    for start, end in sorted(_found(text)):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    if len(merged) > _MAX_SPANS:
        return [(merged[0][0], merged[-1][1])]
    return merged


def has_personal_span(text: str) -> bool:
    """Whether there is such a place; the search ends with the first one."""
    return next(_found(text), None) is not None


def _found(text: str) -> Iterator[Span]:
    # Nearly every text is short and has nothing: what can be known by looking for a letter is not searched for.
    if "@" in text or "%" in text:
        yield from _addresses(text)
    if "+" in text or "00" in text or "%2" in text:
        yield from _phones(text)
    if len(text) >= _SHORTEST_IBAN:
        yield from _ibans(text)


def _addresses(text: str) -> Iterator[Span]:
    for at in _AT.finditer(text):
        domain = _DOMAIN.match(text, at.end())
        if domain is None or _IMAGE_SCALE.fullmatch(domain[0]):
            continue
        start, floor = at.start(), max(0, at.start() - _MAX_LOCAL)
        while start > floor and text[start - 1] not in _NOT_LOCAL:
            start -= 1
        if encoded := _ENCODED.match(text, start, at.start()):
            start = encoded.end()
        while start < at.start() and text[start] in "'.*!":
            start += 1
        if start < at.start():
            yield start, domain.end()


def _phones(text: str) -> Iterator[Span]:
    for count, found in enumerate(_PHONE.finditer(text)):
        if count >= _MAX_CHECKED or _is_number(found):
            yield found.span()


def _is_number(found: re.Match[str]) -> bool:
    """Whether it may be a number of its country; behind `00`, which also begins other ids, only one that is assigned."""
    import phonenumbers  # noqa: PLC0415 - 6 MB and 0.1 s, for the few processes that meet a number

    prefix = found["prefix"]
    digits = _NOT_DIALLED.sub("", found[0][len(prefix) :])
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return False
    if prefix == "00":
        return phonenumbers.is_valid_number(number)
    return phonenumbers.is_possible_number(number)


def _ibans(text: str) -> Iterator[Span]:
    for found in _IBAN.finditer(text):
        start = end = found.start()
        length, code = _IBAN_LENGTHS.get(text[start : start + 2].upper(), 0), ""
        while len(code) < length and end < len(text) and (text[end].isalnum() or text[end] in " -"):
            if text[end].isalnum():
                code += text[end]
            end += 1
        is_whole = end == len(text) or not text[end].isalnum()
        if len(code) == length > 0 and is_whole and _has_check_digits(code):
            yield start, end


def _has_check_digits(code: str) -> bool:
    if not code.isascii():
        return False
    return int("".join(str(int(letter, 36)) for letter in code[4:] + code[:4])) % 97 == 1
