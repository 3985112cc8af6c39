"""JSON bodies of calls that change settings: strict pydantic models, with a JSON pointer to every fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from api.http.bodies import require_json
from api.http.parameters import HttpRequest
from domain.errors import Fault, Invalid, json_pointer

__all__ = ["JsonBody", "checked_by", "read_json_body"]

_MAX_FAULTS = 100

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
        """The body in these bytes; `context` is for the checks of its fields. Raises `Invalid` with every fault."""
        try:
            return cls.model_validate_json(raw, context=context)
        except ValidationError as error:
            raise cls._invalid(error) from None

    @classmethod
    def _invalid(cls, error: ValidationError) -> Invalid:
        found = error.errors(include_url=False, include_input=False)[:_MAX_FAULTS]
        if found[0]["type"] == "json_invalid":
            return Invalid("The body is not JSON.", (Fault("", found[0]["msg"]),))
        faults = (Fault(json_pointer(*one["loc"]), cls._detail(one)) for one in found)
        return Invalid("Some fields are wrong; nothing was changed.", tuple(faults))

    @classmethod
    def _detail(cls, fault: Any) -> str:
        match fault["type"]:
            case "extra_forbidden":
                names = ", ".join(str(field.alias) for field in cls.model_fields.values())
                return f"is not a field of this call, which has {names}"
            case "value_error":
                return str(fault["ctx"]["error"])
        return str(fault["msg"])


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
