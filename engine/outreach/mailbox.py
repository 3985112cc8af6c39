"""A mailbox read by IMAP: the mails after a place in it, in the order in which they came. It is never written to."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from domain.errors import LeadEngineError
from domain.instant import Millis, from_datetime, to_datetime
from engine.outreach.mailbox_place import Place

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

    from engine.settings import Settings

__all__ = ["BATCH", "Mailbox", "MailboxError", "OpenMailbox", "StoredMail"]

_SECONDS = 30.0
_MAX_BYTES = 1_048_576
"""Of one mail that are read: text comes before what is attached."""
BATCH = 25
"""Mails that are read at a time."""
_UID = re.compile(rb"\bUID (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([^"]+)"')

T = TypeVar("T")


class MailboxError(LeadEngineError):
    """The mailbox cannot be read: nobody answers, the password is wrong, or there is no such folder."""


class StoredMail(Struct, frozen=True):
    """A mail as it lies in the mailbox; `arrived_at` is when the server took it."""

    uid: int
    arrived_at: Millis | None
    raw: bytes


class Mailbox:
    """One folder of one account. IMAP is spoken in a thread, since the library blocks."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.counted: Counter[str] = Counter()
        """What this process has made of mails since it began."""

    @property
    def mailbox_id(self) -> str:
        """What its place is stored under: a hash of server, account and folder."""
        settings = self._settings
        text = f"{settings.imap_host}\x1f{settings.imap_username}\x1f{settings.imap_folder}"
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[OpenMailbox]:
        """The folder, for reading only. Raises `MailboxError`."""
        box = await _in_thread(self._open)
        try:
            yield OpenMailbox(box, self._settings.imap_folder)
        finally:
            await asyncio.to_thread(_close, box)

    def _open(self) -> BaseMailBox:
        import imap_tools  # noqa: PLC0415 - only the scheduler reads a mailbox

        settings = self._settings
        kinds: dict[str, Callable[..., BaseMailBox]] = {
            "tls": imap_tools.MailBox,
            "starttls": imap_tools.MailBoxStartTls,
            "none": imap_tools.MailBoxUnencrypted,
        }
        box = kinds[settings.imap_security](settings.imap_host, settings.imap_port, timeout=_SECONDS)
        try:
            box.login(settings.imap_username, settings.imap_password, initial_folder=None)
            box.folder.set(settings.imap_folder, readonly=True)
        except BaseException:
            _close(box)
            raise
        return box


class OpenMailbox:
    """A folder that is open on one connection."""

    def __init__(self, box: BaseMailBox, folder: str) -> None:
        self._box, self._folder = box, folder

    async def end(self) -> Place:
        """The place behind the last mail."""
        status = await _in_thread(lambda: self._box.folder.status(self._folder, ["UIDVALIDITY", "UIDNEXT"]))
        return Place(uid_validity=status["UIDVALIDITY"], last_uid=status["UIDNEXT"] - 1)

    async def after(self, uid: int) -> list[int]:
        """The UIDs behind this one, in order."""
        found = await _in_thread(lambda: self._box.uids(f"UID {uid + 1}:*"))
        return sorted(
            one for one in map(int, found) if one > uid
        )  # `n:*` finds the last mail even if it is before n

    async def since(self, at: Millis) -> list[int]:
        """The UIDs of mails that came on the day before this moment, or later."""
        day: datetime = to_datetime(at) - timedelta(days=1)
        found = await _in_thread(lambda: self._box.uids(f"SINCE {day:%d-%b-%Y}"))
        return sorted(map(int, found))

    async def mails(self, uids: Sequence[int]) -> list[StoredMail]:
        """These mails, up to `BATCH`, in order, without those that were deleted meanwhile."""
        wanted, parts = ",".join(map(str, uids)), f"(UID INTERNALDATE BODY.PEEK[]<0.{_MAX_BYTES}>)"
        status, answer = await _in_thread(lambda: self._box.client.uid("FETCH", wanted, parts))
        if status != "OK":
            raise MailboxError(f"The mailbox answered {status} to a request for mails.")
        return sorted(_mails(answer), key=lambda mail: mail.uid)


def _mails(answer: list[Any]) -> list[StoredMail]:
    """The mails in an answer of imaplib: a pair per mail, what stands behind it in an item of its own."""
    mails = []
    for number, part in enumerate(answer):
        if not isinstance(part, tuple):
            continue
        behind = answer[number + 1] if number + 1 < len(answer) else b""
        head = part[0] + (behind if isinstance(behind, bytes) else b"")
        if uid := _UID.search(head):
            mails.append(StoredMail(int(uid[1]), _arrival(head), part[1]))
    return mails


def _arrival(head: bytes) -> Millis | None:
    found = _DATE.search(head)
    if found is None:
        return None
    try:
        return from_datetime(datetime.strptime(found[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z"))
    except ValueError:
        return None


async def _in_thread(call: Callable[[], T]) -> T:
    import imaplib  # noqa: PLC0415 - as above

    import imap_tools  # noqa: PLC0415 - as above

    try:
        return await asyncio.to_thread(call)
    except (imaplib.IMAP4.error, imap_tools.ImapToolsError, OSError) as error:
        raise MailboxError(f"The mailbox cannot be read: {type(error).__name__}: {error}") from error


def _close(box: BaseMailBox) -> None:
    import imaplib  # noqa: PLC0415 - as above

    with contextlib.suppress(imaplib.IMAP4.error, OSError):
        box.client.logout()
