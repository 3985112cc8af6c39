"""Reasons against sending: an opt-out that is only suspected ends what nobody has judged."""

from __future__ import annotations

import pytest

from domain.events.event import ENGINE_SOURCE, Event
from domain.events.vocabulary import REPLY_CLASSIFIED
from domain.outreach.withhold import SendingFacts, reasons_to_withhold
from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.library import load_rulebook

READ_AT = 7
RULES = compile_rulebook(load_rulebook("classic")).contact


def reading(**properties):
    return Event(
        position=READ_AT,
        event_id="reading",
        lead_id="ada",
        type=REPLY_CLASSIFIED,
        occurred_at=0,
        received_at=0,
        source=ENGINE_SOURCE,
        properties={"replyId": "reply", **properties},
    )


CLEAR = {"intent": "unsubscribe"}
SUSPECTED = {"intent": "interested", "suspectedOptOut": 0.25}
SUSPECTED_BEFORE = {"intent": "unsubscribe", "suspected": True}
"""As releases up to 0.6.0 stored it."""


@pytest.mark.parametrize(
    ("read", "by_reader", "planned", "withheld"),
    [
        (SUSPECTED, True, READ_AT + 1, []),
        (SUSPECTED, True, READ_AT - 1, ["opted-out"]),  # written before it could be seen
        (SUSPECTED, False, READ_AT + 1, ["opted-out"]),  # by a rule, which has read nothing
        (SUSPECTED_BEFORE, True, READ_AT + 1, []),
        (SUSPECTED_BEFORE, False, READ_AT + 1, ["opted-out"]),
        (CLEAR, True, READ_AT + 1, ["opted-out"]),  # a clear one is not for anybody to judge
        ({"intent": "interested"}, False, READ_AT + 1, []),
    ],
)
def test_a_suspected_opt_out_ends_what_nobody_has_judged(read, by_reader, planned, withheld):
    facts = SendingFacts(
        channel="email",
        at=0,
        stream=[reading(**read)],
        planned_position=planned,
        by_reader=by_reader,
    )
    assert [one.code for one in reasons_to_withhold(facts, RULES)] == withheld
