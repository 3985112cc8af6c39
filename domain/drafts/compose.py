"""Composition of a draft from the built-in templates: deterministic, and the answer when no model is there."""

from __future__ import annotations

from domain.drafts.request import DraftRequest, DraftText
from domain.drafts.template import render
from domain.drafts.templates import ANSWERS, TEMPLATES

__all__ = ["compose", "reply_subject"]


def compose(request: DraftRequest) -> DraftText:
    """The draft: the template of language and purpose, or for a reply that of what the reply means."""
    template = TEMPLATES[request.language][request.purpose]
    text = template.text
    if request.purpose == "reply":
        text = ANSWERS[request.language].get(request.intent, text)
    subject = ""
    if request.channel == "email":
        subject = reply_subject(request.answered_subject) or render(template.subject, request.values)
    return DraftText(text=render(text, request.values), subject=subject)


def reply_subject(answered: str) -> str:
    """`Re: ` and the subject that is answered, once; nothing if there is none."""
    line = " ".join(answered.split())
    if not line:
        return ""
    return line if line.casefold().startswith("re:") else f"Re: {line}"
