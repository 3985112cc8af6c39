"""Which properties are personal, and what folding makes of sealed ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.privacy.personal_fields import SEAL, USUAL_FIELDS, PersonalFields, is_sealed
from domain.scoring.fit import Attribute

FIELDS = PersonalFields.named("email, firstName,phone")


@pytest.mark.parametrize(
    "name", ["email", "E-Mail", "EMAIL", "first_name", "First Name", "FIRST-NAME", "phone"]
)
def test_a_name_is_personal_however_it_is_written(name):
    assert name in FIELDS


@pytest.mark.parametrize("name", ["", "emails", "my email", "path", "e" * 101, "e" + "_" * 100 + "mail"])
def test_other_names_are_not(name):
    assert name not in FIELDS


def test_an_empty_list_of_names_makes_nothing_personal():
    assert "" not in PersonalFields.named("")
    assert not PersonalFields.named("").are_in({"email": "ada@example.com"})


@pytest.mark.parametrize(
    "properties",
    [
        {"email": "ada@example.com"},
        {"path": "/", "phone": 5},
        {"form": {"fields": [{"email": "x"}]}},
        {"email": {"home": "x"}},
        {"phone": False},
        {"list": [[{"firstName": ""}]]},
        {"path": f"{SEAL}1:fake"},
        {"paths": ["/", SEAL]},
    ],
)
def test_personal_fields_are_found_at_any_depth_and_so_is_what_looks_sealed(properties):
    assert FIELDS.are_in(properties)


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"path": "email"},
        {"email": None},
        {"a": [{"b": {"c": ["email"]}}, None, 5]},
        {"seal": "unsealed:"},
    ],
)
def test_a_null_and_a_value_that_merely_is_such_a_word_are_nothing_to_seal(properties):
    assert not FIELDS.are_in(properties)


def test_a_sender_with_a_million_patterns_of_its_own_fills_no_memory():
    fields = PersonalFields.named("email")
    for number in range(10_000):
        assert f"name-{number}" not in fields
        assert not fields.are_in({f"name-{number}": 1})
    assert "email" in fields
    assert len(fields._known) <= 4096


@pytest.mark.parametrize("name", ["email", "last_name", "phone", "ipAddress", "message", "why", "by"])
def test_what_usually_is_personal_is_so_without_a_setting(name):
    assert name in USUAL_FIELDS


@pytest.mark.parametrize("name", ["companySize", "path", "stage", "tag", "leadId", "title", "asset"])
def test_what_rules_look_into_is_not(name):
    assert name not in USUAL_FIELDS


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_only_a_text_can_be_sealed(value):
    assert is_sealed(value) == (isinstance(value, str) and value.startswith(SEAL))


# --- Folding what is sealed ---


def test_of_a_sealed_attribute_it_is_only_known_that_it_is_there(standard, event):
    fit = standard.score.fit
    name = fit.attributes[0].attribute
    known = fit.learn({}, event("lead.updated", properties={name: f"{SEAL}1:key:{'x' * 300}"}))
    assert known[name].value is True
    assert isinstance(known[name], Attribute)


def test_a_sealed_reason_of_an_override_is_remembered_whole_so_that_it_can_be_opened(classic, event):
    ladder = classic.stages
    sealed = SEAL + "x" * 1000
    override = ladder.set_by(
        event("stage.set", properties={"stage": "hot", "why": sealed, "by": "b" * 300}), None
    )
    assert (override.why, override.by) == (sealed, "b" * 200)


def test_a_sealed_reason_that_would_make_the_state_large_is_left_out(classic, event):
    properties = {"stage": "hot", "why": SEAL + "x" * 2000}
    override = classic.stages.set_by(event("stage.set", properties=properties), None)
    assert (override.stage, override.why) == ("hot", "")
