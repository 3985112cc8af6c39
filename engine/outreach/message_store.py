"""Messages in MongoDB: due work that records each step before it is taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from domain.errors import Conflict
from domain.instant import Millis
from domain.outreach.withhold import Reason
from engine.outreach.message import Author, Message
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.batch_updates import BatchUpdates, OneUpdate
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document
from engine.work.outcome import Outcome, Settlement
from engine.work.store import WorkStore, attempted_by, end_of_attempt
from engine.work.unit_document import new_unit, unit_fields
from engine.work.unit_reader import due_index

__all__ = ["MESSAGES", "MessageStore"]

_KEY = "bucket"

MESSAGES = CollectionSpec(
    "messages",
    Distribution.BY_LEAD,
    (
        due_index(_KEY),
        IndexModel([("leadId", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("state", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel(
            [("unclear", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)],
            partialFilterExpression={"unclear": True},
        ),
        IndexModel(
            [("recipient", ASCENDING), ("createdAt", DESCENDING)],
            partialFilterExpression={"recipient": {"$type": "string"}},
        ),
        IndexModel([("providerId", ASCENDING)], partialFilterExpression={"providerId": {"$type": "string"}}),
    ),
)

_FORGOTTEN = {"sealed": ""}


class MessageStore(WorkStore[Message]):
    """Messages, each at most once, with what has been done for it.

    What attempts record at the same time is written by one command, which is acknowledged before any of them goes on.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(MESSAGES.of(database), _read, name="message", key=_KEY)
        self._updates = BatchUpdates(self._units)

    async def add(self, message: Message) -> tuple[Message, bool]:
        """Store a message that waits for its time.

        Returns what is stored under its id, and whether it is new. Raises `Conflict` if that says something else.
        """
        document: Document = {
            "_id": message.unit_id,
            _KEY: message.bucket,
            "leadId": message.lead_id,
            "channel": message.channel,
            "author": {"kind": message.author.kind, "id": message.author.id},
            "why": message.why,
            "sealed": message.sealed,
            "contentHash": message.content_hash,
            **({"recipient": message.recipient} if message.recipient else {}),
            "replyTo": message.reply_to,
            "thread": list(message.thread),
            "despiteReply": message.despite_reply,
            **({"asksConsent": True} if message.asks_consent else {}),
            **({} if message.not_after is None else {"notAfter": to_bson(message.not_after)}),
            **new_unit(message.created_at, message.due_at),
        }
        try:
            await self._units.insert_one(document)
        except DuplicateKeyError:
            stored = await self.get(message.unit_id)
            if stored.content_hash != message.content_hash:
                raise Conflict(
                    "Another message to this lead was sent with the same Idempotency-Key."
                ) from None
            return stored, False
        return message, True

    async def planned(self, message_id: str, position: int) -> None:
        """Note the position of the event that says the message is planned."""
        await self._units.update_one({"_id": message_id}, {"$set": {"plannedPosition": position}})

    async def hand_over(self, message: Message) -> bool:
        """Note that the attempt gives the message away now. False if another attempt has overtaken this one."""
        number = len(message.attempts)
        return await self._updates.apply(
            OneUpdate(
                {**attempted_by(message), "handedOver": None, "providerId": None},
                {"$set": {"handedOver": number}},
                lambda doc: doc.get("handedOver") == number and len(doc["attempts"]) == number,
            )
        )

    async def taken_back(self, message: Message) -> None:
        """Note that the other side has refused what was handed over: the message certainly did not go out."""
        await self._units.update_one(attempted_by(message), {"$unset": {"handedOver": ""}})

    async def accepted(self, message: Message, adapter: str, provider_id: str) -> None:
        """Note that the other side has taken the message, whatever happens next."""
        await self._updates.apply(
            OneUpdate(
                {"_id": message.unit_id},
                {"$set": {"providerId": provider_id, "adapter": adapter}},
                lambda doc: doc.get("providerId") == provider_id,
            )
        )

    async def withheld(self, message: Message, reasons: Sequence[Reason]) -> None:
        """Note why the message is not sent."""
        said = [msgspec.to_builtins(reason) for reason in reasons]
        await self._units.update_one({"_id": message.unit_id}, {"$set": {"withheld": said}})

    async def finish(self, unit: Message, outcome: Outcome, settlement: Settlement) -> bool:
        """End the attempt; of one whose effect is not known the message is held, and says so."""
        change, number = end_of_attempt(unit, outcome, settlement), len(unit.attempts)
        if outcome.verdict == "unclear":
            change["$set"] |= {"heldBecause": outcome.detail, "unclear": True}
        return await self._updates.apply(
            OneUpdate(
                attempted_by(unit),
                change,
                lambda doc: len(doc["attempts"]) >= number and "outcome" in doc["attempts"][number - 1],
            )
        )

    async def resolved_as_sent(self, message_id: str, provider_id: str, at: Millis) -> bool:
        """End a message of which it was not known whether it went out: it did. False if that is no question."""
        done = await self._units.update_one(
            {"_id": message_id, "state": "held", "unclear": True},
            {
                "$set": {"state": "done", "dueAt": to_bson(at), "providerId": provider_id},
                "$unset": {"unclear": "", "heldBecause": ""},
            },
        )
        return done.modified_count > 0

    async def resolved_as_not_sent(self, message_id: str, at: Millis) -> bool:
        """Send a message again of which somebody has found out that it did not go out. False if that is no question."""
        again = await self._units.update_one(
            {"_id": message_id, "state": "held", "unclear": True},
            {
                "$set": {"state": "waiting", "tries": 0, "dueAt": to_bson(at)},
                "$unset": {"unclear": "", "heldBecause": "", "handedOver": ""},
            },
        )
        return again.modified_count > 0

    async def discard(self, message_id: str, because: str, at: Millis) -> Message:
        """Give up a message that waits, is held or dead. Raises `NotFound`, `Conflict` when it is sent or under way."""
        ended = await self._units.update_one(
            {
                "_id": message_id,
                "providerId": None,
                "$or": [{"leasedUntil": None}, {"leasedUntil": {"$lte": to_bson(at)}}],
            },
            {
                "$set": {"state": "dead", "dueAt": to_bson(at), "discardedBecause": because},
                "$unset": {"leasedUntil": "", "claim": "", "heldBecause": ""},
            },
        )
        message = await self.get(message_id)
        if not ended.matched_count:
            raise Conflict("This message is sent, or it is under way at this moment.")
        return message

    async def with_ids(self, message_ids: Iterable[str]) -> dict[str, Message]:
        """These messages, by id."""
        return {doc["_id"]: _read(doc) async for doc in self._units.find({"_id": {"$in": list(message_ids)}})}

    async def leads_of(self, message_ids: Iterable[str]) -> dict[str, str]:
        """The lead of each of these messages that there is."""
        cursor = self._units.find({"_id": {"$in": list(message_ids)}}, {"leadId": 1})
        return {doc["_id"]: doc["leadId"] async for doc in cursor}

    async def lead_written_to(self, recipient: str) -> str | None:
        """The lead of the latest message to this address, given as its keyed hash."""
        wanted = {"recipient": {"$eq": recipient, "$type": "string"}}
        doc = await self._units.find_one(wanted, {"leadId": 1}, sort=[("createdAt", -1)])
        return doc["leadId"] if doc else None

    async def by_provider_ids(self, provider_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
        """The message and its lead by each of these ids that a provider, or a mail server, gave to one."""
        wanted = {"providerId": {"$in": list(provider_ids), "$type": "string"}}
        cursor = self._units.find(wanted, {"providerId": 1, "leadId": 1})
        return {doc["providerId"]: (doc["_id"], doc["leadId"]) async for doc in cursor}

    async def of_lead(self, lead_id: str, *, after: Keyset | None, limit: int) -> list[Message]:
        """The messages to a lead, newest first."""
        return await self.page(lead_id=lead_id, after=after, limit=limit)

    async def page(
        self,
        *,
        lead_id: str | Sequence[str] | None = None,
        state: str | None = None,
        unclear: bool = False,
        after: Keyset | None,
        limit: int,
    ) -> list[Message]:
        """Messages, newest first: to one lead, to all streams of one, or to all, in one state, or only those of which it is unclear what became."""
        query: Document = keyset.after("createdAt", after)
        if lead_id is not None:
            query["leadId"] = lead_id if isinstance(lead_id, str) else {"$in": list(lead_id)}
        query |= {} if state is None else {"state": state}
        query |= {"unclear": True} if unclear else {}
        cursor = self._units.find(query).sort([("createdAt", -1), ("_id", 1)]).limit(limit)
        return [_read(doc) async for doc in cursor]

    async def cancel_waiting(self, lead_id: str, at: Millis) -> int:
        """End what waits to be sent to a lead that is being erased. Returns how many messages."""
        ended = await self._units.update_many(
            {"leadId": lead_id, "state": {"$in": ["waiting", "retrying", "held"]}},
            {"$set": {"state": "dead", "dueAt": to_bson(at), "discardedBecause": "the lead was erased"}},
        )
        return ended.modified_count

    async def has_content(self, lead_id: str) -> bool:
        """Whether anything of a message to the lead can still be read or sent."""
        found = await self._units.find_one({"leadId": lead_id, "sealed": {"$gt": ""}}, {"_id": 1})
        return found is not None

    async def forgotten(self, message_ids: Collection[str]) -> set[str]:
        """Those of the messages that were blanked, because their recipient was erased."""
        query = {"_id": {"$in": list(message_ids)}, "sealed": ""}
        return {doc["_id"] async for doc in self._units.find(query, {"_id": 1})}

    async def forget(self, lead_id: str) -> int:
        """Blank the contents of messages and what other sides answered. Returns the number of messages changed."""
        result = await self._units.update_many(
            {"leadId": lead_id, "sealed": {"$gt": ""}},
            {
                "$set": {**_FORGOTTEN, "attempts.$[].answer": "", "attempts.$[].detail": ""},
                "$unset": {"recipient": ""},
            },
        )
        return result.modified_count


def _read(doc: Document) -> Message:
    reasons = msgspec.convert(_plain(doc.get("withheld", [])), list[Reason])
    return Message(
        **unit_fields(doc),
        channel=doc["channel"],
        bucket=doc[_KEY],
        author=Author(doc["author"]["kind"], doc["author"]["id"]),
        why=doc.get("why", ""),
        sealed=doc["sealed"],
        content_hash=doc["contentHash"],
        recipient=doc.get("recipient", ""),
        reply_to=doc.get("replyTo"),
        thread=tuple(doc.get("thread", ())),
        despite_reply=doc.get("despiteReply", False),
        asks_consent=doc.get("asksConsent", False),
        not_after=from_bson(doc["notAfter"]) if "notAfter" in doc else None,
        planned_position=doc.get("plannedPosition"),
        handed_over=doc.get("handedOver"),
        provider_id=doc.get("providerId"),
        adapter=doc.get("adapter", ""),
        withheld=tuple(reasons),
        unclear=doc.get("unclear", False),
        discarded_because=doc.get("discardedBecause") if doc["state"] == "dead" else None,
    )


def _plain(reasons: Sequence[dict[str, str | datetime]]) -> list[dict[str, str | datetime]]:
    return [dict(reason) for reason in reasons]
