"""Errors of the engine: few kinds, built from typed fields. Only `api/` maps them to HTTP, only `jobs/` to retries."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Blocked",
    "Conflict",
    "Fault",
    "Invalid",
    "LeadEngineError",
    "NotFound",
    "TextPlace",
    "Unavailable",
    "json_pointer",
]


@dataclass(frozen=True)
class TextPlace:
    """A place in a text: line and column from 1, and the field that stands there; empty if it is none."""

    line: int
    column: int
    field: str = ""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an input: where (a JSON pointer, or line and field) and what to do about it.

    `place` is there for texts that a person edits.
    """

    pointer: str
    detail: str
    place: TextPlace | None = None

    def __str__(self) -> str:
        return f"{self.pointer}: {self.detail}" if self.pointer else self.detail


def json_pointer(*steps: object) -> str:
    """The place in a JSON document (RFC 6901) that these keys and indexes lead to; none: the whole document."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


class LeadEngineError(Exception):
    """The root of everything the engine raises on purpose."""

    code = "error"


class Invalid(LeadEngineError):
    """The input can never be accepted as it is; `faults` names each field and what is wrong with it."""

    code = "invalid"

    def __init__(self, message: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {fault}" for fault in self.faults)])


class NotFound(LeadEngineError):
    """The thing asked for does not exist."""

    code = "not-found"

    def __init__(self, kind: str, identity: str, detail: str = "") -> None:
        super().__init__(detail or f"There is no {kind} '{identity}'.")
        self.kind = kind
        self.identity = identity


class Conflict(LeadEngineError):
    """The request contradicts what is already stored."""

    code = "conflict"


class Blocked(LeadEngineError):
    """The lead was erased and blocked: nothing of it is taken until the block is lifted."""

    code = "lead-blocked"


class Unavailable(LeadEngineError):
    """The engine cannot answer now; the same request is safe to repeat after `retry_after` seconds."""

    code = "unavailable"

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after
