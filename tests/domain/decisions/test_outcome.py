"""Outcomes: a lead is open, won, lost or disqualified, by the latest event that says so, in any order of arrival."""

from __future__ import annotations

import itertools

import pytest
from pydantic import ValidationError

from domain.automations.automation import AutomationSection
from domain.automations.firing import firings
from domain.automations.trigger import LeadChange
from domain.decisions.assessment import Assessment, Measurements
from domain.decisions.next_action import CLOSED, DO_NOT_CONTACT
from domain.decisions.outcome import OUTCOMES, Outcome, OutcomeSection
from domain.leads.fold import fold
from domain.leads.intelligence import intelligence
from domain.leads.state import initial_state

DAY = 86_400_000
STAGES = ("cold", "warm", "hot", "qualified")
START = 20_000 * DAY
SECTION = OutcomeSection.model_validate(
    {"won": "deal.won", "lost": ["deal.lost"], "disqualified": "junk", "reopened": ["deal.reopened"]}
)
RULES = SECTION.compile()
TASK = {"type": "task", "title": "Call"}


@pytest.fixture
def outcome_of(event):
    def make(*facts):
        outcome = Outcome()
        for type_, later, *source in facts:
            outcome = RULES.evolve(outcome, event(type_, START + later, source="".join(source)))
        return outcome.name

    return make


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ([], "open"),
        ([("deal.won", 0)], "won"),
        ([("deal.lost", 0)], "lost"),
        ([("junk", 0)], "disqualified"),
        ([("deal.won", 0), ("deal.lost", 1)], "lost"),
        ([("deal.lost", 0), ("deal.reopened", 1)], "open"),
        ([("deal.lost", 0), ("deal.reopened", 1), ("deal.won", 2)], "won"),
        ([("deal.won", -START)], "won"),  # in 1970
    ],
)
def test_the_latest_event_decides_whenever_it_arrives(outcome_of, facts, outcome):
    for arrival in itertools.permutations(facts):
        assert outcome_of(*arrival) == outcome


def test_of_two_at_the_same_moment_the_one_that_came_last_decides(outcome_of):
    assert outcome_of(("deal.won", 0), ("deal.lost", 0)) == "lost"
    assert outcome_of(("deal.lost", 0), ("deal.won", 0)) == "won"


def test_what_the_engine_says_itself_is_no_outcome(outcome_of):
    assert outcome_of(("deal.won", 0, "lead-engine")) == "open"


def test_a_type_of_event_cannot_mean_two_outcomes():
    with pytest.raises(ValidationError, match=r"'deal\.won' cannot mean both won and lost; keep one"):
        OutcomeSection.model_validate({"won": "deal.won", "lost": ["deal.lost", "deal.won"]})


@pytest.mark.parametrize("outcome", ["won", "lost", "disqualified"])
def test_the_next_action_of_a_closed_lead_is_none_with_its_reason(standard, classic, outcome):
    for rules in (standard, classic):
        measured = Measurements(START, 99.0, "qualified", 9.0, "low", open_conversation=True, outcome=outcome)

        advice = rules.decisions.decide(measured)

        assert (advice.action, outcome in advice.because) == ("none", True)
        assert advice == CLOSED[outcome]


def test_who_must_not_be_contacted_is_not_even_when_won(standard):
    measured = Measurements(START, 99.0, "qualified", 9.0, "low", suppressed=True, outcome="won")

    assert standard.decisions.decide(measured) == DO_NOT_CONTACT


def test_a_row_that_asks_for_the_outcome_advises_for_closed_leads(rulebook):
    rules = rulebook(
        nextAction=[
            {"when": {"outcome": "lost", "risk": "low"}, "action": "win_back"},
            {"when": {"stage": "hot"}, "action": "call"},
            {"action": "monitor"},
        ]
    )

    def action(stage, risk, outcome):
        return rules.decisions.decide(Measurements(START, 0.0, stage, 0.0, risk, outcome=outcome)).action

    assert action("hot", "low", "lost") == "win_back"
    assert action("hot", "high", "lost") == "none"
    assert action("hot", "low", "won") == "none"
    assert action("hot", "low", "open") == "call"


