"""Limits of responses that go on for long, such as streams and exports: per caller, and of all callers together.

Each costs a connection, and what it reads, for as long as it is open; requests per second do not bound that.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from http import HTTPStatus

from litestar.types import ASGIApp, Receive, Scope, Send

from api.http.problems import ProblemError
from engine.access.principal import Principal

__all__ = ["CountedResponse", "LongResponses"]

_RETRY_AFTER = (b"retry-after", b"30")


class LongResponses:
    """The open responses of one kind in this process: at most `per_caller` of one caller and `in_all` of all of them."""

    def __init__(self, kind: str, per_caller: int, in_all: int) -> None:
        self._kind = kind
        self._per_caller = per_caller
        self._in_all = in_all
        self._open: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """The number that are open."""
        return self._open.total()

    @contextlib.contextmanager
    def opened(self, caller: Principal) -> Iterator[None]:
        """Count one more while the context is open. Raises `ProblemError` 429 or 503 when there are too many."""
        key, code = f"{caller.kind} {caller.id}", f"too-many-{self._kind}"
        if self._open[key] >= self._per_caller:
            detail = f"This caller has {self._per_caller} open {self._kind}; let one end first."
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, code, detail, [_RETRY_AFTER])
        if self.count >= self._in_all:
            detail = f"This process serves {self._in_all} {self._kind}, which is all it may."
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, code, detail, [_RETRY_AFTER])
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            self._open += Counter()  # drops callers without any


class CountedResponse:
    """An ASGI response that is counted from before it begins until it was sent or broke off."""

    def __init__(
        self, counted: AbstractContextManager[None], begin: Callable[[], Awaitable[ASGIApp]]
    ) -> None:
        self._counted = counted
        self._begin = begin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin and send the response. Raises `ProblemError` when there are too many, and what `begin` raises."""
        with self._counted:
            response = await self._begin()
            await response(scope, receive, send)
