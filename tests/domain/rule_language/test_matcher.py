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
        ("vp", ["vp", "VP", " Vp "], ["vp of sales", "", None, 5, True, ["vp"], {"vp": 1}]),
        (5, [5, 5.0, "5", " 5.00 "], [6, "6", "five", "05", "+5", "5.01", None, True, False, [5]]),
        (250, ["250", 250, "250.00"], ["0250", "2,50", "250 EUR", "2.5e2", "0x250", "1" * 5000]),
        ("250", ["250", 250, "250.00", 250.0], ["0250", 251, True]),
        (2.5, ["2.5", 2.50, "2.500"], [2, "2"]),
        (9007199254740993, ["9007199254740993"], ["9007199254740992", 9007199254740992.0]),
        ("01067", ["01067", " 01067 "], [1067, "1067", "1067.0"]),
        ("1067", [1067, "1067"], ["01067"]),
        (1, [1, 1.0, "1", True], [False, "yes"]),
        ("1", [1, 1.0, "1", True], [False, "yes"]),
        (0, [0, 0.0, "0", "0.0", False], [True, None, "", "no"]),
        (2, [2, "2"], [True, False]),
        (
            True,
            [True, 1, 1.0, "true", "Yes", " YES ", "1", "on", "y"],
            [False, 0, 2, "no", "", None, "ja", [True]],
        ),
        (False, [False, 0, "false", "No", "0", "0.0", "off"], [True, 1, "", None, "yes"]),
        ("yes", ["Yes", True], [False, "true", 1]),
        ("no", ["NO", False], [True, None, 0]),
        ("straße", ["STRASSE", "Straße"], ["strase"]),
        ({"equals": "vp"}, ["VP"], ["cto"]),
        ({"in": ["vp", 5, True]}, ["VP", 5, "5", True, 1, "Yes"], [0, "cto", None, False]),
        ({"range": [10, 50]}, [10, 50, 10.0, "49.99"], [9.99, 50.01, "9", "010", None, True, [20]]),
        ({"range": [1, None]}, [1, 10**9], [0.99, True, None]),
        ({"range": [None, 1]}, [1, 0, -5], [1.01, False, None]),
        (
            {"prefix": "/Pricing"},
            ["/pricing", " /PRICING/eu"],
            ["/price", "x/pricing", None, 5, ["/pricing"]],
        ),
        ({"prefix": "10"}, [1067, "10", " 10.5"], ["01067", 201, True, None]),
        ({"has": "ERP"}, [["crm", "erp"], ["ERP "], "erp"], [["crm"], [], [["erp"]], "erp, crm", None]),
        ({"has": 5}, [["5", 6], [5.0], 5], [["6"], [True], [None]]),
        ({"hasAny": ["erp", "crm"]}, [["x", "CRM"], ["erp", "crm"], "crm"], [["x"], [], None]),
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
    with pytest.raises(
        ValidationError, match="say at least one of equals, in, range, prefix, has, hasAny, exists"
    ):
        MatcherSection.model_validate(empty)


@pytest.mark.parametrize(
    "wrong",
    [
        {"in": []},
        {"range": [1]},
        {"range": [1, 2, 3]},
        {"prefix": ""},
        {"like": "x"},
        [1, 2],
        {"hasAny": []},
        {"has": 1, "hasAny": [2]},
    ],
)
def test_a_test_that_cannot_be_meant_is_refused(wrong):
    with pytest.raises(ValidationError):
        holds(wrong, 1)
