"""Names of people in events: which properties hold one, and the words by which it is found.

Words are compared without regard to case, accents, punctuation and order. A name identifies nobody: it never resolves or
merges leads.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import groupby

from domain.events.event import Json
from domain.events.vocabulary import ACCOUNT_JOINED, LEAD_UPDATED

__all__ = ["MAX_WORDS", "NAME_FIELDS", "name_properties", "name_words"]

MAX_WORDS = 10
"""Words of one name by which it is found, the first ones."""
_MAX_LENGTH = 200
"""Characters of a name that are looked at."""

_PARTS_OF_NAMES = frozenset(
    {"fullname", "firstname", "middlename", "lastname", "givenname", "familyname", "surname", "displayname"}
)
_NAME, _NAME_IN_EVENT = "name", "nameInEvent"
NAME_FIELDS = _PARTS_OF_NAMES | {_NAME}
"""The properties that may hold a name, in small letters."""
_OTHER_NAMES = frozenset({"page_view", "screen_view", ACCOUNT_JOINED})
"""Types of events whose `name` is that of a page, a screen or a company."""
_OF_THINGS = frozenset({"price", "sku", "productid", "quantity", "currency"})
"""Properties beside which `name` is that of a product."""

_WITHOUT_ACCENT = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ħ": "h",
    }
)
"""Letters that Unicode does not decompose, as people write them on other keyboards."""
_APOSTROPHES = frozenset("'`\u2018\u2019\u02bc\u00b4")


def name_properties(event_type: str, properties: Mapping[str, Json]) -> dict[str, str]:
    """The properties of the event that hold the name of a person, or a part of it: field by name of the property.

    Names of properties are compared without regard to case, `-`, `_` and spaces. `name` counts unless the event is about
    a page, a company or a product. That of `lead.updated`, which is about the lead, is a field of its own.
    """
    plain = {name: _plain(name) for name in properties}
    found = {name: field for name, field in plain.items() if field in _PARTS_OF_NAMES}
    if event_type in _OTHER_NAMES or not _OF_THINGS.isdisjoint(plain.values()):
        return found
    of_lead = _NAME if event_type == LEAD_UPDATED else _NAME_IN_EVENT
    return found | {name: of_lead for name, field in plain.items() if field == _NAME}


def name_words(text: str) -> tuple[str, ...]:
    """The different words of a name in their normal form, in their order.

    Unicode NFKD without combining accents, case folded; everything but letters, marks and digits divides words, except
    for apostrophes: `O'Brien` is one word, `Anne-Marie` two.
    """
    joined = "".join(one for one in text[:_MAX_LENGTH] if one not in _APOSTROPHES)
    folded = unicodedata.normalize("NFKD", joined).casefold().translate(_WITHOUT_ACCENT)
    letters = (one for one in folded if not unicodedata.combining(one))
    return tuple(dict.fromkeys(_words(letters)))


def _words(letters: Iterator[str]) -> Iterator[str]:
    for is_word, group in groupby(letters, key=_is_of_word):
        if is_word:
            yield "".join(group)


def _is_of_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN"


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter not in "-_ ")
