"""Identifiers have one normal form each, and what identifies nobody is refused without being quoted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity.identifier import Identifier, NotAnIdentifier, normalised, normalised_all


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("email", " Ada@Example.COM ", "ada@example.com"),
        ("email", "ada@shop.test", "ada@shop.test"),
        ("email", "ada@BÜCHER.de", "ada@bücher.de"),
        ("email", "ada@xn--bcher-kva.de", "ada@bücher.de"),
        ("email", "Zoe\u0308@example.com", "zoë@example.com"),
        ("phone", "+49 (170) 123-4567", "+491701234567"),
        ("phone", "0170 1234567", "+491701234567"),
        ("phone", "0049 170 1234567", "+491701234567"),
        ("phone", "+1 650 253 0000", "+16502530000"),
        ("userId", " 42\u200b", "42"),
        ("userId", "Ada", "Ada"),
        ("anonymousId", "b7f3-1", "b7f3-1"),
        ("hubspotId", "1001", "1001"),
    ],
)
def test_every_way_to_write_an_identifier_has_one_normal_form(kind, written, value):
    assert normalised(kind, written, "DE") == Identifier(kind, value)
    assert normalised(kind, value, "DE") == Identifier(kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("email", "ada", "not an e-mail address"),
        ("email", "ada@", "not an e-mail address"),
        ("email", "ada@gmail", "not an e-mail address"),
        ("email", "a b@example.com", "not an e-mail address"),
        ("email", "ada@localhost", "not an e-mail address"),
        ("phone", "0170 1234567", "PHONE_REGION"),
        ("phone", "+1 650", "too few"),
        ("phone", "+49 170 1234567 ext. 5", "extension"),
        ("phone", "+x", "not a telephone number"),
        ("userId", "undefined", "stands for no id"),
        ("userId", "NULL", "stands for no id"),
        ("anonymousId", "[object Object]", "stands for no id"),
        ("userId", " \u200b", "must not be empty"),
        ("userId", "a\nb", "control characters"),
        ("userId", "x" * 400, "longer"),
        ("emial", "ada@example.com", "no kind of identifier"),
        ("user_id", "42", "no kind of identifier"),
        ("$where", "42", "no kind of identifier"),
    ],
)
def test_what_identifies_nobody_is_refused_with_the_reason_and_without_the_value(kind, value, reason):
    with pytest.raises(NotAnIdentifier) as refused:
        normalised(kind, value)
    assert reason in str(refused.value)
    assert value.strip() not in str(refused.value) or len(value.strip()) <= 4


@given(st.text(max_size=40))
def test_any_text_is_an_identifier_in_normal_form_or_refused(text):
    for kind in ("userId", "email", "phone"):
        try:
            one = normalised(kind, text, "DE")
        except NotAnIdentifier:
            continue
        assert normalised(kind, one.value, "DE") == one


def test_the_strongest_identifier_comes_first():
    said = {
        "anonymousId": "a",
        "phone": "+16502530000",
        "email": "a@b.com",
        "hubspotId": "9",
        "userId": "u",
    }
    ordered = normalised_all(said)
    assert [one.kind for one in ordered] == ["userId", "hubspotId", "email", "phone", "anonymousId"]
