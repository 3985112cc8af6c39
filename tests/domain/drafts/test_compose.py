"""Drafts from templates: every field has a value or a fallback, and values are data."""

from __future__ import annotations

from typing import get_args

import pytest

from domain.drafts.compose import compose, reply_subject
from domain.drafts.request import LANGUAGES, DraftRequest, Purpose
from domain.drafts.template import merge_fields, render
from domain.drafts.templates import ANSWERS, TEMPLATES

PURPOSES = get_args(Purpose)
VALUES = {"firstName": "Ada", "fullName": "Ada Byron", "company": "ACME", "ourCompany": "Us", "sender": "Sam"}


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("Hello {firstName|there},", {"firstName": "Ada"}, "Hello Ada,"),
        ("Hello {firstName|there},", {}, "Hello there,"),
        ("Hello {firstName|there},", {"firstName": "  "}, "Hello there,"),
        ("Bonjour {firstName|},", {}, "Bonjour,"),
        ("{sender}", {}, ""),
        ("Hello {firstName|there},", {"firstName": "{company|x}"}, "Hello {company|x},"),
        (
            "Hello {firstName|there},",
            {"firstName": "A\nBcc: eve@example.com"},
            "Hello A Bcc: eve@example.com,",
        ),
        ("{firstName}", {"firstName": "x" * 500}, "x" * 100),
        ("no field { } at all", {}, "no field { } at all"),
    ],
)
def test_fields_are_filled_by_value_or_fallback_and_values_are_data(template, values, text):
    assert render(template, values) == text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("values", [VALUES, {}], ids=["known", "unknown"])
def test_every_language_and_purpose_gives_a_whole_text(language, purpose, values):
    draft = compose(DraftRequest(purpose=purpose, channel="email", language=language, values=values))
    assert draft.subject
    assert len(draft.text) > 50
    for text in (draft.subject, draft.text):
        assert not set(text) & set("{}|")
        assert "  " not in text
        assert " ," not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_has_a_field_that_nothing_fills(language):
    texts = [part for template in TEMPLATES[language].values() for part in template]
    for text in (*texts, *ANSWERS[language].values()):
        assert merge_fields(text) <= VALUES.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_follow_what_the_reply_means(language):
    def answer(intent):
        request = DraftRequest(purpose="reply", channel="email", language=language, intent=intent)
        return compose(request).text

    texts = {answer(intent) for intent in ("", *ANSWERS[language])}
    assert len(texts) == 1 + len(ANSWERS[language])
    assert answer("unknown") == answer("")


def test_only_an_email_has_a_subject_and_an_answer_that_of_what_it_answers():
    asked = DraftRequest(purpose="reply", channel="whatsapp", answered_subject="Your demo")
    assert compose(asked).subject == ""
    asked = DraftRequest(purpose="reply", channel="email", answered_subject="Your demo")
    assert compose(asked).subject == "Re: Your demo"


@pytest.mark.parametrize(
    ("answered", "subject"),
    [("Hi", "Re: Hi"), ("Re: Hi", "Re: Hi"), ("RE: Hi", "RE: Hi"), ("", ""), ("a\r\nb", "Re: a b")],
)
def test_the_subject_of_an_answer(answered, subject):
    assert reply_subject(answered) == subject
