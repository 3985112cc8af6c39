"""JSON bodies of calls that change settings: strict pydantic models, with a JSON pointer to every fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic_core import from_json

from api.http.bodies import require_json
from api.http.parameters import HttpRequest
from domain.errors import Fault, Invalid, json_pointer
from workflows.capture.container_limit import container_fault

__all__ = ["JsonBody", "checked_by", "read_json_body"]

_MAX_FAULTS = 100
_LARGE_BYTES = 64 * 1024
_MAX_CONTAINERS = 20_000
"""Lists and objects of one body, which no call needs: decoding a million keeps everybody waiting."""

T = TypeVar("T")


class JsonBody(BaseModel):
    """A body: camelCase names, no unknown ones, and no value that would have to be converted."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        allow_inf_nan=False,
        extra="forbid",
        frozen=True,
        regex_engine="python-re",
        strict=True,
    )

    @classmethod
    def decode(cls, raw: bytes, context: object = None) -> Self:
        """The body in these bytes; `context` is for the checks of its fields.

        Raises `Invalid` with every fault, up to 100.
        """
        if fault := container_fault(raw, _MAX_CONTAINERS):
            raise _invalid((fault,))
        try:
            fields = from_json(raw)
        except ValueError as error:
            raise Invalid("The body is not JSON.", (Fault("", str(error)),)) from None
        if faults := tuple(cls._long_lists(fields)):
            raise _invalid(faults)
        unknown = islice(cls.unknown_fields(fields), _MAX_FAULTS)
        try:
            body = cls.model_validate_json(raw, context=context, extra="ignore")
        except ValidationError as error:
            raise _invalid((*_faults(error), *unknown)) from None
        if faults := tuple(unknown):
            raise _invalid(faults)
        return body

    @classmethod
    def unknown_fields(cls, fields: object, *path: str) -> Iterator[Fault]:
        """Unknown names here and in nested bodies. Found here, for pydantic takes a kilobyte for each of them."""
        known = {str(field.alias): field for field in cls.model_fields.values()}
        of = "field of this call" if not path else f"field of {path[-1]}"
        for name, value in fields.items() if isinstance(fields, dict) else ():
            if name in known:
                for nested in _nested_bodies(known[name]):
                    yield from nested.unknown_fields(value, *path, name)
            elif cls.model_config.get("extra") == "forbid":
                yield Fault(json_pointer(*path, name), f"is not a {of}, which has {', '.join(known)}")

    @classmethod
    def _long_lists(cls, fields: object) -> Iterator[Fault]:
        """Lists with too many items: pydantic would look at every item first, and describe its faults."""
        for name, most in _max_items(cls).items():
            given = fields.get(name) if isinstance(fields, dict) else None
            if isinstance(given, list) and len(given) > most:
                yield Fault(json_pointer(name), f"has {len(given)} items; at most {most} are allowed")


def _nested_bodies(field: FieldInfo) -> Iterator[type[JsonBody]]:
    """The body that is the value of a field, if it is one."""
    for one in (field.annotation, *get_args(field.annotation)):
        if isinstance(one, type) and issubclass(one, JsonBody):
            yield one


@cache
def _max_items(kind: type[JsonBody]) -> dict[str, int]:
    """The most items of each list, by the name of its field."""
    found: dict[str, int] = {}
    for name, schema in kind.model_json_schema()["properties"].items():
        for option in (schema, *schema.get("anyOf", ())):
            if "maxItems" in option:
                found[name] = option["maxItems"]
    return found


def _faults(error: ValidationError) -> Iterator[Fault]:
    for one in error.errors(include_url=False, include_input=False):
        detail = str(one["ctx"]["error"]) if one["type"] == "value_error" else one["msg"]
        yield Fault(json_pointer(*one["loc"]), detail)


def _invalid(faults: tuple[Fault, ...]) -> Invalid:
    return Invalid("Some fields are wrong; nothing was changed.", faults[:_MAX_FAULTS])


B = TypeVar("B", bound=JsonBody)


async def read_json_body(
    request: HttpRequest, kind: type[B], context: object = None, *, optional: bool = False
) -> B:
    """The body of the request; if it is optional and empty, one of defaults.

    Raises `ProblemError` 415 for another media type, and `Invalid` with every fault.
    """
    raw = await request.body()
    if optional and not raw:
        return kind()
    require_json(request)
    if len(raw) <= _LARGE_BYTES:
        return kind.decode(raw, context)
    async with request.app.state.runtime.capture.large_bodies:  # one per turn of the loop
        return kind.decode(raw, context)


def checked_by(check: Callable[[T], object]) -> Callable[[T], T]:
    """A validator of pydantic from a check that raises `Invalid`; its message is the detail of the fault."""

    def validate(value: T) -> T:
        try:
            check(value)
        except Invalid as error:
            raise ValueError(error.message) from error
        return value

    return validate
