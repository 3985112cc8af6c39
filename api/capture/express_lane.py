"""The express lane of POST /api/events: what nearly every request looks like, taken in without the framework.

To take in an event costs less than a server's request, the framework's and its response. So what is plain, JSON of a
known length from somebody who was let in a moment ago, goes this way. All that needs a closer look is handed on to the
framework and its handler, which do the same in full, and so is what went wrong here: what becomes of an error is the
framework's to say.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import NamedTuple

from litestar.types import HTTPScope

from api.access.credentials import shown_in
from api.access.guard import AUTHENTICATED, Authenticator
from api.access.throttle import Told
from api.capture.events import MAX_BYTES, answer_to, begin_to_take_in
from api.capture.known_heads import Fields, KnownHeads
from api.http.request_ids import NAMED, RequestIds
from engine.capture.appender import Appended
from engine.process.log_context import request_id
from engine.runtime import Runtime

__all__ = ["TARGET", "ExpressLane", "Taken"]

TARGET = b"/api/events"
"""Path and query of what may go by the lane."""
_MAX_DIGITS = len(str(MAX_BYTES))
_PLAIN_HOST = re.compile(rb"[0-9A-Za-z.:\[\]-]*")
"""Names and addresses. The framework refuses some of what is neither."""
_NOT_PLAIN = frozenset({b"content-encoding", b"expect", b"origin", b"upgrade"})


class Taken(NamedTuple):
    """A request that has been let in and waits for its events to be durable."""

    stored: asyncio.Future[list[Appended]]
    single: bool
    name: bytes
    told: Told

    def answer(self) -> bytes:
        """The body of the answer, once the events are stored. Raises what the handler would."""
        return answer_to(self.stored.result(), single=self.single)


class ExpressLane:
    """One for the whole application; it is open while there is a `runtime`."""

    def __init__(self, guard: Authenticator, ids: RequestIds) -> None:
        self._guard = guard
        self._ids = ids
        self.heads = KnownHeads()
        self.runtime: Runtime | None = None

    def fields_of(self, target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> Fields | None:
        """The headers of a POST, if nothing is there that the handler might refuse before it reads the body."""
        if target != TARGET or self.runtime is None:
            return None
        fields = dict(headers)
        length = fields.get(b"content-length", b"")
        is_plain = (
            fields.get(b"content-type") == b"application/json"
            and length.isdigit()
            and len(length) <= _MAX_DIGITS
            and int(length) <= MAX_BYTES
            and len(fields) == len(headers)
            and _NOT_PLAIN.isdisjoint(fields)
            and _PLAIN_HOST.fullmatch(fields.get(b"host", b"")) is not None
        )
        return fields if is_plain else None

    def take(self, scope: HTTPScope, fields: Fields, body: bytes | bytearray) -> Taken | None:
        """Begin to take in a plain request. None if it is not decided at once whether it may come in.

        Raises what is wrong with the request; it has been counted at the door then, and the scope says so.
        """
        runtime, shown = self.runtime, shown_in(fields)
        told = shown and self._guard.authenticate_cached(scope, shown, "ingest")
        if not runtime or not told:
            return None
        scope[AUTHENTICATED] = told  # type: ignore[literal-required]
        name = scope[NAMED] = self._ids.named(fields.get(b"x-request-id"))  # type: ignore[literal-required]
        token = request_id.set(name.decode())
        try:
            stored, single = begin_to_take_in(runtime, body)
        finally:
            request_id.reset(token)
        return Taken(stored, single, name, told)
