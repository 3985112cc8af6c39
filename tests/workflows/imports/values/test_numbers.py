"""Numbers as files write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.imports.values.numbers import NumberStyle, decimal_mark_of, read_number

COMMA, POINT = NumberStyle(","), NumberStyle(".")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        ("-2.50", -2.5),
        ("+7", 7),
        ("007", 7),
        ("1e6", 1_000_000.0),
        ("1,234.56", 1234.56),
        ("1.234,56", 1234.56),
        ("1 234,56", 1234.56),
        ("1\u00a0234\u00a0567,8", 1234567.8),
        ("1'234.50", 1234.5),
        ("1\u2019234.50", 1234.5),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("12,34,567.00", 1234567.0),
        ("12,5", 12.5),
        ("0.125", 0.125),
        ("0,125", 0.125),
        (".5", 0.5),
        ("12345,678", 12345.678),
        ("$1,200.00", 1200.0),
        ("US$1,200.00", 1200.0),
        ("-$5.00", -5.0),
        ("1200 \u20ac", 1200),
        ("EUR 1.200,50", 1200.5),
        ("100 kr", 100),
        ("CHF 1'000.50", 1000.5),
        ("45%", 45),
        ("12,5 %", 12.5),
        ("(500)", -500),
        ("(1,200.50)", -1200.5),
        ("$(500.00)", -500.0),
        ("(1.234,50 \u20ac)", -1234.5),
        ("500-", -500),
        ("\u2212" + "3", -3),
    ],
)
def test_a_number_that_can_mean_one_thing_means_that(text, number):
    found = read_number(text)
    assert found == number
    assert type(found) is type(number)


@pytest.mark.parametrize("text", ["1.000", "12,345", "-999.999", "$1,000", "1.000 \u20ac"])
def test_a_number_that_can_be_two_is_asked_for(text):
    with pytest.raises(ValueError, match="may be thousands or a decimal; write decimal"):
        read_number(text)


@pytest.mark.parametrize(
    ("text", "style", "number"),
    [
        ("1.000", COMMA, 1000),
        ("1.000", POINT, 1.0),
        ("1.000", NumberStyle(None, "."), 1000),
        ("1,000", NumberStyle(None, ","), 1000),
        ("1.234,5", COMMA, 1234.5),
        ("1 000", NumberStyle(",", " "), 1000),
    ],
)
def test_marks_that_are_said_decide(text, style, number):
    assert read_number(text, style) == number


@pytest.mark.parametrize(
    ("text", "style"),
    [("12.5", COMMA), ("1,5", POINT), ("1.234", NumberStyle(",", " ")), ("1.234", NumberStyle(",", "none"))],
)
def test_a_number_that_contradicts_what_is_said_is_none(text, style):
    with pytest.raises(ValueError, match="is not a number with the decimal mark"):
        read_number(text, style)


@pytest.mark.parametrize(
    "text",
    ["", "N/A", "nan", "inf", "1,2,3", "1..2", "12 apples", "01/02", "-", "(5", "1_000", "\u0661", "1 2"],
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match=r"is not a number such as 12 or 3\.5"):
        read_number(text)


@pytest.mark.parametrize(("text", "reason"), [("9" * 30, "too many digits"), ("1e999", "too large")])
def test_a_number_that_cannot_be_stored_is_refused(text, reason):
    with pytest.raises(ValueError, match=reason):
        read_number(text)


def test_the_other_cells_of_a_column_decide_one_that_is_open():
    assert decimal_mark_of(["1.000", "1.234,56"]) == ","
    assert decimal_mark_of(["1.000", "0.5"]) == "."
    assert decimal_mark_of(["1.000", "12"]) is None
    assert decimal_mark_of(["1.234,56", "1,234.56"]) is None
    shown = NumberStyle(",", is_certain=False)
    assert read_number("1.000", shown) == 1000
    assert read_number("1,234.56", shown) == 1234.56


@given(st.integers(-(10**9), 10**9), st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", ".")]))
def test_a_number_written_in_any_style_is_read_back(cents, marks):
    thousands, decimal = marks
    written = f"{cents / 100:,.2f}".replace(",", "T").replace(".", decimal).replace("T", thousands)
    assert read_number(written) == round(cents / 100, 2)
