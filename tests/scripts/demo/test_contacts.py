"""The people of the demo: histories of months, the same all day, and two reps who join once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.built_in import built_in
from scripts.demo.contacts import CONTACTS, answer_of, simulate_contacts

NOW = datetime(2026, 11, 30, 14, 30, tzinfo=UTC)


def test_the_histories_go_back_months_and_end_before_today():
    events = simulate_contacts(NOW)
    assert min(one.occurred_at for one in events) < NOW - timedelta(days=120)
    assert max(one.occurred_at for one in events) < NOW
    assert len({one.event_id for one in events}) == len(events)
    assert {one.lead_id for one in events} == {contact.lead_id for contact in CONTACTS}


def test_on_one_day_they_are_the_same_and_on_the_next_they_are_others():
    assert simulate_contacts(NOW) == simulate_contacts(NOW + timedelta(hours=9))
    tomorrow = {one.event_id for one in simulate_contacts(NOW + timedelta(days=1))}
    assert not tomorrow & {one.event_id for one in simulate_contacts(NOW)}


def test_every_type_means_something_to_the_default_rules():
    rules = compile_rulebook(built_in("standard"))
    unknown = {"lead.updated"}
    types = {one.type for one in simulate_contacts(NOW)} - unknown
    text = str(built_in("standard").model_dump())
    assert [one for one in sorted(types) if f"'{one}'" not in text] == []
    assert answer_of(NOW).type in rules.contact.opens
