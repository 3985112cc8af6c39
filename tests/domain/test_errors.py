"""Failures that say where and what to do about it."""

from __future__ import annotations

import pytest

from domain.errors import Conflict, Fault, Invalid, LeadEngineError, NotFound, Unavailable


def test_an_invalid_input_is_told_with_one_line_a_fault():
    error = Invalid("Nothing was stored.", (Fault("/0/leadId", "is required"), Fault("", "send less")))

    assert str(error) == "Nothing was stored.\n  /0/leadId: is required\n  send less"


def test_what_is_not_found_is_named():
    assert str(NotFound("lead", "lead-7")) == "There is no lead 'lead-7'."


def test_unavailable_says_when_to_come_back():
    assert Unavailable("The queue is full.", retry_after=3).retry_after == 3


@pytest.mark.parametrize(
    ("kind", "code"),
    [(Invalid, "invalid"), (NotFound, "not-found"), (Conflict, "conflict"), (Unavailable, "unavailable")],
)
def test_every_kind_has_a_code_of_its_own_and_one_root(kind, code):
    assert kind.code == code
    assert issubclass(kind, LeadEngineError)
