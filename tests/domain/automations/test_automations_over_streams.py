"""Automations of the shipped rulebooks and of small ones over whole streams of events."""

from __future__ import annotations

from domain.automations.firing import firings
from domain.automations.trigger import LeadChange

HOUR = 3_600_000

DAY = 24 * HOUR

START = 20_000 * DAY

TASK = {"type": "task", "title": "Call"}


def fired(automation, before, after, event):
    return bool(firings((automation,), LeadChange(event, before, after)))


def test_classic_calls_a_lead_each_time_it_becomes_qualified_with_one_bucket_a_week(folded, stream):
    # Given a lead that becomes qualified on Friday, falls to hot by a silence and becomes qualified again
    seen = folded(
        stream(
            ("demo_request", START),
            ("demo_request", START + HOUR),
            ("score.decayed", START + 9 * DAY, "lead-engine"),
            ("demo_request", START + 10 * DAY),
        )
    ).firings

    calls = [firing for firing in seen if firing.rule_id == "call-qualified-lead"]

    # 60 points; then 60 x 0.512 + 30 = 60.72 on the Monday ten days later: another crossing in another week
    assert [(call.date_bucket, call.cause_position) for call in calls] == [("2024-W40", 2), ("2024-W42", 4)]
    assert [call.action["title"] for call in calls] == [
        "Call lead-1: qualified with 60 points",
        "Call lead-1: qualified with 60.72 points",
    ]


def test_classic_tags_a_hot_lead_that_has_gone_quiet(folded, stream):
    # Given 65 points, and the decay job a week and an hour later: 52 points, hot, high risk
    seen = folded(
        stream(
            ("demo_request", START),
            ("demo_request", START),
            ("page_view", START),
            ("page_view", START),
            ("email_open", START),
            ("score.decayed", START + 7 * DAY + HOUR, "lead-engine"),
        )
    ).firings

    assert [(f.rule_id, f.cause_position, f.action) for f in seen if f.rule_id == "rescue-quiet-lead"] == [
        ("rescue-quiet-lead", 6, {"type": "tag", "tag": "going-cold"})
    ]


def test_classic_answers_a_demo_request_once_a_day(folded, stream):
    # Given three requests on two days
    seen = folded(
        stream(("demo_request", START), ("demo_request", START + HOUR), ("demo_request", START + DAY))
    ).firings

    # Then each names the bucket that makes the second of a day the same execution as the first
    buckets = [firing.date_bucket for firing in seen if firing.rule_id == "answer-demo-request"]
    assert buckets == ["2024-10-04", "2024-10-04", "2024-10-05"]


def of_standard(standard_with, *automations):
    written = [{"id": f"rule-{n}", "action": TASK, **one} for n, one in enumerate(automations)]
    return standard_with(automations=written)


def causes(folded, rules, events):
    return [(firing.rule_id, firing.cause_position) for firing in folded(events, rules).firings]


def test_a_fall_by_decay_that_nobody_saw_and_the_return_fire_as_if_it_had_been_seen(standard, folded, stream):
    # Given 35 + 25 = 60 points, 26.7 of which are left after 3 weeks and a bit, and 60 again by a meeting
    facts = [("demo_request", START), ("phone_call", START + 1), ("meeting_booked", START + 25 * DAY)]
    seen = [*facts[:2], ("score.decayed", START + 24 * DAY, "lead-engine"), facts[2]]

    def calls(events):
        fired = folded(stream(*events), standard).firings
        return [firing.date_bucket for firing in fired if firing.rule_id == "call-qualified-lead"]

    # Then the second crossing fires whether the decay job ran in between or not
    assert calls(facts) == calls(seen) == ["2024-W40", "2024-W44"]


def test_quiet_for_days_counts_from_the_last_activity_however_late_others_arrive(
    standard_with, folded, stream
):
    rules = of_standard(standard_with, {"trigger": {"quietForDays": 7}})
    events = stream(
        ("demo_request", START),
        ("page_view", START - 5 * DAY),
        ("lead.updated", START + 8 * DAY),
        ("score.decayed", START + 7 * DAY - 1, "lead-engine"),
        ("score.decayed", START + 9 * DAY, "lead-engine"),
    )

    # Day 7 has not come at the first run of the decay job, and has at the second
    assert causes(folded, rules, events) == [("rule-0", 5)]


def test_drop_within_days_fires_once_the_fall_is_near(standard_with, folded, stream):
    # Given 35 points, hot until they are under 29.75: 21 x log2(35 / 29.75) = 4.92 days
    rules = of_standard(standard_with, {"trigger": {"dropWithinDays": 2}, "when": {"stage": "hot"}})
    decays = [("score.decayed", START + day * DAY, "lead-engine") for day in range(1, 7)]

    assert causes(folded, rules, stream(("demo_request", START), *decays)) == [("rule-0", 4), ("rule-0", 5)]


def test_a_surge_fires_on_the_session_that_makes_it_one(standard_with, folded, stream):
    rules = of_standard(standard_with, {"trigger": {"surge": True}})
    usual = [("page_view", START + day * DAY) for day in range(0, 60, 15)]
    burst = [("page_view", START + 60 * DAY + n * 2 * HOUR) for n in range(8)]

    after = folded(stream(*usual, *burst), rules)

    assert len(after.firings) == 1
    assert after.state.assessment.surge


def test_a_reply_fires_the_advice_to_answer_it(standard_with, folded, stream):
    rules = of_standard(standard_with, {"trigger": {"nextAction": "reply_now"}})
    events = stream(
        ("email_reply", START),
        ("email_reply", START + 1),
        ("rep_reply", START + 2),
        ("email.replied", START + 3),
    )

    assert causes(folded, rules, events) == [("rule-0", 1), ("rule-0", 4)]
