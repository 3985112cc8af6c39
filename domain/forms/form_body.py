"""The fields of forms, urlencoded and multipart, as UTF-8 or as each field says.

Files are left out; their names are all that is kept of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

import msgspec

from domain.errors import Invalid

__all__ = ["MAX_FIELDS", "NotAForm", "form_fields"]

MAX_FIELDS = 1000
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
    if "\r" in content_type or "\n" in content_type:
        raise NotAForm("The header Content-Type is damaged.")
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise NotAForm("The body is not a multipart form: its boundary is missing.")
    raw: list[tuple[str, bytes | str, str]] = []
    for one in message.iter_parts():
        name = one.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            continue
        if len(raw) == MAX_FIELDS:
            raise NotAForm(f"The form has more than {MAX_FIELDS} fields.")
        filename = one.get_filename()
        content = one.get_payload(decode=True)
        is_field = filename is None and isinstance(content, bytes)
        raw.append((name, content if is_field else filename or "", str(one.get_content_charset("") or "")))  # type: ignore[arg-type]
    charsets = _charsets(raw)
    return [(name, _decoded(value, charsets.get(name) or charset)) for name, value, charset in raw]


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
