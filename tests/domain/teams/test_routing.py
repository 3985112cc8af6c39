"""The routing decision: known owners first, then the first matching rule, to somebody who is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.instant import HOUR, MINUTE
from domain.teams.routing import Candidate, Presence, decide, route_event_id
from domain.teams.routing_rules import RoutingRules

MONDAY = 1_796_036_400_000  # 2026-11-30T09:40Z
THERE = Presence()

RULES = RoutingRules.model_validate(
    {
        "rules": [
            {"id": "germany", "where": {"country": {"in": ["DE", "AT"]}}, "pool": "dach"},
            {"id": "hot", "stage": "hot", "pool": "closers"},
            {"id": "rest", "pool": "everyone"},
        ],
        "pools": [
            {"id": "dach", "members": [{"rep": "ada", "hours": {"zone": "Europe/Berlin"}}]},
            {"id": "closers", "members": [{"rep": "ben", "capacity": 2}, {"rep": "cem", "weight": 2}]},
            {
                "id": "everyone",
                "members": [{"rep": "ada"}, {"rep": "ben"}, {"rep": "cem"}],
                "fallback": "dan",
                "fallbackAfterMinutes": 30,
            },
        ],
    }
)


def lead(**given):
    return Candidate(**{"lead_id": "l", "attributes": {}, "stage": "warm", "waiting_since": MONDAY} | given)


def present(*reps, **others):
    return dict.fromkeys(reps, THERE) | others


def test_the_first_rule_that_matches_decides():
    reps = present("ada", "ben", "cem")

    assert decide(lead(attributes={"country": "DE"}, stage="hot"), RULES, {}, reps, MONDAY).rule == "germany"
    assert decide(lead(stage="hot"), RULES, {}, reps, MONDAY).rule == "hot"
    assert decide(lead(), RULES, {}, reps, MONDAY).rule == "rest"


def test_a_known_owner_comes_before_every_rule_and_an_account_owner_next():
    reps = present("ada", "ben", "zoe")

    assert decide(lead(owner_id="zoe", account_owner_id="ben"), RULES, {}, reps, MONDAY).owner_id == "zoe"
    assert decide(lead(account_owner_id="ben"), RULES, {}, reps, MONDAY).owner_id == "ben"


def test_an_owner_who_left_is_no_owner():
    reps = present("ada", "ben", "cem", zoe=Presence(active=False))

    assert decide(lead(owner_id="zoe"), RULES, {}, reps, MONDAY).owner_id != "zoe"


def test_outside_working_hours_the_lead_waits_and_the_reasons_say_so():
    night = MONDAY + 14 * HOUR

    decision = decide(lead(attributes={"country": "DE"}), RULES, {}, present("ada"), night)

    assert decision.owner_id is None
    assert "ada is passed over: outside working hours" in decision.why


def test_a_full_rep_is_passed_over():
    reps = present("cem", ben=Presence(open_leads=2))

    decision = decide(lead(stage="hot"), RULES, {}, reps, MONDAY)

    assert decision.owner_id == "cem"
    assert "ben is passed over: 2 open leads, 2 at most" in decision.why


def test_after_a_while_without_anybody_the_fallback_takes_it():
    away = {rep: Presence(away=True) for rep in ("ada", "ben", "cem")} | {"dan": THERE}

    assert decide(lead(), RULES, {}, away, MONDAY + 29 * MINUTE).owner_id is None
    assert decide(lead(), RULES, {}, away, MONDAY + 30 * MINUTE).owner_id == "dan"


@given(
    days=st.lists(
        st.tuples(
            st.sets(st.sampled_from(["ada", "ben", "cem"])),
            st.sets(st.sampled_from(["ada", "ben", "cem"])),
            st.integers(0, 30),
        ),
        max_size=20,
    )
)
def test_nobody_absent_or_inactive_ever_gets_a_lead(days):
    clocks: dict = {}
    for number, (away, inactive, open_leads) in enumerate(days):
        reps = {
            rep: Presence(active=rep not in inactive, away=rep in away, open_leads=open_leads)
            for rep in ("ada", "ben", "cem")
        }
        decision = decide(lead(lead_id=f"l{number}"), RULES, clocks, reps, MONDAY)
        assert decision.owner_id not in away | inactive
        assert decision.why
        if decision.pool:
            clocks = clocks | {decision.pool: decision.clocks}


def test_the_same_input_gives_the_same_owner_in_every_process():
    reps = present("ada", "ben", "cem")

    assert {decide(lead(), RULES, {}, reps, MONDAY).owner_id for _ in range(20)} == {
        decide(lead(), RULES, {}, reps, MONDAY).owner_id
    }
    assert route_event_id("ada", 2) == "route:ada:2"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rules": [{"id": "a", "pool": "none"}]}, "which is not among the pools"),
        ({"rules": [{"id": "a", "pool": "p"}, {"id": "a", "pool": "p"}]}, "two rules have the id 'a'"),
        ({"pools": [{"id": "p", "members": [{"rep": "x"}, {"rep": "x"}]}]}, "twice; raise the weight"),
        ({"pools": [{"id": "p", "members": [{"rep": "x", "hours": {"zone": "Mars"}}]}]}, "no time zone"),
        (
            {"pools": [{"id": "p", "members": [{"rep": "x", "hours": {"opens": "18:00"}}]}]},
            "not after it opens",
        ),
    ],
)
def test_a_mistake_in_the_rules_is_named(change, message):
    document = {"rules": [{"id": "a", "pool": "p"}], "pools": [{"id": "p", "members": [{"rep": "x"}]}]}

    with pytest.raises(ValidationError, match=message):
        RoutingRules.model_validate(document | change)
