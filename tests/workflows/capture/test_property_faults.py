"""Properties that the store cannot hold are faults, each by its pointer; the quick look misses none and adds none."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.capture.property_faults import property_faults

NUMBERS = st.sampled_from(
    [0, 1.5, True, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**400, 1e300, math.inf, -math.inf]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=2) | NUMBERS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "", "b c", "\0"]), inner)
    ),
    max_leaves=15,
)


def wrong_places(value, depth=1):
    if isinstance(value, dict | list):
        if depth > 16:
            return 1
        names = [name for name in value if isinstance(value, dict) and (not name or "\0" in name)]
        inner = value.values() if isinstance(value, dict) else value
        return len(names) + sum(wrong_places(one, depth + 1) for one in inner)
    if isinstance(value, float):
        return int(math.isinf(value))
    return int(isinstance(value, int) and not -(2**63) <= value < 2**63)


@given(st.dictionaries(st.sampled_from(["a", "b", ""]), VALUES))
def test_every_fault_is_found_and_no_other(properties):
    assert len(list(property_faults(properties, ""))) == wrong_places(properties)


@pytest.mark.parametrize(("levels", "faults"), [(15, 0), (16, 1)])
def test_lists_may_be_nested_to_sixteen_levels(levels, faults):
    value = []
    for _ in range(levels - 1):
        value = [value]
    assert len(list(property_faults({"a": value}, ""))) == faults


def test_the_pointer_names_the_place():
    (fault,) = property_faults({"a": [1, {"b/c": 2**63}]}, "/3/properties")
    assert fault.pointer == "/3/properties/a/1/b~1c"
