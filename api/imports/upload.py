"""Upload of a file: the parts of a multipart form, or the body itself, written to disk as they arrive."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import Message
from http import HTTPStatus
from pathlib import Path

from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
)

from api.http.parameters import HttpRequest
from api.http.problems import ProblemError
from domain.errors import Fault, Invalid

__all__ = ["FILE_BODY", "MAX_BODY_BYTES", "Received", "file_body", "received"]

MAX_BODY_BYTES = 5_000_000_000
"""The framework's own limit; `IMPORT_MAX_MB` is checked while the file arrives."""
_RAW = {
    "text/csv": OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING)),
    "application/x-ndjson": OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING)),
}


def file_body(description: str, **fields: Schema) -> RequestBody:
    """The body of a call that takes a file: a form with `file` and these fields, or the file itself."""
    file = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
    form = Schema(type=OpenAPIType.OBJECT, required=["file"], properties={"file": file, **fields})
    content = {"multipart/form-data": OpenAPIMediaType(schema=form), **_RAW}
    return RequestBody(required=True, description=description, content=content)


FILE_BODY = file_body("A form with `file`; or the file itself, with `fileName` in the query.")

_MAX_FIELD_BYTES = 256 * 1024
"""Size of a field that is no file: a mapping has a few kilobytes."""
_MAX_PARTS = 20
_SUFFIXES = (".csv", ".tsv", ".txt", ".gz", ".zip", ".xlsx", ".ndjson", ".jsonl")
_BY_MEDIA_TYPE = {"application/x-ndjson": ".ndjson", "application/jsonl": ".jsonl"}
_MB = 1_000_000


class Received:
    """A file on disk, the name that it has at its sender, and the other fields of the form."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path: Path | None = None
        self.file_name = ""
        self.fields: dict[str, str] = {}

    def begin(self, file_name: str, media_type: str) -> Path:
        """Where a file of this name goes. Raises `Invalid` for a second one."""
        if self.path is not None:
            raise Invalid("The form has more than one file.", (Fault("/file", "send one file at a time"),))
        self.file_name = Path(file_name.replace("\\", "/")).name[:200] or "file"
        suffix = _BY_MEDIA_TYPE.get(media_type) or Path(self.file_name).suffix.lower()
        self.path = self._folder / f"rows{suffix if suffix in _SUFFIXES else '.csv'}"
        return self.path


@asynccontextmanager
async def received(request: HttpRequest, max_mb: int, file_name: str) -> AsyncIterator[Received]:
    """The upload, as long as the context is open. A body that is no form is the file itself, of this name.

    Raises `Invalid` for a damaged form or one without a file, and `ProblemError` 413 for more than `max_mb` MB.
    """
    with tempfile.TemporaryDirectory(prefix="lead-engine-upload-") as folder:
        upload, bound = Received(Path(folder)), _Bound(request, max_mb)
        content_type = Message()
        content_type["content-type"] = request.headers.get("content-type", "")
        media_type = content_type.get_content_type()
        if media_type == "multipart/form-data":
            try:
                await _read_form(upload, bound, str(content_type.get_param("boundary") or ""))
            except (MultipartError, ValueError) as error:
                raise Invalid("The form cannot be read.", (Fault("", str(error)),)) from None
        else:
            path = upload.begin(file_name, media_type)
            async for chunk in bound.chunks():
                await asyncio.to_thread(_append, path, chunk)
        if upload.path is None or not upload.path.exists():
            raise Invalid("There is no file.", (Fault("/file", "is required, and not empty"),))
        yield upload


class _Bound:
    """The body of a request in chunks, up to a size."""

    def __init__(self, request: HttpRequest, max_mb: int) -> None:
        self._request, self._max_mb = request, max_mb

    async def chunks(self) -> AsyncIterator[bytes]:
        """The chunks as they arrive. Raises `ProblemError` 413."""
        size = 0
        async for chunk in self._request.stream():
            size += len(chunk)
            if size > self._max_mb * _MB:
                detail = (
                    f"The file is larger than {self._max_mb} MB (IMPORT_MAX_MB); split it or compress it."
                )
                raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail)
            if chunk:
                yield chunk


async def _read_form(upload: Received, body: _Bound, boundary: str) -> None:
    parser = PushMultipartParser(boundary, max_segment_count=_MAX_PARTS)
    name, path, value = "", None, bytearray()
    with parser:
        async for chunk in body.chunks():
            for event in parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    name, path, value = event.name, None, bytearray()
                    if event.filename is not None or name == "file":
                        path = upload.begin(
                            event.filename or "file", (event.content_type or "").partition(";")[0]
                        )
                elif event is None:
                    if path is None:
                        upload.fields[name] = value.decode("utf-8", "replace")
                elif path is not None:
                    await asyncio.to_thread(_append, path, bytes(event))
                elif len(value) + len(event) > _MAX_FIELD_BYTES:
                    raise Invalid(
                        "A field is too long.",
                        (Fault(f"/{name}", f"has more than {_MAX_FIELD_BYTES} bytes"),),
                    )
                else:
                    value += event


def _append(path: Path, chunk: bytes) -> None:
    path.touch(mode=0o600)
    with path.open("ab") as file:
        file.write(chunk)
