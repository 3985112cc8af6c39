"""The scope of an opt-out: all channels, or the ones that the author means while another one stays open.

In doubt it is all of them: a channel alone is closed only if every sentence that says no names it, and one says that
another way is welcome.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.replies.sentences import Sentence

__all__ = ["opt_out_scope"]

_NAMES = {
    "email": r"\b(?:e-?mail\w*|mail(?:s|ing|ings|en)?|courriels?|correos?|newsletters?|boletin\w*)\b",
    "whatsapp": r"\bwhats ?app\w*",
    "linkedin": r"\blinked-?in\b",
    "call": r"\b(?:phon\w*|call\w*|ring\w*|anruf\w*|telefon\w*|appel\w*|telephon\w*|llam\w*)\b",
}
_CHANNELS = {name: re.compile(pattern) for name, pattern in _NAMES.items()}
_WELCOME = re.compile(
    r"\b(?:is|are|works?|would be) (?:\w+ )?(?:fine|ok|okay|good|great|better|best|welcome)\b"
    r"|\b(?:you (?:can|may|could)|feel free to|happy to|prefer|rather|use|reach me|instead)\b"
    r"|^(?:so |but |and |just |please )*(?:call|phone|ring|text|message|whatsapp|e-?mail|write to) me\b"
    r"|\b(?:gern\w*|lieber|stattdessen|bevorzug\w*|in ordnung|passt|erreich\w* (?:sie )?mich|konnen (?:sie )?mich|rufen (?:sie )?mich)\b"
    r"|\b(?:plutot|preferes?|prefere|volontiers|vous pouvez|appelez[- ]moi|contactez[- ]moi|convient|ok par)\b"
    r"|\b(?:prefier\w*|mejor|puede\w*|en su lugar|esta bien|sin problema|llame\w*me|escriba\w*me)\b"
)
_REFUSED = re.compile(r"\b(?:not|n't|dont|no|nor|never|stop|kein\w*|nicht|nie|pas|plus|jamais|ni|nunca)\b")


def opt_out_scope(refusals: Iterable[Sentence], others: Iterable[Sentence]) -> tuple[str, ...]:
    """The channels that are closed by these sentences which say no, beside those that do not; empty for all channels."""
    named = [_named(sentence.plain) for sentence in refusals]
    if not named or not all(named):
        return ()
    closed = frozenset().union(*named)
    welcome = frozenset().union(*(_named(one.plain) for one in others if _welcomes(one.plain)))
    return tuple(sorted(closed)) if welcome and not welcome & closed else ()


def _named(sentence: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _CHANNELS.items() if pattern.search(sentence))


def _welcomes(sentence: str) -> bool:
    return _WELCOME.search(sentence) is not None and _REFUSED.search(sentence) is None
