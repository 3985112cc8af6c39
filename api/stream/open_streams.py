"""The open streams of this process, counted per caller and in all: each costs a connection for as long as it is open."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus

from api.http.problems import ProblemError

__all__ = ["OpenStreams"]

_RETRY_AFTER = (b"retry-after", b"30")


class OpenStreams:
    """At most `per_caller` streams of one caller and `in_all` of all of them."""

    def __init__(self, per_caller: int, in_all: int) -> None:
        self._per_caller = per_caller
        self._in_all = in_all
        self._open: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """The number of open streams."""
        return self._open.total()

    @contextlib.contextmanager
    def opened(self, caller: str) -> Iterator[None]:
        """Count one more while the context is open. Raises `ProblemError` 429 or 503 when there are too many."""
        if self._open[caller] >= self._per_caller:
            detail = f"This caller has {self._per_caller} open streams; close one first."
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, "too-many-streams", detail, [_RETRY_AFTER])
        if self.count >= self._in_all:
            detail = f"This process serves {self._in_all} streams, which is all it may."
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "too-many-streams", detail, [_RETRY_AFTER])
        self._open[caller] += 1
        try:
            yield
        finally:
            self._open[caller] -= 1
            self._open += Counter()  # drops callers without any
