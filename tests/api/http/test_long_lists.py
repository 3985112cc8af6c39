"""Lists in bodies: their length is checked before their items, which takes time and memory for each of them."""

from __future__ import annotations

import json

import pytest

import api.app  # noqa: F401 - every body is defined
from api.access.key_bodies import CreateKey
from api.http.json_body import JsonBody
from domain.errors import Invalid
from tests.growth import assert_linear


def arrays(schema):
    """Every list in a schema, however deep."""
    if isinstance(schema, dict):
        if schema.get("type") == "array":
            yield schema
        for inner in schema.values():
            yield from arrays(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from arrays(inner)


@pytest.mark.parametrize("kind", JsonBody.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_list_of_every_body_has_a_length_and_a_longer_one_is_one_fault(kind):
    schema = kind.model_json_schema()
    assert all("maxItems" in one for one in arrays(schema))
    for name, field in schema["properties"].items():
        for array in arrays(field):
            with pytest.raises(Invalid) as refused:
                kind.decode(json.dumps({name: [1] * (array["maxItems"] + 1)}).encode())
            (fault,) = refused.value.faults
            assert (fault.pointer, "at most" in fault.detail) == (f"/{name}", True)


def test_a_body_of_wrong_items_takes_linear_time():
    def decode(items):
        with pytest.raises(Invalid):
            CreateKey.decode(b'{"name": "x", "scopes": [%b]}' % items.encode())

    assert_linear(decode, lambda length: ",".join("1" * length))
