"""Content negotiation of ingest requests: media types, `Content-Encoding: gzip`, and `Prefer: handling=lenient`."""

from __future__ import annotations

import zlib

from api.http.bodies import MAX_BODY_BYTES, require_body, too_large
from api.http.parameters import HttpRequest, parse_time
from domain.errors import Fault, Invalid
from domain.instant import Millis

__all__ = ["LENIENT", "gunzip", "plain_body", "prefers_lenient", "require_events", "sent_time"]

LENIENT = "handling=lenient"
"""The preference (RFC 7240) for the sound events of a batch to be stored, whatever becomes of the others."""
_MEDIA_TYPES = ("application/json", "text/plain")
"""Web pages send JSON as `text/plain` with `navigator.sendBeacon`, which may set no header."""
_GZIP = ("gzip", "x-gzip")
_MAX_MEMBERS = 100
"""Parts of a compressed body: each costs a copy of all that follow."""
_WITH_GZIP_HEADER = 31


def require_events(request: HttpRequest) -> None:
    """Raises `ProblemError` 415 for a body that cannot hold events, by its headers."""
    require_body(request, _MEDIA_TYPES, _GZIP)


async def plain_body(request: HttpRequest) -> bytes:
    """The body of a request, decompressed. Raises `ProblemError` 413 if it is too large then, `Invalid` if damaged."""
    body = await request.body()
    if request.headers.get("content-encoding", "").strip().lower() in _GZIP:
        return gunzip(body)
    return body


def gunzip(compressed: bytes, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """The content of a gzip body; no more than `max_bytes` of it are ever in memory."""
    content = bytearray()
    for _ in range(_MAX_MEMBERS):
        inflater = zlib.decompressobj(wbits=_WITH_GZIP_HEADER)
        try:
            content += inflater.decompress(compressed, max_bytes + 1 - len(content))
        except zlib.error:
            raise _not_gzip("it is damaged, or not gzip at all") from None
        if len(content) > max_bytes:
            raise too_large(max_bytes)
        if not inflater.eof:
            raise _not_gzip("it ends early")
        compressed = inflater.unused_data
        if not compressed.strip(b"\0"):
            return bytes(content)
    raise _not_gzip(f"it has more than {_MAX_MEMBERS} parts")


def prefers_lenient(request: HttpRequest) -> bool:
    """Whether the request prefers lenient handling; of several such preferences the first one counts."""
    for header in request.headers.getall("prefer", []):
        for preference in header.split(","):
            name, _, value = preference.partition(";")[0].partition("=")
            if name.strip().lower() == "handling":
                return value.strip().strip('"').lower() == "lenient"
    return False


def sent_time(request: HttpRequest) -> Millis | None:
    """When the request was sent, by the sender's clock, if `Sent-At` says it. Raises `Invalid` for what is no time."""
    given = request.headers.get("sent-at")
    try:
        return parse_time(given, "Sent-At")
    except Invalid:
        detail = "write RFC 3339 with an offset, such as 2026-11-22T12:00:00Z, or leave the header out"
        raise Invalid("A header is wrong; nothing was stored.", (Fault("Sent-At", detail),)) from None


def _not_gzip(detail: str) -> Invalid:
    return Invalid("The body cannot be decompressed.", (Fault("", detail),))
