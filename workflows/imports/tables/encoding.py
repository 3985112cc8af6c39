"""Text encodings: by byte order mark, by what the bytes can be, and by charset-normalizer for old code pages."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from domain.errors import Invalid
from workflows.imports.tables.source import HEAD_BYTES, ByteStream

__all__ = ["DecodedText", "undecodable_byte"]

CHUNK_BYTES, SAMPLE_BYTES = 64 * 1024, 256 * 1024
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WESTERN = "cp1252"
_BY_BYTE = [
    *(_WESTERN, "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "iso8859_15", "iso8859_2"),
    *("koi8_r", "mac_roman", "cp850", "cp437"),
]
_BY_SEVERAL = ["cp932", "gb18030", "big5", "cp949", "euc_jp"]
_WESTERN_LETTERS = frozenset(
    "äöüßÄÖÜàáâãåæçèéêëìíîïñòóôõøùúûÀÁÂÅÆÇÈÉÊÍÑÓÔØÚŒœ"
    "\u2013\u2014\u2018\u2019\u201c\u201d\u20ac\u2026\u2022\u2122\u00ae\u00a9\u00b0\u00a0\u00ab\u00bb"
)
_MAX_BEYOND = 0.4
"""Share of the letters of Western words that are beyond ASCII; in other alphabets nearly all are."""
_MIN_EVIDENCE = 8
"""Bytes beyond ASCII; with fewer, no encoding of several bytes per letter is considered: it may swallow a delimiter."""
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_FEW_CONTROLS, _MAX_CONTROLS = 3, 0.04
"""Control characters that any text may have, and the share of them that no text has; of random bytes, a tenth are."""
_MAX_DAMAGED = 3
"""Broken bytes of a text that is UTF-8 by a single whole letter beyond ASCII: by chance hardly any is whole."""
_MANY_ZEROS, _FEW_ZEROS = 0.2, 0.02
"""Shares of zero bytes by which UTF-16 is known."""
_UNDECODABLE = re.compile("[\udc80-\udcff]")
_KEEPING = "lead-engine-keep-bytes"


def undecodable_byte(text: str) -> int | None:
    """The first byte that is no text in the encoding of the file."""
    if text.isascii() or not (found := _UNDECODABLE.search(text)):
        return None
    return ord(found[0]) - 0xDC00


class DecodedText:
    """A stream of bytes as a stream of text. Bytes that cannot be decoded stay, as lone surrogates (PEP 383)."""

    def __init__(self, stream: ByteStream, encoding: str | None) -> None:
        """Without an `encoding` it is detected. A byte order mark is believed before anything else.

        Raises `Invalid` for binary data, and for an `encoding` that is not known or cannot be the one of the bytes.
        """
        self._stream = stream
        self.encoding = "utf-8"
        self.has_mark = False
        self._is_open = False
        """Whether only ASCII was met so far, so that the encoding is still to be chosen."""
        head = stream.peek(HEAD_BYTES)
        for mark, name in _BYTE_ORDER_MARKS:
            if head.startswith(mark):
                stream.read(len(mark))
                self.encoding, self.has_mark = name, True
                return
        wide = _wide_encoding(head)
        if encoding is not None:
            self.encoding = _exact(encoding, wide, stream.name)
        elif wide:
            self.encoding = wide
        elif len(_CONTROLS.findall(head)) > max(_FEW_CONTROLS, len(head) * _MAX_CONTROLS):
            raise Invalid(f"{stream.name} cannot be read as a table: it is binary data.")
        else:
            self._is_open = True

    def chunks(self) -> Iterator[str]:
        """The text, some ten thousand characters at a time."""
        while self._is_open and (data := self._stream.read(CHUNK_BYTES)):
            if data.isascii():
                yield data.decode("ascii")
            else:
                data += self._stream.read(SAMPLE_BYTES)
                self.encoding, self._is_open = _guessed(data), False
                yield from self._decoded(data)
                return
        yield from self._decoded(b"")

    def _decoded(self, first: bytes) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)(_KEEPING)
        yield decoder.decode(first)
        while data := self._stream.read(CHUNK_BYTES):
            yield decoder.decode(data)
        yield decoder.decode(b"", final=True)


def _keep(error: UnicodeError) -> tuple[str, int]:
    """Like surrogateescape, also where a broken letter of several bytes has ASCII bytes in it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    broken = error.object[error.start : error.end]
    text = "".join(chr(0xDC00 + byte) if byte >= 0x80 else chr(byte) for byte in broken)  # noqa: PLR2004
    return (text if _UNDECODABLE.search(text) else f"\udc80{text}"), error.end


codecs.register_error(_KEEPING, _keep)


def _exact(encoding: str, wide: str, file: str) -> str:
    """The name that codecs know; UTF-16 without its byte order is the one that the bytes show."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise Invalid(
            f"There is no encoding '{encoding}'; write one such as utf-8, utf-16 or cp1252."
        ) from error
    if name == "utf-16":
        return wide or "utf-16-le"
    if wide and not name.startswith("utf-16"):
        raise Invalid(f"{file} is UTF-16, not {encoding}: write encoding: utf-16, or leave it out.")
    return name


def _wide_encoding(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of Latin text is zero."""
    half = len(head) // 2
    even, odd = head[: 2 * half : 2].count(0), head[1::2].count(0)
    many, few = half * _MANY_ZEROS, half * _FEW_ZEROS
    if odd > many and even <= few:
        return "utf-16-le"
    if even > many and odd <= few:
        return "utf-16-be"
    return ""


def _guessed(sample: bytes) -> str:
    """UTF-8 if it is that but for a few damaged bytes, else the code page that makes the likeliest words."""
    text = sample.decode("utf-8", "surrogateescape")
    broken = len(_UNDECODABLE.findall(text))
    whole = sum(not letter.isascii() for letter in text) - broken
    is_damaged = whole > 0 and broken <= _MAX_DAMAGED
    if 2 * whole >= broken or is_damaged or _is_valid(sample):
        return "utf-8"
    telling = b"\n".join(line for line in sample.splitlines() if not line.isascii())
    if _looks_western(telling):
        return _WESTERN
    several = len(re.findall(rb"[\x80-\xff]", telling)) >= _MIN_EVIDENCE
    best = from_bytes(telling, cp_isolation=_BY_BYTE + _BY_SEVERAL * several).best()
    if best is None or _WESTERN in best.could_be_from_charset:
        return _WESTERN
    return codecs.lookup(best.encoding).name


def _looks_western(telling: bytes) -> bool:
    """Whether it is text of Western Europe in the code page of Windows: charset-normalizer needs more text than a few names."""
    text = telling.decode(_WESTERN, "replace")
    beyond = [letter for letter in text if not letter.isascii()]
    letters = sum(letter.isalpha() for letter in text)
    return all(letter in _WESTERN_LETTERS for letter in beyond) and len(beyond) <= letters * _MAX_BEYOND


def _is_valid(sample: bytes) -> bool:
    """Whether it is UTF-8 up to its end, where a letter may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True
