"""Replies of people who are not the right ones: no longer there, or not in charge."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.replies.sentences import Sentence

__all__ = ["find_wrong_person"]

_WRONG = re.compile(
    r"\b(?:wrong (?:person|contact|address|guy|man|woman|department)|not the (?:right|correct|best) (?:person|contact)|"
    r"(?:no longer|not|don't|doesn't|do not|does not) (?:work|employed|working|with|am)\w* (?:\w+ ){0,3}?(?:at|for|here|there|in|with|any ?more)\b|"
    r"(?:no longer|not) with (?:the|this|our|us)\b|(?:has|have|'ve|'s) left (?:the|this|our|us)|"
    r"(?:am|'m) not (?:responsible|in charge|involved)|(?:isn't|is not|not) my (?:area|department|responsibility|job|field)|"
    r"nicht (?:der|die) richtige\w*|nicht (?:mehr )?zustandig|arbeite\w* (?:\w+ ){0,3}?nicht mehr|nicht mehr (?:bei|im|fur|hier|dort)\b|"
    r"(?:bei mir|hier) falsch|falsche\w* (?:person|ansprechpartner\w*|adresse)|hat (?:das|unser) (?:unternehmen|firma|haus) verlassen|"
    r"pas la bonne personne|pas le bon (?:interlocuteur|contact)|(?:ne|n') ?(?:travaille|suis|fait|fais) plus (?:\w+ ){0,3}?(?:partie|entreprise|societe|ici|chez|dans|pour)|"
    r"pas moi qui|mauvaise personne|a quitte (?:la|l'|notre)|pas (?:responsable|en charge) de|"
    r"no soy (?:la persona|el|la) (?:\w+ )?(?:indicad|adecuad|correct|responsable|encargad)\w*|no soy la persona|ya no trabaj\w*|persona equivocada|"
    r"equivocado de persona|no me encargo|no es mi (?:area|departamento)|ha dejado la empresa|no trabajo (?:aqui|alli|en))\b"
)
_AUTHORS_WORK = re.compile(r"\b(?:it|this|that|which|tool|product) (?:does not|doesn't|don't|not) work")


def find_wrong_person(found: Iterable[Sentence]) -> Sentence | None:
    """The first sentence that says so."""
    return next(
        (one for one in found if _WRONG.search(one.plain) and not _AUTHORS_WORK.search(one.plain)), None
    )
