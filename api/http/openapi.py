"""Request bodies in the OpenAPI document: handlers read them raw, so Litestar cannot describe them by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody
from pydantic.json_schema import GenerateJsonSchema

from api.http.json_body import JsonBody

__all__ = ["json_request_body", "operation_with_body"]


class _Untitled(GenerateJsonSchema):
    """Titles would only repeat the names of the fields."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002
        return False


def operation_with_body(body: RequestBody) -> type[Operation]:
    """The class for a handler's `operation_class`."""

    @dataclass
    class OperationWithBody(Operation):
        def __post_init__(self) -> None:
            self.request_body = body

    return OperationWithBody


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema with nested models in place of references to them, which would lead nowhere in the document."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
        return {name: _inlined(value, definitions) for name, value in schema.items()}
    return [_inlined(one, definitions) for one in schema] if isinstance(schema, list) else schema


def json_request_body(
    kind: type[JsonBody], example: Mapping[str, object], *, required: bool = True
) -> RequestBody:
    """The description of a JSON body of this model."""
    schema = kind.model_json_schema(schema_generator=_Untitled)
    definitions = schema.pop("$defs", {})
    schema = _inlined(schema, definitions)
    media_type = OpenAPIMediaType(schema={**schema, "examples": [dict(example)]})  # type: ignore[arg-type]
    return RequestBody(required=required, content={"application/json": media_type})
