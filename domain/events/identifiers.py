"""Normalisation of ids: one text per id, whatever invisible characters and spellings senders and files give it.

In the normal form (Unicode NFC) without white space at either end, and without soft hyphens, zero-width spaces, word
joiners, byte order marks and bidirectional controls. Joiners within emoji and words stay: they are visible.
"""

from __future__ import annotations

from unicodedata import category, normalize

__all__ = ["PAGE_SPACE", "is_blank", "is_plain", "normalised_id"]

PAGE_SPACE = "web:"
"""How ids of events begin that were sent with the key of a web page; the id of the key and a colon follow."""

_INVISIBLE = dict.fromkeys(
    (0xAD, 0x200B, 0x2060, 0xFEFF, 0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers, and the Braille pattern without a dot: letters and symbols by their category, with nothing to see."""
_BLANK_CATEGORIES = frozenset({"Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"})


def is_plain(text: str) -> bool:
    """A cheap pre-check: True means that normalisation changes nothing, for any part of the text."""
    return text.isascii() and " " not in text and text.isprintable()


def normalised_id(text: str) -> str:
    """The id in its normal form; empty if nothing is left. Normalising again changes nothing."""
    if text.isascii():
        return text.strip()
    return normalize("NFC", text.translate(_INVISIBLE)).strip()


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in the text."""
    return all(letter in _BLANK_LETTERS or category(letter) in _BLANK_CATEGORIES for letter in text)
