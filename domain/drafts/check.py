"""Checks of a draft that a model has written: its length, its links and the amounts of money in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from domain.drafts.request import DraftRequest, DraftText
from domain.drafts.template import render

__all__ = ["MAX_SUBJECT", "MAX_TEXT", "objection_to", "with_sender"]

MAX_TEXT, MAX_SUBJECT = 4000, 200
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)
_BARE = re.compile(
    r"(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|net|org|io|ai|co|de|fr|es|eu|uk|app|dev|biz|info|link|ly|me|xyz|example|test)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_MONEY = re.compile(
    r"(?:[$€£¥]\s?\d(?:[\d.,]*\d)?|\d(?:[\d.,]*\d)?\s?(?:[$€£¥]|\b(?:usd|eur|euros?|dollars?|pounds?|gbp|chf)\b)|\d+\s?%)",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_PLACEHOLDER = re.compile(
    r"\[(?:your|my|name|company|insert|link|date|time)\b[^\]]*\]|\{\{?\w+|<(?:name|company|link)>",
    re.IGNORECASE,
)


def objection_to(draft: DraftText, request: DraftRequest, hosts: Collection[str]) -> str:
    """Why the draft cannot be used, in words; empty if it can.

    Links lead to one of `hosts` or to a host below it. Addresses, and amounts and percentages, must stand in the instructions or in
    what we have written before: what the lead has written is no source, since it can hold anything.
    """
    return next(_objections(draft, request, hosts), "")


def _objections(draft: DraftText, request: DraftRequest, hosts: Collection[str]) -> Iterator[str]:
    whole = f"{draft.subject}\n{draft.text}"
    if not draft.text.strip() or len(draft.text) > MAX_TEXT:
        yield f"its text has {len(draft.text)} characters"
    if len(draft.subject) > MAX_SUBJECT:
        yield "its subject is too long"
    if _CONTROL.search(whole) or "\n" in draft.subject:
        yield "it has control characters"
    if found := _PLACEHOLDER.search(whole):
        yield f"it has a gap to be filled: {found[0]}"
    for link in [*_LINK.findall(whole), *_BARE.findall(_LINK.sub(" ", _ADDRESS.sub(" ", whole)))]:
        if not _is_allowed(link, hosts):
            yield f"it has a link that is not allowed: {link[:100]}"
    ours = "\n".join((request.instructions, *(turn.text for turn in request.conversation if turn.by == "us")))
    for pattern, what in ((_ADDRESS, "an address"), (_MONEY, "an amount")):
        for one in pattern.findall(whole):
            if one not in ours:
                yield f"it has {what} that nobody has given: {one[:100]}"


def with_sender(text: str, request: DraftRequest) -> str:
    """The text with the sender's name below it, unless it is there already."""
    name = render("{sender}", request.values)
    lines = text.rstrip().split("\n")
    return text.rstrip() if not name or name in lines[-1] else f"{text.rstrip()}\n\n{name}"


def _is_allowed(link: str, hosts: Collection[str]) -> bool:
    rest = re.sub(r"^https?://", "", link.casefold())
    host = re.split(r"[/?#:\\]", rest, maxsplit=1)[0].rstrip(".")
    if "@" in rest.split("/", 1)[0]:
        return False
    return any(host == one or host.endswith(f".{one}") for one in hosts)
