"""Answers of machines: messages that could not be delivered, and notes of absence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from domain.replies.sentences import Sentence

__all__ = ["find_absence", "find_bounce", "is_automatic"]

_BOUNCE = re.compile(
    r"\b(?:delivery (?:to|status|has failed|failed|failure|incomplete)|(?:message|e-?mail|mail) (?:to .{0,80})?"
    r"(?:could not be|cannot be|couldn't be|was not|wasn't|has not been) delivered|undeliverable|undelivered mail|"
    r"mail delivery (?:system|subsystem|failed)|returned mail|mailer-daemon|recipient address rejected|"
    r"(?:user|mailbox|recipient|address) (?:is )?(?:unknown|unavailable|not found|full|disabled|does not exist)|no such user|"
    r"couldn't be found|this is the mail system at host|"
    r"unzustellbar|nicht zugestellt werden|zustellung (?:ist )?fehlgeschlagen|unzustellbarkeit|"
    r"n'a pas pu etre (?:remis|distribue|livre|delivre)|echec de (?:la )?(?:remise|distribution|livraison)|non remis|"
    r"no se (?:pudo|ha podido|puede) entregar|error de entrega|no entregado|fallo (?:en|de) (?:la )?entrega)\b"
    r"|\b55\d[ -]5\.\d\.\d\b"
)
_ABSENCE = re.compile(
    r"\b(?:out of (?:the )?office|out[- ]of[- ]office|auto(?:matic)?[- ]?(?:reply|response)|"
    r"(?:am|i'm|be|is|currently|be) (?:\w+ ){0,2}?(?:on (?:\w+ )?(?:vacation|holiday|holidays|leave|annual leave|sick leave|parental leave|"
    r"maternity leave|paternity leave)|away|travell?ing|abroad|off work)|on (?:annual|parental|maternity|paternity|sick) leave|"
    r"limited access to (?:my )?e-?mail|(?:back|return\w*) (?:in|to) the office|"
    r"abwesenheits\w*|abwesend|nicht im (?:buro|haus|office)|(?:im|in) (?:\w+ )?(?:urlaub|elternzeit|mutterschutz|ferien)|"
    r"automatische (?:antwort|ruckmeldung)|ausser haus|auf (?:dienst|geschafts)reise|wieder (?:erreichbar|im (?:buro|haus)|fur sie da)|"
    r"absente? (?:du bureau|jusqu'|du \d|de|pour)|(?:suis|serai|est) (?:actuellement )?(?:absente?|en (?:conges?|vacances|deplacement))|"
    r"reponse automatique|absence du bureau|message d'absence|en conges?\b|de retour le|"
    r"fuera de (?:la )?oficina|respuesta automatica|(?:estoy|estare|me encuentro) (?:\w+ )?(?:de vacaciones|ausente|de viaje|de baja|fuera)|"
    r"de vacaciones hasta|regreso el|ausente hasta)\b"
)
_PLAN = re.compile(
    r"\b(?:after|nach|apres|despues|get back to you|call me|ask me|before|if|wenn|si|cuando|when)\b.{0,40}"
    r"\b(?:vacation|holidays?|urlaub|vacances|vacaciones|ferien)\b"
)
"""Somebody who speaks of a holiday and is there."""


def is_automatic(headers: Mapping[str, str]) -> bool:
    """Whether the headers of the mail say that no person wrote it (RFC 3834, and what older systems send)."""
    found = {name.casefold(): value.casefold() for name, value in headers.items()}
    if found.get("auto-submitted", "no").strip() not in {"", "no"}:
        return True
    if found.get("precedence", "").strip() in {"auto_reply", "auto-reply", "bulk", "junk"}:
        return True
    return any(name in found for name in ("x-autoreply", "x-autorespond", "x-autoresponder"))


def find_bounce(found: Iterable[Sentence], headers: Mapping[str, str]) -> tuple[bool, Sentence | None]:
    """Whether the text reports that a message was not delivered, and the sentence that says so."""
    names = {name.casefold(): value.casefold() for name, value in headers.items()}
    if "x-failed-recipients" in names or "multipart/report" in names.get("content-type", ""):
        return True, None
    sentence = next((one for one in found if _BOUNCE.search(one.plain)), None)
    return sentence is not None, sentence


def find_absence(found: Sequence[Sentence]) -> Sentence | None:
    """The first sentence that says that the author is away."""
    return next((one for one in found if _ABSENCE.search(one.plain) and not _PLAN.search(one.plain)), None)
