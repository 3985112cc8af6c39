"""The fields of forms, urlencoded and multipart, as UTF-8 or as each field says.

Files are left out; their names are all that is kept of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from domain.errors import Invalid

__all__ = ["MAX_FIELDS", "NotAForm", "form_fields"]

MAX_FIELDS = 1000
_MAX_HEADERS = 32
"""Headers of one part, of 4 KiB each at most."""
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class NotAForm(Invalid):
    """The body is not that of a form."""


def form_fields(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """The fields of a form by name, in their order. Raises `NotAForm` for another media type, and for what is no form.

    Fields of a multipart form are in the character set that the field `charsets` (a JSON object by name, SendGrid's) names
    for them, else their header, else UTF-8. What cannot be decoded becomes a replacement character.
    """
    media_type = content_type.split(";", 1)[0].strip().lower()
    if media_type == _MULTIPART:
        return _multipart(content_type, body)
    if media_type != _URLENCODED:
        raise NotAForm(f"The body is not a form: send {_URLENCODED} or {_MULTIPART}.")
    try:
        return parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            max_num_fields=MAX_FIELDS,
            errors="replace",
        )
    except ValueError:
        raise NotAForm(f"The form has more than {MAX_FIELDS} fields.") from None


def _multipart(content_type: str, body: bytes) -> list[tuple[str, str]]:
    raw = _parts(content_type, body)
    charsets = _charsets(raw)
    return [(name, _decoded(value, charsets.get(name) or charset)) for name, value, charset in raw]


def _parts(content_type: str, body: bytes) -> list[tuple[str, bytes | str, str]]:
    """The name of each field, its content or the name of its file, and its character set if it names one."""
    _, options = parse_options_header(content_type)
    if not (boundary := options.get("boundary")):
        raise NotAForm("The body is not a multipart form: its boundary is missing.")
    found: list[tuple[MultipartSegment, bytearray]] = []
    try:
        parser = PushMultipartParser(boundary, max_segment_count=MAX_FIELDS, max_header_count=_MAX_HEADERS)
        for part in parser.parse(body):
            if isinstance(part, MultipartSegment):
                found.append((part, bytearray()))
            elif part:
                found[-1][1].extend(part)
    except ParserLimitReached:
        detail = f"The form has more than {MAX_FIELDS} fields, or a field with too long a header."
        raise NotAForm(detail) from None
    except (MultipartError, ValueError) as error:
        raise NotAForm(f"The body is not a multipart form: {error}.") from None
    return [
        (part.name, bytes(content) if part.filename is None else part.filename, part.charset or "")
        for part, content in found
        if part.name is not None
    ]


def _charsets(raw: list[tuple[str, bytes | str, str]]) -> Mapping[str, str]:
    for name, value, _ in raw:
        if name == "charsets" and isinstance(value, bytes):
            try:
                return msgspec.json.decode(value, type=dict[str, str])
            except (msgspec.DecodeError, UnicodeDecodeError):
                return {}
    return {}


def _decoded(value: bytes | str, charset: str) -> str:
    if isinstance(value, str):
        return value
    try:
        return value.decode(charset or "utf-8", "replace")
    except LookupError:
        return value.decode("utf-8", "replace")
