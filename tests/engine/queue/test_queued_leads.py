"""Which leads count as queued, whichever message is the oldest in the queue."""

from __future__ import annotations

import pytest

from engine.queue import queued_leads as module
from engine.queue.queued_leads import QueuedLeads


@pytest.fixture
def queued():
    leads = QueuedLeads()
    leads.prune(None)
    for message_id, lead_ids in (("m1", ["ada", "bob"]), ("m2", ["cid"]), ("m3", ["dan"])):
        leads.added(message_id, lead_ids)
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
def test_the_leads_of_the_oldest_message_and_of_all_after_it_are_queued(queued, oldest, left):
    assert queued.prune(oldest) == left
    assert bool(queued) == bool(left)


def test_a_message_that_was_fetched_and_came_back_does_not_count(queued):
    queued.prune("m2")
    assert queued.prune("m1") == set()


def test_when_the_last_look_is_too_long_ago_nothing_counts_as_queued(queued, monkeypatch):
    monkeypatch.setattr(module, "_TRUSTED_SECONDS", -1.0)
    assert queued.prune("m1") == set()


def test_no_more_leads_are_remembered_than_there_is_room_for(queued, monkeypatch):
    monkeypatch.setattr(module, "_MAX_LEADS", 5)
    queued.added("m4", ["eve", "fay"])
    assert queued.prune("m1") == {"ada", "bob", "cid", "dan"}