@pytest.mark.parametrize(
    ("when", "fires_for"),
    [
        ({}, {"open"}),
        ({"score": {"atLeast": 0}}, {"open"}),
        ({"outcome": "won"}, {"won"}),
        ({"outcome": ["lost", "disqualified"]}, {"lost", "disqualified"}),
        ({"outcome": list(OUTCOMES)}, set(OUTCOMES)),
        ({"anyOf": [{"outcome": "won"}, {"stage": "hot"}]}, set(OUTCOMES)),  # as written
        ({"allOf": [{"outcome": "won"}, {"stage": "hot"}]}, {"won"}),
    ],
)
def test_automations_fire_for_open_leads_unless_they_ask_for_others(event, when, fires_for):
    written = {"id": "rule", "trigger": {"event": "page_view"}, "when": when, "action": TASK}
    automation = AutomationSection.model_validate(written).compile(STAGES, RULES)

    fired = {
        outcome
        for outcome in OUTCOMES
        if firings([automation], LeadChange(event(), _lead("open"), _lead(outcome)))
    }

    assert fired == fires_for


def test_an_automation_on_the_event_of_an_outcome_asks_for_it(event):
    written = {"id": "rule", "trigger": {"event": "deal.won"}, "action": TASK}
    automation = AutomationSection.model_validate(written).compile(STAGES, RULES)

    assert firings([automation], LeadChange(event("deal.won"), _lead("open"), _lead("won")))
    assert not firings([automation], LeadChange(event("deal.won"), _lead("open"), _lead("lost")))


def _lead(outcome):
    return Assessment(START, 50.0, "hot", 0.0, "low", outcome=outcome, next_action="monitor")


def test_no_shipped_automation_sells_to_a_closed_lead(standard, classic, event):
    for rules in (standard, classic):
        for outcome in ("won", "lost", "disqualified"):
            state = initial_state("lead-1", rules)
            closing = next(name for name, said in rules.outcome.by_type.items() if said == outcome)
            events = [
                event(closing, START, position=1),
                event("signup", START + 1, position=2),
                event("demo_request", START + 2, position=3),
                event("demo_request", START + 3, position=4),
            ]

            folded = fold(state, events, rules)

            assert folded.firings == ()
            assert folded.state.assessment.next_action == "none"
            control = fold(state, events[1:], rules)
            assert {firing.rule_id for firing in control.firings} >= {"answer-demo-request"}


def test_the_answer_says_since_when_and_by_what_a_lead_is_won(standard, event):
    events = [event("signup", START), event("deal.won", START + DAY, position=2)]
    state = fold(initial_state("lead-1", standard), events, standard).state

    found = intelligence(state, START + 4 * DAY, standard)

    assert (found.outcome, found.next_action) == ("won", "none")
    assert found.details.outcome == Outcome("won", START + DAY, "deal.won")
    assert found.details.next_action == "The lead is won: there is nothing left to sell."
    assert found.summary.startswith("Won 3 days ago. Signed up 4 days ago")
    assert "falls to" not in found.summary


def test_a_rulebook_without_outcomes_leaves_every_lead_open(standard_with, event):
    rules = standard_with(outcome={})
    state = fold(initial_state("lead-1", rules), [event("deal.won")], rules).state

    assert state.assessment.outcome == "open"
    assert intelligence(state, START, rules).details.outcome is None


def test_outcomes_describe_themselves():
    said = " ".join(map(str, SECTION.describe()))

    assert "won by deal.won; lost by deal.lost; disqualified by junk; reopened by deal.reopened" in said
    assert "Every lead is open" in " ".join(map(str, OutcomeSection().describe()))
