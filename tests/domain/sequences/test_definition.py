"""Definitions of sequences: what is refused, at which line and field, and with which advice."""

from __future__ import annotations

import pytest

from domain.errors import Invalid
from domain.sequences.loader import parse_sequence
from domain.sequences.merge_fields import fill_in

END = "steps: [{end: x}]"


def refused(text):
    with pytest.raises(Invalid) as refusal:
        parse_sequence(text)
    return [(fault.place.line, fault.place.field, fault.detail) for fault in refusal.value.faults]


@pytest.mark.parametrize(
    ("rest", "line", "field", "detail"),
    [
        ("steps: []", 3, "steps", "at least 1 item"),
        ("steps: [{sned: email}]", 3, "steps[1].sned", "did you mean 'send'"),
        (
            "steps: [{send: pigeon, text: T}]",
            3,
            "steps[1].send",
            "write one of 'email', 'whatsapp' or 'linkedin'",
        ),
        ("steps: [{send: email, subject: S}]", 3, "steps[1]", "has nothing to say"),
        ("steps: [{send: email, text: T}]", 3, "steps[1]", "without a subject"),
        ("steps: [{wait: {days: 1}, task: Call}]", 3, "steps[1]", "say exactly one of send, wait"),
        ("steps: [{wait: {}}]", 3, "steps[1].wait", "say at least one of days, hours, minutes"),
        ("steps: [{wait: {days: -1}}]", 3, "steps[1].wait.days", "greater than or equal to 0"),
        ("steps: [{branch: [{then: [{end: x}]}]}]", 3, "steps[1].branch[1]", "asks for nothing"),
        ("steps:\n- {id: a, end: x}\n- {id: a, end: x}", 5, "steps[2]", "two steps are called 'a'"),
        (f"window: {{opens: 17:00, closes: 09:00}}\n{END}", 3, "window", "closes at 09:00, not after"),
        (f"window: {{holidays: Atlantis}}\n{END}", 3, "window.holidays", "is no country"),
        (f"timezone: Mars\n{END}", 3, "timezone", "is no time zone"),
        (f"holdout: 120\n{END}", 3, "holdout", "less than or equal to 100"),
        (f"stop: [reply]\n{END}", 3, "stop", "lacks opt-out"),
        ("steps: [{send: whatsapp, text: 'Hi {{name}}'}]", 3, "steps[1].text", "needs a text for leads"),
        ("steps: [{send: whatsapp, text: 'Hi {{na me|x}}'}]", 3, "steps[1].text", "are no field"),
    ],
)
def test_a_mistake_is_said_with_its_line_its_field_and_what_to_write(rest, line, field, detail):
    (fault,) = refused(f"name: a\nversion: 1\n{rest}")
    assert fault[:2] == (line, field)
    assert detail in fault[2]


def test_a_mistake_in_a_step_does_not_also_make_its_list_too_short():
    assert len(refused("name: a\nversion: 1\nsteps: [{wait: {days: x}}]")) == 1


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({}, "Hello there!"),
        ({"firstName": "Ada"}, "Hello Ada!"),
        ({"firstName": ""}, "Hello there!"),
        ({"firstName": None}, "Hello there!"),
        ({"firstName": True}, "Hello there!"),
        ({"firstName": "Ada\r\nBcc: all"}, "Hello Ada Bcc: all!"),
        ({"firstName": "{{company|x}}", "company": "ACME"}, "Hello {{company|x}}!"),
        ({"firstName": "x" * 201}, "Hello there!"),
        ({"firstName": 7}, "Hello 7!"),
    ],
)
def test_a_field_is_the_attribute_or_its_fallback_and_never_more_than_a_line(attributes, text):
    assert fill_in("Hello {{firstName|there}}!", attributes) == text
