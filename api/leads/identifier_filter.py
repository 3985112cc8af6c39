"""The query parameters that find a lead by an identifier or a name, and their checks."""

from __future__ import annotations

from typing import Annotated

from litestar.params import QueryParameter

from api.http.parameters import invalid_parameter
from domain.identity.person_name import MAX_WORDS, name_words

__all__ = ["IdentifierText", "NameText", "identifier_parameter", "words_of_name"]

_MAX_LENGTH = 400
_MAX_NAME = 200


def identifier_parameter(kind: str | None = None) -> QueryParameter:
    """The parameter of this name, by default that of the handler's."""
    return QueryParameter(
        name=kind,
        min_length=1,
        max_length=_MAX_LENGTH,
        description="Only the lead with exactly this identifier, however it is written. No other filter goes with it.",
    )


IdentifierText = Annotated[str | None, identifier_parameter()]

NameText = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=_MAX_NAME,
        description="Only leads with all of these words in their name, in any order, without regard to case and accents. Whole "
        "words only: `ann` does not find Anna. In the order of their ids; only `limit` and `cursor` go with it.",
    ),
]


def words_of_name(name: str) -> tuple[str, ...]:
    """The words to look for. Raises `Invalid` for a text without a word, or with too many."""
    words = name_words(name)
    if not words:
        raise invalid_parameter("name", "should have a letter or a digit")
    if len(words) > MAX_WORDS:
        raise invalid_parameter("name", f"should have at most {MAX_WORDS} words")
    return words
