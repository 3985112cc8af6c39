"""Takes in what has arrived in the mailbox since the last look: replies, answers of machines and bounces.

The place in the mailbox moves on after what is before it is stored, and an event has the id of its mail: a process that dies in
between stores nothing twice and loses nothing. Mails of people who are no leads are left alone.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence

from msgspec.structs import replace

from domain.hooks.mail_message import UnreadableMail, mail_events
from domain.hooks.request import HookEvent
from engine.outreach.mailbox import BATCH, OpenMailbox, StoredMail
from engine.outreach.mailbox_place import Place
from engine.runtime import Runtime
from workflows.hooks.store_events import Origin, store_events
from workflows.operations.background_loops import MAILBOX

__all__ = ["MAIL_OUTCOMES", "poll_mailbox"]

MAIL_OUTCOMES = ("stored", "duplicate", "left", "unreadable")

_log = logging.getLogger(__name__)
_ORIGIN = Origin("imap")


async def poll_mailbox(runtime: Runtime) -> Counter[str]:
    """One look. Returns the number of events `stored` and `duplicate`, and of mails `left` or `unreadable`.

    The first look at a mailbox notes its end and takes in nothing. Under another UIDVALIDITY the numbers of mails mean
    nothing any more: those since the day before the last look are taken in again, which stores nothing twice.
    Raises `MailboxError`.
    """
    mailbox, places = runtime.outreach.mailbox, runtime.outreach.places
    counted: Counter[str] = Counter()
    if mailbox is None:
        return counted
    async with mailbox.opened() as opened:
        place, end = await places.find(mailbox.mailbox_id), await opened.end()
        if place is None:
            await places.move(mailbox.mailbox_id, replace(end, at=runtime.now()))
            return counted
        async for mails, reached in _batches(opened, place, end):
            counted += await _take(runtime, mails)
            await places.move(mailbox.mailbox_id, replace(end, last_uid=reached, at=runtime.now()))
    mailbox.counted += counted
    await runtime.operations.loops.completed(MAILBOX, mailbox.counted)
    return counted


async def _batches(
    opened: OpenMailbox, place: Place, end: Place
) -> AsyncIterator[tuple[list[StoredMail], int]]:
    """The mails that are new, a few at a time, and the UID that each batch reaches."""
    if place.uid_validity == end.uid_validity:
        uids = await opened.after(place.last_uid)
    else:
        uids = await opened.since(place.at)
    for start in range(0, len(uids), BATCH):
        some = uids[start : start + BATCH]
        yield await opened.mails(some), some[-1]


async def _take(runtime: Runtime, mails: Sequence[StoredMail]) -> Counter[str]:
    found: list[HookEvent] = []
    counted: Counter[str] = Counter()
    for mail in mails:
        try:
            events = mail_events(mail.raw)
        except UnreadableMail as error:
            _log.warning("Mail %d of the mailbox cannot be read and is left there: %s", mail.uid, error)
            counted["unreadable"] += 1
            continue
        found += [replace(event, known_only=True, occurred_at=mail.arrived_at) for event in events]
        counted["left"] += not events
    stored = await store_events(runtime, _ORIGIN, found, runtime.now())
    counted += Counter(stored=stored.new, duplicate=stored.duplicates, left=len(stored.problems))
    return counted
