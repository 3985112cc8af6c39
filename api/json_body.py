"""JSON bodies of calls that change settings: strict decoding, with a pointer to every fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, TypeVar, get_type_hints

import msgspec
from msgspec import Struct

from api.parameters import HttpRequest
from api.problems import ProblemError
from domain.errors import Fault, Invalid

__all__ = ["decode_body", "require_json"]

S = TypeVar("S", bound=Struct)
Check = Callable[[Any], object]
"""Raises `Invalid` with what is wrong with a value that is of the right type."""

_MOST_FAULTS = 100


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


def decode_body(raw: bytes, kind: type[S], checks: Mapping[str, Check] | None = None) -> S:
    """The body as a struct whose fields also pass their checks. Raises `Invalid` with every fault."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("The body is not JSON.", (Fault("", str(error)),)) from error
    if not isinstance(body, dict):
        raise Invalid("The body is wrong.", (Fault("", "must be an object"),))
    good: dict[str, Any] = {}
    faults = tuple(_faults(body, kind, checks or {}, good))
    if faults:
        raise Invalid("Some fields are wrong; nothing was changed.", faults[:_MOST_FAULTS])
    return kind(**good)


def _faults(
    body: dict[str, Any], kind: type[S], checks: Mapping[str, Check], good: dict[str, Any]
) -> Iterator[Fault]:
    """Every fault; the fields without one go into `good`."""
    hints = get_type_hints(kind, include_extras=True)
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, field in fields.items():
        if name in body:
            found = tuple(_value_faults(body[name], hints[field.name], checks.get(name), f"/{name}"))
            if not found:
                good[field.name] = msgspec.convert(body[name], hints[field.name])
            yield from found
        elif field.required:
            yield Fault(f"/{name}", "is required")
    for name in body:
        if name not in fields:
            yield Fault(f"/{_escaped(name)}", f"is not a field of this call, which has {', '.join(fields)}")


def _value_faults(value: object, hint: Any, check: Check | None, pointer: str) -> Iterator[Fault]:
    """Faults of each item of a list, or else the first fault of the value."""
    items = enumerate(value) if isinstance(value, list) else ()
    found = [(index, fault) for index, item in items if (fault := _fault([item], hint))]
    for index, fault in found:
        yield Fault(f"{pointer}/{index}", fault)
    if found:
        return
    if fault := _fault(value, hint):
        yield Fault(pointer, fault)
    elif check:
        try:
            check(value)
        except Invalid as error:
            yield Fault(pointer, error.message)


def _fault(value: object, hint: Any) -> str:
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        return str(error).partition(" - at ")[0]
    return ""


def _escaped(key: str) -> str:
    """A key in a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
