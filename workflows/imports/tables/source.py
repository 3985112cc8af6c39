"""The bytes of a file, pipe, gzip or zip member as one stream, with how far into the file the reading is."""

from __future__ import annotations

import contextlib
import gzip
import shutil
import stat
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from domain.errors import Invalid
from workflows.imports.tables.file_kinds import GZIP, ZIP, unreadable_archive, unreadable_kind

__all__ = ["HEAD_BYTES", "STANDARD_INPUT", "ByteStream", "Source", "open_source"]

STANDARD_INPUT = Path("-")
HEAD_BYTES = 4096
_DAMAGED = (EOFError, OSError, zlib.error, zipfile.BadZipFile)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class ByteStream:
    """Reads on from where it is, on files and pipes alike. Counts what was read."""

    def __init__(self, readable: _Readable, name: str) -> None:
        self._readable = readable
        self.name = name
        self._ahead = b""
        self.count = 0

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end. Raises `Invalid` for an archive that breaks off."""
        taken, self._ahead = self._ahead[:size], self._ahead[size:]
        try:
            while len(taken) < size and (more := self._readable.read(size - len(taken))):
                taken += more
        except _DAMAGED as error:
            raise Invalid(f"{self.name} cannot be read to its end: {error or 'it is damaged'}.") from error
        self.count += len(taken)
        return taken

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay to be read."""
        head = self.read(size)
        self._ahead = head + self._ahead
        self.count -= len(head)
        return head


@dataclass(frozen=True)
class Source:
    """An open file. A `workbook` is a file that can seek; anything else is text in `stream`."""

    name: str
    packing: str
    stream: ByteStream
    raw: ByteStream
    size: int | None
    """Bytes of the file as it lies there, packed or not; None for a pipe."""
    workbook: BinaryIO | None = None

    @property
    def bytes_read(self) -> int:
        """How far into the file the reading is."""
        return self.raw.count


@contextlib.contextmanager
def open_source(path: Path, member: str | None = None) -> Iterator[Source]:
    """Open what is at `path`, `-` being standard input, and unpack it; `member` chooses a file of a zip archive.

    Raises `Invalid` if it cannot be opened, or is nothing that can be read as a table: it says what it is.
    """
    with contextlib.ExitStack() as opened:
        file, size = _opened(path, opened)
        name = "standard input" if path == STANDARD_INPUT else path.name
        raw = ByteStream(file, name)
        packed = Source(name, "", raw, raw, size)
        head = raw.peek(HEAD_BYTES)
        if head.startswith(ZIP):
            yield _unzipped(packed, _seekable(file, packed, opened), member, opened)
            return
        if head.startswith(GZIP):
            stream = ByteStream(gzip.GzipFile(fileobj=cast("BinaryIO", raw)), name)
            packed = replace(packed, packing="gzip", stream=stream)
        _refuse_unreadable(packed.stream.peek(HEAD_BYTES), name)
        yield packed


def _opened(path: Path, opened: contextlib.ExitStack) -> tuple[BinaryIO, int | None]:
    if path == STANDARD_INPUT:
        return sys.stdin.buffer, None
    try:
        file = opened.enter_context(path.open("rb"))
        status = path.stat()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
    return file, status.st_size if stat.S_ISREG(status.st_mode) else None


def _refuse_unreadable(head: bytes, name: str) -> None:
    if kind := unreadable_kind(head):
        raise Invalid(f"{name} cannot be read as a table: it is {kind}.")


def _seekable(file: BinaryIO, packed: Source, opened: contextlib.ExitStack) -> BinaryIO:
    """The file itself, or a temporary copy of a pipe: the table of contents of a zip archive is at its end."""
    if packed.size is None:
        return _copied(packed.raw, opened)
    file.seek(0)
    return file


def _copied(stream: ByteStream, opened: contextlib.ExitStack) -> BinaryIO:
    copy = cast("BinaryIO", opened.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115 - closed with the rest
    shutil.copyfileobj(cast("BinaryIO", stream), copy)
    copy.seek(0)
    return copy


def _unzipped(packed: Source, file: BinaryIO, member: str | None, opened: contextlib.ExitStack) -> Source:
    archive = _archive(file, packed.name, opened)
    if _is_workbook(archive):
        return replace(packed, workbook=file)
    if kind := unreadable_archive(archive.namelist()):
        raise Invalid(f"{packed.name} cannot be read as a table: it is {kind}.")
    info = _chosen(archive, packed.name, member)
    name = f"{info.filename} in {packed.name}"
    try:
        inner = opened.enter_context(archive.open(info))
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise Invalid(f"{name} cannot be read: {error}.") from error
    stream = ByteStream(cast("BinaryIO", inner), name)
    # zipfile hides how much of the archive was read; its member is measured instead.
    unpacked = Source(packed.name, f"zip, {info.filename}", stream, stream, info.file_size)
    head = stream.peek(HEAD_BYTES)
    if head.startswith(ZIP):
        copy = _copied(stream, opened)
        if _is_workbook(_archive(copy, name, opened)):
            return replace(unpacked, workbook=copy)
        raise Invalid(f"{name} is an archive in an archive; unpack it first.")
    _refuse_unreadable(head, name)
    return unpacked


def _archive(file: BinaryIO, name: str, opened: contextlib.ExitStack) -> zipfile.ZipFile:
    try:
        return opened.enter_context(zipfile.ZipFile(file))
    except zipfile.BadZipFile as error:
        raise Invalid(f"{name} is a damaged zip archive: {error}.") from error


def _is_workbook(archive: zipfile.ZipFile) -> bool:
    return any(name.startswith("xl/workbook.") for name in archive.namelist())


def _chosen(archive: zipfile.ZipFile, name: str, member: str | None) -> zipfile.ZipInfo:
    infos = [
        info
        for info in archive.infolist()
        if not info.is_dir() and not info.filename.startswith("__MACOSX/") and "/." not in f"/{info.filename}"
    ]
    found = [info for info in infos if member in {None, info.filename}]
    if len(found) == 1:
        return found[0]
    names = ", ".join(info.filename for info in infos)
    if not infos:
        raise Invalid(f"{name} is a zip archive with no file in it.")
    if member is not None:
        raise Invalid(f"{name} has no file '{member}'; it has {names}.")
    raise Invalid(
        f"{name} holds several files: {names}. Say which one with member: NAME in the file section."
    )
