"""Words by which columns and cells of unknown files are understood: event types, attributes, and roles of columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["attribute_of", "event_type_of", "outcome_of", "time_event_of"]

_EVENT_TYPES = (
    (r"re-?subscri", "resubscribed"),
    (r"unsubscri|opt(ed)?[ -]?out|abgemeldet", "unsubscribed"),
    (r"spam|complain", "email_marked_spam"),
    (r"bounce", "email_bounced"),
    (r"do not (contact|call|e-?mail)", "do_not_contact"),
    (r"(e-?mail|link|newsletter|mail).*click|clicked", "email_clicked"),
    (r"(e-?mail|newsletter|mail).*(open|read)|^open(ed)?$", "email_open"),
    (r"(e-?mail|mail).*(repl|answer|respon)|^repl(y|ied)$", "email_reply"),
    (r"sms sent|text sent", "sms_sent"),
    (r"(e-?mail|mail) (received|delivered)", "email_received"),
    (r"(e-?mail|mail) sent|sent (e-?mail|mail)", "email.sent"),
    (r"demo", "demo_request"),
    (r"(meeting|appointment|call) (booked|scheduled|set)|booked|scheduled|termin", "meeting_booked"),
    (r"unreachable|no answer|not reached|voicemail|unanswered|did not pick", "call_unanswered"),
    (
        r"phone conversation|call (held|completed|connected)|spoke|phone[ _]call|^call$|connected|telefonat",
        "phone_call",
    ),
    (r"chat", "chat"),
    (r"trade ?show|booth|messe", "tradeshow_visit"),
    (r"approached", "approached_us"),
    (r"log(ged)?[ _-]?in|login", "product_login"),
    (r"sign(ed)?[ _-]?up|registered|registration|trial|account created", "signup"),
    (r"download|whitepaper|e-?book", "download"),
    (r"form|submi(t|ssion)|enquiry|inquiry|contact us|anfrage", "form_submitted"),
    (r"page|visit|view|session|browse", "page_view"),
    (r"^(closed |deal |status )?won$|deal[ ._]won|converted to (customer|deal)|purchase|order", "deal.won"),
    (r"^(closed |deal |status )?lost$|deal[ ._]lost", "deal.lost"),
    (r"captured|created|new lead|converted to lead", "lead.captured"),
)
_OUTCOMES = (
    (
        r"^(closed[ -]?)?won$|^customers?$|^converted$|closed won|gewonnen|^kunde$|^active customer$",
        "deal.won",
    ),
    (
        r"^(closed[ -]?)?lost$|closed lost|verloren|^(un|dis)qualified$|^junk( lead)?$|not interested|lost lead",
        "deal.lost",
    ),
    (r"do not (contact|call|e-?mail)|opted out", "do_not_contact"),
)
_TIMES = (
    (
        r"\bwon\b|became a customer|customer since|purchase|converted (at|on|date)|conversion date to customer",
        "deal.won",
    ),
    (r"\blost\b", "deal.lost"),
    (r"unsubscri|opt(ed)? ?out", "unsubscribed"),
    (r"submi|respon", "form_submitted"),
    (r"sign(ed)? ?up|regist|trial", "signup"),
    (r"booked|booking", "meeting_booked"),
    (r"demo", "demo_request"),
)
_ATTRIBUTES = (
    (
        r"(^|number of |no of |num |how many )employees|company size|^headcount$|employee count|team size",
        "companySize",
    ),
    (r"^seniority|job level|management level|seniority$", "seniority"),
    (
        r"^(lead |original |traffic |contact )?source( original)?$|^utm source$|^origin$|^channel$|source origin",
        "leadSource",
    ),
    (r"occupation", "occupation"),
    (r"time (spent )?on (the )?(web ?)?site|seconds on site", "secondsOnSite"),
    (
        r"do not e ?mail|e ?mail opt out|unsubscribed( from all e ?mail)?$|has opted out of e ?mail",
        "doNotEmail",
    ),
)
_OUTCOME_NAMES = re.compile(
    r"^(is |has )?(converted|won|customer|is customer|closed won)$|^(deal |lead |opportunity )?(status|outcome|stage)$|lifecycle stage"
)


def event_type_of(text: str) -> str | None:
    """The type that the words of a cell describe, as rulebooks know it."""
    return _first(_EVENT_TYPES, re.sub(r"[_.\s]+", " ", text.strip().lower()))


def time_event_of(words: Sequence[str]) -> str | None:
    """The type of event that a column of times is about, by its name."""
    return _first(_TIMES, " ".join(words))


def attribute_of(words: Sequence[str]) -> str | None:
    """The attribute of a lead that rulebooks look at, by the name of its column."""
    return _first(_ATTRIBUTES, " ".join(words))


def outcome_of(words: Sequence[str], cells: Iterable[str]) -> dict[str, str]:
    """Types by cell of a column that says how a lead ended; nothing for any other column."""
    if not _OUTCOME_NAMES.search(" ".join(words)):
        return {}
    found = {cell: _first(_OUTCOMES, cell.strip().lower()) or "" for cell in cells}
    return found if any(found.values()) else {}


def _first(patterns: Iterable[tuple[str, str]], text: str) -> str | None:
    return next((name for pattern, name in patterns if re.search(pattern, text)), None)
