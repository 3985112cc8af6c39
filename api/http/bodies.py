"""JSON bodies of calls that change settings: strict decoding, with a pointer to every fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar, get_type_hints

import msgspec
from litestar.openapi.spec import OpenAPIMediaType, RequestBody
from msgspec import Struct

from api.http.parameters import HttpRequest
from api.http.problems import ProblemError
from domain.errors import Fault, Invalid

__all__ = ["decode_body", "decode_optional_body", "described_body", "require_json"]

S = TypeVar("S", bound=Struct)
Check = Callable[[Any], object]
"""Raises `Invalid` with what is wrong with a value that is of the right type."""

_MAX_FAULTS = 100


class _ChecksOfField(NamedTuple):
    value: Check | None
    item: Check | None


class _Checks(NamedTuple):
    """Checks of fields, and of the items of fields that are lists."""

    fields: Mapping[str, Check]
    items: Mapping[str, Check]

    def of(self, name: str) -> _ChecksOfField:
        return _ChecksOfField(self.fields.get(name), self.items.get(name))


def require_json(request: HttpRequest) -> None:
    """Refuse a body that says it is something else, or compressed."""
    given = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if given != "application/json":
        said = f"'{given}'" if given else "nothing"
        detail = f"Send Content-Type: application/json; the request says {said}."
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        detail = f"Send the body as it is; the request says Content-Encoding: {encoding}."
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)


async def decode_optional_body(request: HttpRequest, kind: type[S]) -> S:
    """The body as a struct; without a body, the struct that says nothing. Raises as the two calls above and below."""
    raw = await request.body()
    if not raw:
        return kind()
    require_json(request)
    return decode_body(raw, kind)


def decode_body(
    raw: bytes,
    kind: type[S],
    checks: Mapping[str, Check] | None = None,
    *,
    each: Mapping[str, Check] | None = None,
) -> S:
    """The body as a struct whose fields also pass their checks, and the items of lists those of `each`.

    Raises `Invalid` with every fault.
    """
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("The body is not JSON.", (Fault("", str(error)),)) from error
    if not isinstance(body, dict):
        raise Invalid("The body is wrong.", (Fault("", "must be an object"),))
    good: dict[str, Any] = {}
    faults = tuple(_faults(body, kind, _Checks(checks or {}, each or {}), good))
    if faults:
        raise Invalid("Some fields are wrong; nothing was changed.", faults[:_MAX_FAULTS])
    return kind(**good)


def described_body(kind: type[Struct], example: dict[str, object], *, required: bool = True) -> RequestBody:
    """The body as the OpenAPI document shows it; the calls take it raw and decode it strictly."""
    _, schemas = msgspec.json.schema_components([kind], ref_template="{name}")
    shown = OpenAPIMediaType(schema={**schemas[kind.__name__], "examples": [example]})  # type: ignore[arg-type]
    return RequestBody(required=required, content={"application/json": shown})


def _faults(body: dict[str, Any], kind: type[S], checks: _Checks, good: dict[str, Any]) -> Iterator[Fault]:
    """Every fault; the fields without one go into `good`."""
    hints = get_type_hints(kind, include_extras=True)
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, field in fields.items():
        if name in body:
            found = tuple(_value_faults(body[name], hints[field.name], checks.of(name), f"/{name}"))
            if not found:
                good[field.name] = msgspec.convert(body[name], hints[field.name])
            yield from found
        elif field.required:
            yield Fault(f"/{name}", "is required")
    for name in body:
        if name not in fields:
            yield Fault(f"/{_escaped(name)}", f"is not a field of this call, which has {', '.join(fields)}")


def _value_faults(value: object, hint: Any, checks: _ChecksOfField, pointer: str) -> Iterator[Fault]:
    """Faults of each item of a list, or else the first fault of the value."""
    items = list(enumerate(value)) if isinstance(value, list) else []
    found = [(index, fault) for index, item in items if (fault := _fault([item], hint))]
    found = found or [(index, fault) for index, item in items if (fault := _checked(item, checks.item))]
    for index, fault in found:
        yield Fault(f"{pointer}/{index}", fault)
    if not found and (fault := _fault(value, hint) or _checked(value, checks.value)):
        yield Fault(pointer, fault)


def _checked(value: object, check: Check | None) -> str:
    try:
        if check:
            check(value)
    except Invalid as error:
        return error.message
    return ""


def _fault(value: object, hint: Any) -> str:
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        return str(error).partition(" - at ")[0]
    return ""


def _escaped(key: str) -> str:
    """A key in a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
