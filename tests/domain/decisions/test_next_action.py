"""The next action: the first row of the decision table that fits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.decisions.assessment import Measurements
from domain.decisions.next_action import DecisionRow, compile_rows


def lead(stage, velocity=0.0, risk="low", score=0.0):
    return Measurements(at=0, score=score, stage=stage, velocity=velocity, risk=risk)


def table_of(rows):
    return compile_rows([DecisionRow.model_validate(row) for row in rows])


@pytest.mark.parametrize(
    ("measured", "action"),
    [
        (lead("qualified", 0, "low"), "immediate_outreach"),
        (lead("qualified", 12, "low"), "immediate_outreach"),
        (lead("qualified", 12, "medium"), "re_engage"),
        (lead("qualified", 0, "high"), "re_engage"),
        (lead("hot", 9, "low"), "prioritize_contact"),
        (lead("hot", 6.01, "high"), "prioritize_contact"),
        (lead("hot", 6, "low"), "schedule_demo"),
        (lead("hot", 0, "high"), "schedule_demo"),
        (lead("warm", 6, "low"), "send_content"),
        (lead("warm", 3.01, "medium"), "send_content"),
        (lead("warm", 3, "low"), "nurture_campaign"),
        (lead("warm", 0, "high"), "nurture_campaign"),
        (lead("cold", 99, "low"), "monitor"),
        (lead("cold", 0, "high"), "monitor"),
    ],
)
def test_classic_advises_row_by_row_what_the_specification_says(classic, measured, action):
    assert classic.decisions.decide(measured).action == action


@given(
    stage=st.sampled_from(["cold", "warm", "hot", "qualified"]),
    risk=st.sampled_from(["low", "medium", "high"]),
    events=st.integers(0, 10),
)
@settings(deadline=None)
def test_every_lead_gets_advice_with_a_reason(classic, stage, risk, events):
    advice = classic.decisions.decide(lead(stage, 3.0 * events, risk))

    assert advice.action
    assert advice.because


def test_the_first_row_that_fits_wins():
    table = table_of(
        [
            {"when": {"risk": "low"}, "action": "first", "because": "it comes first"},
            {"when": {"stage": "hot"}, "action": "second"},
            {"action": "rest"},
        ]
    )

    assert table.decide(lead("hot")).action == "first"
    assert table.decide(lead("hot")).because == "it comes first"
    assert table.decide(lead("hot", risk="high")).action == "second"
    assert table.decide(lead("cold", risk="high")).action == "rest"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "at least 1"),
        ([{"when": {"stage": "hot"}, "action": "call"}], "the last row must fit every lead"),
        (
            [{"action": "call"}, {"action": "wait"}],
            "the row 'call' fits every lead, so no row after it is ever used",
        ),
        ([{"when": {}, "action": "call"}, {"action": "wait"}], "'call' fits every lead"),
        ([{"when": {"stage": None}, "action": "call"}, {"action": "wait"}], "'call' fits every lead"),
        ([{"action": "call me"}], "pattern"),
        ([{"because": "why not"}], "action"),
    ],
)
def test_a_table_with_a_gap_or_a_dead_row_is_refused(rulebook, rows, message):
    with pytest.raises(ValidationError, match=message):
        rulebook(nextAction=rows)
