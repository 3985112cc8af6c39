"""A body with too many lists and objects is refused before it is decoded; brackets in its texts do not count."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from workflows.capture.container_limit import MAX_CONTAINERS, container_fault
from workflows.capture.decode import decode_events
from workflows.capture.decode_each import decode_each

TEXTS = st.text(alphabet='[]{}",:\\ nx')
VALUES = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


def containers(value):
    if isinstance(value, dict):
        return 1 + sum(map(containers, value.values()))
    return 1 + sum(map(containers, value)) if isinstance(value, list) else 0


@given(VALUES)
def test_lists_and_objects_are_counted_and_texts_are_not(value):
    raw = json.dumps(value).encode()
    number = containers(value)
    assert container_fault(raw, number) is None
    if number:
        assert container_fault(raw, number - 1)


@pytest.mark.parametrize("raw", [b'"', b'["', b"\\", b'[\\"[', b'["\\', b"]" * 9, b'{"a":"[[[\\'])
def test_what_is_no_json_is_no_error_here(raw):
    container_fault(raw, 0)


@pytest.mark.parametrize("decode", [decode_events, decode_each])
def test_one_list_too_many_is_a_fault_and_one_less_is_none(decode):
    def body(inside):
        properties = [{"a": [[]] * 9_997}] * 4 + [{"a": [[]] * inside}]
        return json.dumps([{"leadId": "l", "type": "x", "properties": one} for one in properties]).encode()

    most = MAX_CONTAINERS - 1 - 4 * 10_000 - 3
    decode(body(most))
    with pytest.raises(Invalid) as refused:
        decode(body(most + 1))
    assert [fault.detail for fault in refused.value.faults] == ["has more than 50,000 lists and objects"]


def test_text_full_of_brackets_is_taken():
    events = [{"leadId": "l", "type": "x", "properties": {"text": "[{" * 15_000}}] * 30
    assert len(decode_events(json.dumps(events).encode())[0]) == 30
