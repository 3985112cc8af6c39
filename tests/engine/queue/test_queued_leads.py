"""Which leads count as waiting, for every place the queue can have come to."""

from __future__ import annotations

import pytest

from engine.queue import queued_leads as waiting_leads
from engine.queue.queued_leads import QueuedLeads


@pytest.fixture
def waiting():
    leads = QueuedLeads()
    leads.oldest(None)
    for message_id, lead_ids in (("m1", ["ada", "bob"]), ("m2", ["cid"]), ("m3", ["dan"])):
        leads.sent(message_id, lead_ids)
    return leads


@pytest.mark.parametrize(
    ("oldest", "left"),
    [
        ("m1", {"ada", "bob", "cid", "dan"}),
        ("m2", {"cid", "dan"}),
        ("m3", {"dan"}),
        ("of another process", set()),
        (None, set()),
    ],
)
def test_the_leads_of_the_oldest_message_and_of_all_after_it_wait(waiting, oldest, left):
    assert waiting.oldest(oldest) == left
    assert bool(waiting) == bool(left)


def test_a_message_that_was_taken_and_came_back_is_not_known_any_more(waiting):
    waiting.oldest("m2")
    assert waiting.oldest("m1") == set()


def test_after_a_while_without_a_look_nothing_counts_as_waiting(waiting, monkeypatch):
    monkeypatch.setattr(waiting_leads, "_SECONDS", -1.0)
    assert waiting.oldest("m1") == set()


def test_no_more_leads_are_kept_in_mind_than_there_is_room_for(waiting, monkeypatch):
    monkeypatch.setattr(waiting_leads, "_MAX", 5)
    waiting.sent("m4", ["eve", "fay"])
    assert waiting.oldest("m1") == {"ada", "bob", "cid", "dan"}
