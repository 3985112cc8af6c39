"""Requests that Schemathesis makes of the OpenAPI document, right and wrong ones, and answers held against it."""

from __future__ import annotations

import contextlib
import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_framework

_DOCUMENT = json.loads(json.dumps(create_framework(contextlib.nullcontext()).openapi_schema.to_schema()))
SCHEMA = schemathesis.openapi.from_dict(_DOCUMENT)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.mark.parametrize(
    ("method", "path"),
    [(method, path) for path, methods in _DOCUMENT["paths"].items() for method in methods],
)
@settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=HealthCheck)
@given(data=st.data())
def test_whatever_is_asked_the_answer_is_one_that_is_described(attacked, method, path, data):
    operation = SCHEMA[path][method]
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    case = data.draw(right if data.draw(st.booleans()) else wrong)
    if isinstance(case.query, dict):
        case.query.pop("after", None)  # it would wait five seconds for a position that never comes
    case.call_and_validate(
        base_url=attacked.url, headers={"x-api-key": attacked.key}, checks=CHECKS, timeout=10
    )
