"""The combined score of an account against a small calculation written from its definition."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.accounts.account_intelligence import Person, combine
from domain.accounts.account_rules import AccountRules, AccountsSection, Breadth, PeopleSurge
from domain.accounts.words import reason_of, summary_of
from domain.decisions.assessment import Assessment
from domain.instant import DAY

NOW = 1_000 * DAY
RULES = AccountRules(10, 0.5, Breadth(20, 5, 20), PeopleSurge(3, 7 * DAY, 1, 15))


def person(lead_id, score, *, days=None, first=100, momentum=None, outcome="open"):
    """A lead that was active so many days ago, and for the first time `first` days ago."""
    assessment = Assessment(
        NOW, score, "hot", 0.0, "low", momentum=momentum, outcome=outcome, next_action="monitor"
    )
    return Person(
        lead_id=lead_id,
        assessment=assessment,
        first_activity_at=None if days is None else NOW - first * DAY,
        last_activity_at=None if days is None else NOW - round(days * DAY),
    )


people = st.lists(
    st.builds(
        person,
        st.uuids().map(str),
        st.floats(-50, 150),
        days=st.none() | st.sampled_from([0, 3, 6.9, 7, 8]),
        first=st.sampled_from([1, 6, 7, 100]),
        momentum=st.none() | st.floats(-2, 3),
        outcome=st.sampled_from(["open", "won", "lost", "disqualified"]),
    ),
    max_size=15,
    unique_by=lambda one: one.lead_id,
)
rules = st.builds(
    AccountRules,
    st.integers(1, 12),
    st.floats(0, 1),
    st.none() | st.builds(Breadth, st.floats(0, 60), st.floats(0.1, 9), st.floats(0.1, 30)),
    st.none()
    | st.builds(PeopleSurge, st.integers(2, 5), st.just(7 * DAY), st.floats(0, 2), st.floats(1, 20)),
)


def by_definition(everybody, rules):
    """The score, straight from docs/accounts.md."""
    left = [one for one in everybody if one.assessment.outcome in ("open", "won")]
    best = sorted(left, key=lambda one: (-one.assessment.score, one.lead_id))[: rules.people]
    score = sum(max(one.assessment.score, 0) * rules.weight**place for place, one in enumerate(best))
    if rules.breadth is not None:
        engaged = sum(one.assessment.score >= rules.breadth.min_score for one in best)
        score += min(max(engaged - 1, 0) * rules.breadth.points, rules.breadth.at_most)
    if rules.surge is not None:
        since = NOW - rules.surge.within
        lately = [one for one in best if one.last_activity_at is not None and one.last_activity_at > since]
        rising = [
            one
            for one in lately
            if one.first_activity_at > since
            or one.assessment.momentum is None
            or one.assessment.momentum >= rules.surge.momentum
        ]
        score += rules.surge.points if len(rising) >= rules.surge.people else 0
    return score


@settings(max_examples=40)
@given(people, rules)
def test_the_score_is_that_of_the_definition_and_its_parts_add_up(everybody, rules):
    found = combine(everybody, NOW, rules)

    assert found.score == pytest.approx(by_definition(everybody, rules), abs=0.01 * (2 * len(everybody) + 1))
    assert round(sum(share.points for share in found.people), 2) == found.score
    for share in found.people:
        parts = share.from_score + share.from_breadth + share.from_surge
        assert share.points == pytest.approx(parts, abs=1e-9)


@settings(max_examples=40)
@given(people, rules, st.randoms(use_true_random=False))
def test_the_order_of_people_makes_no_difference(everybody, rules, order: random.Random):
    mixed = list(everybody)
    order.shuffle(mixed)

    assert combine(mixed, NOW, rules) == combine(everybody, NOW, rules)


@settings(max_examples=40)
@given(people, st.floats(0, 1), st.floats(0, 150))
def test_one_more_person_takes_no_points(everybody, weight, score):
    rules = AccountRules(50, weight, None, None)
    rounding = 0.01 * (len(everybody) + 1)

    more = combine([*everybody, person("~", score)], NOW, rules).score

    assert more >= combine(everybody, NOW, rules).score - rounding


def test_an_account_worked_out_by_hand():
    """80 + 40/2 + 20/4 + 10/8; two further people with 20 or more; a surge of three."""
    found = combine(
        [
            person("c", 20, days=1, first=2),
            person("a", 80, days=1, momentum=1.5),
            person("d", 10, days=2, momentum=0.2),
            person("b", 40, days=6),
            person("lost", 99, outcome="lost"),
        ],
        NOW,
        RULES,
    )

    assert [share.person.lead_id for share in found.people] == ["a", "b", "c", "d"]
    assert found.score == 80 + 20 + 5 + 1.25 + 5 + 5 + 15
    assert [share.points for share in found.people] == [85, 30, 15, 1.25]
    assert (found.engaged, found.rising, found.has_surge) == (3, 3, True)
    assert reason_of(found.people[1]) == (
        "20 from a score that counts 50 %; 5 as one more engaged person; 5 as one of several who are busier than usual"
    )
    assert summary_of("Acme", 5, found) == (
        "Acme: 131.25 points from 5 leads; a alone gives 85, 3 people are engaged, 3 people are busier than usual."
    )


def test_a_surge_that_cannot_be_shared_equally_still_adds_up():
    rules = AccountRules(7, 0, None, PeopleSurge(2, 7 * DAY, 1, 10))

    found = combine([person(str(n), 0, days=1) for n in range(7)], NOW, rules)

    assert [share.points for share in found.people] == [1.48] + [1.42] * 6
    assert found.score == 10


def test_nobody_gives_nothing():
    found = combine([], NOW, RULES)

    assert (found.score, found.people) == (0, ())
    assert summary_of("Acme", 2, found) == "Acme: no points, because every lead is lost or disqualified."


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": 0},
        {"people": 51},
        {"weight": 1.1},
        {"weight": True},
        {"breadth": {"points": 0}},
        {"breadth": {"atMost": -1}},
        {"surge": {"people": 1}},
        {"surge": {"withinDays": 0}},
        {"unknown": 1},
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValidationError):
        AccountsSection.model_validate(wrong)


def test_the_section_says_in_words_what_it_does():
    section = AccountsSection.model_validate({"breadth": {}, "surge": {}})

    first, breadth, surge = section.describe()

    assert first.startswith(
        "The 10 strongest leads count: the first with all of its points, each next one with 50 %"
    )
    assert breadth == (
        "Breadth: 5 points for every person after the first with a score of at least 20, at most 20."
    )
    assert surge.startswith(
        "Surge: 15 points while at least 3 people were active within 7 days and are new or"
    )
    assert len(tuple(AccountsSection().describe())) == 1
