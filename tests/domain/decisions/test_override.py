"""Stages that a person has set: they hold for their time, and of two the later one does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decisions.stage import StageLadderSection
from domain.leads.assess import assess
from domain.leads.fold import fold
from domain.leads.intelligence import intelligence
from domain.leads.state import initial_state

DAY = 86_400_000
START = 20_000 * DAY

LADDER = StageLadderSection.model_validate(
    {
        "steps": [{"name": "cold"}, {"name": "warm", "from": 15}, {"name": "hot", "from": 35}],
        "overrideDays": 30,
    }
).compile()


@pytest.fixture(scope="module")
def override_of(event):
    """The override after `stage.set` (with a stage) and `stage.cleared` (None) at these moments."""

    def make(*facts):
        override = None
        for stage, at in facts:
            type_ = "stage.cleared" if stage is None else "stage.set"
            override = LADDER.set_by(event(type_, at, properties={"stage": stage}), override)
        return override

    return make


def test_a_stage_set_by_hand_holds_for_30_days_to_the_millisecond(override_of):
    override = override_of(("hot", START))

    assert LADDER.overridden(override, START) == "hot"
    assert LADDER.overridden(override, START + 30 * DAY - 1) == "hot"
    assert LADDER.overridden(override, START + 30 * DAY) is None


def test_clearing_ends_it(override_of):
    assert LADDER.overridden(override_of(("hot", START), (None, START + 1)), START + 1) is None


@pytest.mark.parametrize("stage", ["lost", "", "HOT", 5, True, ["hot"], {"$ne": 1}])
def test_a_stage_that_does_not_exist_is_ignored(override_of, stage):
    assert override_of((stage, START)) is None
    assert override_of(("hot", START), (stage, START + 1)).stage == "hot"


def test_setting_without_a_stage_is_ignored(event):
    assert LADDER.set_by(event("stage.set"), None) is None


def test_it_remembers_who_and_why_but_no_novel(event):
    properties = {"stage": "hot", "by": "ann", "why": "w" * 5_000}

    override = LADDER.set_by(event("stage.set", properties=properties), None)

    assert (override.by, len(override.why), override.at) == ("ann", 200, START)


@given(
    data=st.data(),
    facts=st.lists(
        st.tuples(st.sampled_from(("cold", "warm", "hot", "lost", None)), st.integers(0, 100)),
        max_size=8,
        unique_by=lambda fact: fact[1],
    ),
)
@settings(max_examples=100, deadline=None)
def test_the_latest_to_happen_holds_in_whatever_order_they_arrive(override_of, data, facts):
    known = sorted((fact for fact in facts if fact[0] != "lost"), key=lambda fact: fact[1])
    expected = known[-1][0] if known else None

    override = override_of(*((stage, START + later) for stage, later in data.draw(st.permutations(facts))))

    assert LADDER.overridden(override, START + 100) == expected


def test_a_lead_is_in_the_set_stage_whatever_its_score_and_then_where_its_score_puts_it(standard, event):
    # Given a lead with 35 points, hot, that ann puts among the cold ones
    events = [
        event("demo_request"),
        event(
            "stage.set", START + 1, position=2, properties={"stage": "cold", "by": "ann", "why": "a student"}
        ),
    ]
    after = fold(initial_state("lead-1", standard), events, standard)

    assert [row.stage_after for row in after.rows] == ["hot", "cold"]
    assert [row.new_score for row in after.rows] == [35, pytest.approx(35)]
    now = intelligence(after.state, START + 2, standard)
    assert (now.stage, now.next_action) == ("cold", "monitor")
    assert (now.details.stage_set_by.by, now.details.stage_set_by.why) == ("ann", "a student")

    # When 30 days are over it has 35 x 2^(-30/21) = 13.0 points left: out of hot, and still above 12.75 in warm
    end = START + 1 + 30 * DAY
    assert assess(after.state, end - 1, standard).stage == "cold"
    assert assess(after.state, end, standard).stage == "warm"
    later = intelligence(after.state, end + DAY // 24, standard)
    assert later.details.stage_set_by is None
    assert later.details.stage_since == end


def test_the_natural_stage_moves_on_underneath(standard, event):
    events = [
        event("stage.set", properties={"stage": "cold"}),
        event("demo_request", START + 1, position=2),
        event("stage.cleared", START + 2, position=3),
    ]

    rows = fold(initial_state("lead-1", standard), events, standard).rows

    assert [row.stage_after for row in rows] == ["cold", "cold", "hot"]


def test_a_stage_that_the_next_rulebook_no_longer_has_holds_no_longer(override_of):
    shorter = StageLadderSection.model_validate(
        {"steps": [{"name": "cold"}, {"name": "warm", "from": 15}]}
    ).compile()

    assert shorter.overridden(override_of(("hot", START)), START) is None
