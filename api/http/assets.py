"""Files that are served as they are from memory: entity tags, compressed once, large ones in pieces."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import AsyncIterator, Mapping

from litestar import Response
from litestar.response import Stream
from msgspec import Struct

from api.http.parameters import HttpRequest

__all__ = ["Asset", "asset", "serve"]

_PIECE_BYTES = 64 * 1024
"""Of a large file; a client that does not read holds two of them."""
_MAX_WHOLE_BYTES = 2 * _PIECE_BYTES


class Asset(Struct, frozen=True):
    """A file that is served as it is. The entity tag changes with its content; `compressed` is empty or gzip."""

    content: bytes
    media_type: str
    etag: str
    compressed: bytes = b""


def asset(content: bytes, media_type: str, *, compress: bool = False) -> Asset:
    """The file; `compress` makes its gzip form here, once, with no time in it."""
    tag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    return Asset(content, media_type, tag, gzip.compress(content, 9, mtime=0) if compress else b"")


def serve(
    request: HttpRequest, file: Asset, headers: Mapping[str, str] | None = None
) -> Response[bytes] | Stream:
    """The file, or 304 for a client that has it. Without other `headers`, clients ask each time."""
    sent = {"Cache-Control": "no-cache", **(headers or {}), "ETag": file.etag}
    content = file.content
    if file.compressed:
        sent["Vary"] = "Accept-Encoding"
        if _takes_gzip(request.headers.get("accept-encoding", "")):
            content, sent["Content-Encoding"] = file.compressed, "gzip"
            # The weak form: the same file in another encoding has other bytes (RFC 9110, section 8.8.3.3).
            sent["ETag"] = f"W/{file.etag}"
    if file.etag in request.headers.get("if-none-match", ""):
        sent.pop("Content-Encoding", None)
        return Response(b"", status_code=304, headers=sent)
    if len(content) <= _MAX_WHOLE_BYTES:
        return Response(content, media_type=file.media_type, headers=sent)
    sent["Content-Length"] = str(len(content))
    return Stream(_pieces(content), media_type=file.media_type, headers=sent)


def _takes_gzip(accepted: str) -> bool:
    """Whether `Accept-Encoding` names gzip without refusing it by a weight of zero."""
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "").rstrip("0").rstrip(".") not in ("q=", "q=0")
    return False


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), _PIECE_BYTES):
        yield content[at : at + _PIECE_BYTES]
