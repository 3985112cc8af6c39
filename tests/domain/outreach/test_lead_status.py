"""The status of a lead in outreach, folded from messages and outcome."""

from __future__ import annotations

import itertools

import pytest

from domain.leads.fold import fold
from domain.leads.state import initial_state
from domain.outreach.lead_status import lead_status
from tests.domain.conftest import HOUR, START


@pytest.fixture
def status(stream, classic):
    """The status after events of these types, an hour apart."""

    def make(*types):
        events = stream(*((kind, START + number * HOUR) for number, kind in enumerate(types)))
        state = fold(initial_state("lead-1", classic), events, classic).state
        found = lead_status(state.outcome, state.correspondence)
        return found.name, (found.at - START) // HOUR if found.at >= 0 else None, found.event_type

    return make


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (["signup"], ("new", None, "")),
        (["message.planned", "message.withheld", "message.failed"], ("new", None, "")),
        (["message.unknown", "call.attempted", "email.opened"], ("new", None, "")),
        (["signup", "message.sent", "message.sent"], ("contacted", 1, "message.sent")),
        (["call.logged"], ("contacted", 0, "call.logged")),
        (["message.sent", "message.received", "message.sent"], ("replied", 1, "message.received")),
        (["message.received"], ("replied", 0, "message.received")),
        (["message.sent", "email.auto_replied"], ("contacted", 0, "message.sent")),
        (["message.sent", "deal.won"], ("converted", 1, "deal.won")),
        (["message.received", "deal.lost"], ("dead", 1, "deal.lost")),
        (["lead.disqualified", "message.received"], ("dead", 0, "lead.disqualified")),
        (["message.received", "deal.lost", "deal.reopened"], ("replied", 0, "message.received")),
        (["deal.lost", "deal.reopened"], ("new", None, "")),
    ],
)
def test_the_status_follows_from_messages_and_outcome(status, types, expected):
    assert status(*types) == expected


def test_a_reply_that_a_machine_wrote_is_none(event, classic):
    reply = event("message.received", properties={"automated": "scanner"})
    state = fold(initial_state("lead-1", classic), [reply], classic).state
    assert state.correspondence is None


def test_the_order_of_arrival_makes_no_difference(event, worker, classic):
    types = ("message.sent", "message.received", "call.logged", "page_view")
    facts = [(kind, START + number * HOUR) for number, kind in enumerate(types)]
    found = set()
    for order in itertools.permutations(facts):
        one = worker(classic)
        for position, (kind, at) in enumerate(order, 1):
            one.take([event(kind, at, position=position, received_at=START + 9 * HOUR)])
        found.add(one.state.correspondence)
    assert [one.contacted_at for one in found] == [START]
    assert [one.replied_by for one in found] == ["message.received"]
