"""Classification of replies: rules first, where an opt-out wins; then the linear classifier, with a suspected opt-out beside the intent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from domain.replies.automatic import find_absence, find_bounce, is_automatic
from domain.replies.classifier import Weights, built_in_weights, features, probabilities
from domain.replies.courtesy import is_courtesy
from domain.replies.intent import Intent, Reading, Span
from domain.replies.opt_out import find_opt_outs, sounds_like_none
from domain.replies.opt_out_scope import opt_out_scope
from domain.replies.return_date import return_date
from domain.replies.sentences import Sentence, sentences
from domain.replies.written_text import Passage, Written, written_text
from domain.replies.wrong_person import find_wrong_person

__all__ = ["Reply", "classify", "decided_by_rules", "written_body"]


class Reply(Struct, frozen=True, kw_only=True):
    """A reply as it came in; `headers` as far as they are known, `received` the day (UTC)."""

    text: str
    received: date
    subject: str = ""
    headers: dict[str, str] = {}


def classify(reply: Reply, weights: Weights | None = None) -> Reading:
    """What the reply means. Deterministic; without `weights` by those that come with the engine."""
    written = written_text(reply.text)
    return _by_rules(reply, written) or _by_classifier(written, weights or built_in_weights())


def decided_by_rules(reply: Reply) -> Reading | None:
    """What rules say: a report of a bounce, else an opt-out, an absence, a wrong person; else None."""
    return _by_rules(reply, written_text(reply.text))


def _by_rules(reply: Reply, written: Written) -> Reading | None:
    whole = _sentences(written.whole)
    subject = list(sentences(reply.subject))
    bounced, sentence = find_bounce([*_subject_of_report(subject), *whole], reply.headers)
    if bounced:
        return _rule("bounce", sentence, subject)
    if found := find_opt_outs(whole) or find_opt_outs(_short_answer(subject)):
        return _opt_out(found, whole, subject)
    absent = find_absence([*subject, *whole])
    if absent or is_automatic(reply.headers):
        reading = _rule("out_of_office", absent, subject)
        return _with_return(reading, return_date([*subject, *whole], reply.received))
    if wrong := find_wrong_person(_sentences(written.body)):
        return _rule("wrong_person", wrong, subject)
    return None


def written_body(text: str) -> str:
    """What the author wrote, without quotation and signature."""
    return "\n".join(passage.text for passage in written_text(text).body)


def _by_classifier(written: Written, weights: Weights) -> Reading:
    """The likeliest intent other than an opt-out, which is told beside it where it is suspected."""
    body = [one for one in _sentences(written.body) if not is_courtesy(one.plain)]
    found = features(" ".join(one.plain for one in body)) if body else {}
    if not any(name in weights.features for name in found):
        return Reading(intent="unknown", confidence=0.0, by="classifier")
    chances = probabilities(weights, found)
    others = _without_opt_out(weights, chances)
    suspected = _suspects(weights, chances)
    if suspected and not _is_confirmed(weights, body):
        chances, suspected = others, False
    best = max(range(len(others)), key=others.__getitem__)
    known = others[best] >= weights.threshold
    return Reading(
        intent=weights.intents[best] if known else "unknown",
        confidence=round(chances[best] if known else 1 - chances[best], 3),
        by="classifier",
        evidence=_likeliest(weights, body, _opt_out_index(weights) if suspected else best)
        if known or suspected
        else None,
        suspected_opt_out=round(chances[_opt_out_index(weights)], 3) if suspected else None,
    )


_FEW_WORDS = 3
_COST = 4.0
"""A message to somebody who has said no costs as much as so many that are withheld from somebody who has not."""


def _suspects(weights: Weights, chances: list[float]) -> bool:
    """Whether an opt-out is so likely that to overlook it would cost more than to see one too many."""
    if "unsubscribe" not in weights.intents:
        return False
    chance = chances[_opt_out_index(weights)]
    return chance * _COST >= 1 - chance


def _is_confirmed(weights: Weights, body: list[Sentence]) -> bool:
    """Whether a suspicion stands on more than a word or two, and on more than sentences that sound like one and are none."""
    others = [one.plain for one in body if not sounds_like_none(one.plain)]
    if sum(len(one.split()) for one in others) < _FEW_WORDS:
        return False
    return len(others) == len(body) or _suspects(weights, probabilities(weights, features(" ".join(others))))


def _without_opt_out(weights: Weights, chances: list[float]) -> list[float]:
    """The probabilities if the reply is no opt-out: that of one is 0, the others sum to 1 in their ratios."""
    if "unsubscribe" not in weights.intents:
        return chances
    opt_out = _opt_out_index(weights)
    rest = 1 - chances[opt_out] or 1.0
    return [0.0 if one == opt_out else chance / rest for one, chance in enumerate(chances)]


def _opt_out_index(weights: Weights) -> int:
    return weights.intents.index("unsubscribe")


def _likeliest(weights: Weights, body: list[Sentence], intent: int) -> Span:
    """The sentence in which the intent is likeliest."""
    return max(body, key=lambda one: probabilities(weights, features(one.plain))[intent]).span


def _sentences(passages: Iterable[Passage]) -> list[Sentence]:
    return [one for passage in passages for one in sentences(passage.text, passage.start)]


def _subject_of_report(subject: list[Sentence]) -> list[Sentence]:
    """The subject unless it is that of an answer, which quotes ours."""
    return [one for one in subject if not one.plain.startswith(("re:", "aw:", "sv:", "tr:", "rv:"))]


def _short_answer(subject: list[Sentence]) -> list[Sentence]:
    """A subject that is all there is to say, such as `unsubscribe`."""
    return [one for one in _subject_of_report(subject) if len(one.plain.split()) <= _SHORT]


_SHORT = 4


def _rule(intent: Intent, found: Sentence | None, subject: list[Sentence]) -> Reading:
    evidence = None if found is None or found in subject else found.span
    return Reading(intent=intent, confidence=1.0, by="rules", evidence=evidence)


def _opt_out(found: list[Sentence], whole: list[Sentence], subject: list[Sentence]) -> Reading:
    others = [one for one in whole if one not in found]
    return replace(_rule("unsubscribe", found[0], subject), channels=opt_out_scope(found, others))


def _with_return(reading: Reading, returns: date | None) -> Reading:
    return replace(reading, returns=returns)
