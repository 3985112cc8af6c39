"""Words in cells."""

from __future__ import annotations

import pytest

from workflows.imports.values.words import is_shortened, read_boolean, split_list, without_formula


@pytest.mark.parametrize("text", ["Yes", "TRUE", "1", "y", "on", "ja", "Oui", "x"])
def test_yes_is_said_in_many_ways(text):
    assert read_boolean(text) is True


@pytest.mark.parametrize("text", ["No", "False", "0", "n", "off", "Nein", "non"])
def test_so_is_no(text):
    assert read_boolean(text) is False


def test_other_words_can_be_given_and_anything_else_is_refused():
    assert read_boolean("Opted in", {"opted in"}, {"opted out"}) is True
    with pytest.raises(ValueError, match="is not Yes or No"):
        read_boolean("maybe")


def test_a_list_has_no_empty_items_and_no_spaces():
    assert split_list("A; B;;C ", ";") == ["A", "B", "C"]


def test_the_formula_that_protects_an_id_is_taken_off():
    assert without_formula('="00123"') == "00123"
    assert without_formula("=A1+1") == "=A1+1"


@pytest.mark.parametrize(
    ("text", "shortened"), [("1.23457E+11", True), ("1,2E+5", True), ("12E5", False), ("E+1", False)]
)
def test_an_id_that_a_spreadsheet_has_shortened_is_known(text, shortened):
    assert is_shortened(text) is shortened
