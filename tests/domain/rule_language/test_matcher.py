"""The tests that rulebooks set on properties and attributes."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from domain.rule_language.matcher import Match, MatcherSection


class Written(BaseModel):
    when: Match


def holds(test, value):
    return Written.model_validate({"when": test}).when.compile().holds(value)


@pytest.mark.parametrize(
    ("test", "yes", "no"),
    [
        ("vp", ["vp", "VP", "Vp"], ["vp of sales", "", None, 5, True, ["vp"], {"vp": 1}]),
        (5, [5, 5.0], [6, "5", None, True, False]),
        (1, [1, 1.0], [True, "1"]),
        (0, [0, 0.0], [False, None, ""]),
        (True, [True], [1, "true", False, None]),
        (False, [False], [0, None, "", True]),
        ({"equals": "vp"}, ["VP"], ["cto"]),
        ({"in": ["vp", 5, True]}, ["VP", 5, 5.0, True], [1, "5", "true", None, False]),
        ({"range": [10, 50]}, [10, 50, 10.0, 49.99], [9.99, 50.01, "20", None, True, [20]]),
        ({"range": [1, None]}, [1, 10**9], [0.99, True, None]),
        ({"range": [None, 1]}, [1, 0, -5], [1.01, False, None]),
        ({"prefix": "/Pricing"}, ["/pricing", "/PRICING/eu"], ["/price", "x/pricing", None, 5, ["/pricing"]]),
        ({"exists": True}, ["", 0, False, "x", [], {}], [None]),
        ({"exists": False}, [None], ["", 0, False, "x"]),
        ({"prefix": "/a", "in": ["/a/1", "/b/1"]}, ["/a/1"], ["/b/1", "/a/2"]),
        ({"exists": False, "equals": "x"}, [], [None, "x"]),
    ],
)
def test_a_value_is_like_this_and_another_one_is_not(test, yes, no):
    assert [value for value in yes if not holds(test, value)] == []
    assert [value for value in no if holds(test, value)] == []


@pytest.mark.parametrize("empty", [{}, {"equals": None}])
def test_a_test_that_says_nothing_is_refused(empty):
    with pytest.raises(ValidationError, match="say at least one of equals, in, range, prefix, exists"):
        MatcherSection.model_validate(empty)


@pytest.mark.parametrize(
    "wrong", [{"in": []}, {"range": [1]}, {"range": [1, 2, 3]}, {"prefix": ""}, {"like": "x"}, [1, 2]]
)
def test_a_test_that_cannot_be_meant_is_refused(wrong):
    with pytest.raises(ValidationError):
        holds(wrong, 1)
