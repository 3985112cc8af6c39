"""File signatures: what a file is that cannot be read as a table, so that the error can say so."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["GZIP", "ZIP", "unreadable_archive", "unreadable_kind"]

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"

_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file (.xls, .doc); save it as .xlsx or CSV"),
    (b"%PDF", "a PDF document; export the table itself as CSV"),
    (b"PAR1", "a Parquet file; save it as CSV"),
    (b"SQLite format 3", "a SQLite database; export the table as CSV"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first, or use zip or gzip"),
    (b"Rar!", "a RAR archive; unpack it first, or use zip or gzip"),
    (b"BZh", "a bzip2 file; unpack it first, or use zip or gzip"),
    (b"\xfd7zXZ", "an xz file; unpack it first, or use zip or gzip"),
    (b"\x28\xb5\x2f\xfd", "a zstd file; unpack it first, or use zip or gzip"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"{\\rtf", "a text document (RTF); export the table itself as CSV"),
)
_MARKUP = (
    (
        b"<!doctype html",
        "a web page (HTML), as some programs export under the name .xls; save it as .xlsx or CSV",
    ),
    (b"<html", "a web page (HTML), as some programs export under the name .xls; save it as .xlsx or CSV"),
    (b"<table", "a web page (HTML), as some programs export under the name .xls; save it as .xlsx or CSV"),
    (b"<?xml", "an XML document; save it as .xlsx or CSV"),
    (b'{"', "JSON; send it to POST /api/events, or save it as CSV"),
    (b'[{"', "JSON; send it to POST /api/events, or save it as CSV"),
)


_ARCHIVES = (
    ("word/document.xml", "a Word document (.docx); export the table itself as CSV"),
    ("ppt/presentation.xml", "a presentation (.pptx)"),
    ("Index/Document.iwa", "an Apple Numbers file; export it as .xlsx or CSV"),
    ("content.xml", "an OpenDocument file (.ods, .odt); save it as .xlsx or CSV"),
)


def unreadable_archive(names: Collection[str]) -> str:
    """The kind of document that a zip archive of these files is; empty for an archive of files that people made."""
    return next((kind for name, kind in _ARCHIVES if name in names), "")


def unreadable_kind(head: bytes) -> str:
    """The kind of file by its first bytes, with what to do instead; empty when it may well be text."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    start = b"".join(head.removeprefix(b"\xef\xbb\xbf")[:400].split()).lower()
    for signature, kind in _MARKUP:
        if start.startswith(b"".join(signature.split())):
            return kind
    return ""
