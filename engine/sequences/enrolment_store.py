"""Enrolments in MongoDB: one per lead and sequence while it is active, and one per lead in exclusive ones."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

import msgspec
from msgspec.structs import replace
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from domain.errors import Conflict
from domain.events.vocabulary import REPLY_CLASSIFIED, REPLY_JUDGED
from domain.instant import Millis
from domain.sequences.decide import Decision, Effect, Progress
from domain.sequences.program import Program
from engine.process.clock import from_bson, to_bson
from engine.sequences.enrolment import Ending, Enrolment, Refusal
from engine.sequences.wake_gate import WakeGate
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.migrations import UpdateMigration
from engine.store.mongo import Database, Document, Session
from engine.work.store import WorkStore
from engine.work.unit_document import new_unit, unit_fields
from engine.work.unit_reader import IS_CLAIMABLE, due_index

__all__ = ["ENROLMENTS", "LEAD_TOUCHES", "WOKEN_BY_READINGS", "EnrolmentStore"]

_ACTIVE = {"active": True}

ENROLMENTS = CollectionSpec(
    "enrolments",
    Distribution.BY_LEAD,
    (
        due_index(),
        IndexModel([("leadId", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel(
            [("leadId", ASCENDING), ("sequence", ASCENDING)], unique=True, partialFilterExpression=_ACTIVE
        ),
        IndexModel(
            [("label", ASCENDING), ("active", ASCENDING), ("createdAt", DESCENDING), ("_id", ASCENDING)]
        ),
        IndexModel(
            [("leadId", ASCENDING)],
            name="exclusive",
            unique=True,
            partialFilterExpression={**_ACTIVE, "exclusive": True},
        ),
        IndexModel([("enrolledAt", ASCENDING)], name="activeSince", partialFilterExpression=_ACTIVE),
    ),
)

_READINGS = [REPLY_CLASSIFIED, REPLY_JUDGED]

WOKEN_BY_READINGS = UpdateMigration(
    "enrolments-woken-by-readings",
    ENROLMENTS.name,
    {**_ACTIVE, "wakesOn": {"$not": {"$all": _READINGS}}},
    [{"$set": {"wakesOn": {"$setUnion": ["$wakesOn", _READINGS]}}}],
)
"""The migration that has enrolments of releases before 0.9 looked at when a reply of their lead was read or judged."""

LEAD_TOUCHES = CollectionSpec(
    "leadTouches",
    Distribution.BY_LEAD,
    free_of_personal_data="ids of leads, and when a sequence wrote to them last",
)
"""When a sequence decided last to write to each lead: the gap between messages is kept by its write conflicts."""


class EnrolmentStore(WorkStore[Enrolment]):
    """Enrolments, each with how far it has come."""

    def __init__(self, database: Database) -> None:
        super().__init__(ENROLMENTS.of(database), _read, name="enrolment")
        self._touches = LEAD_TOUCHES.of(database)
        self._gate = WakeGate(self._is_any_active)

    async def add(self, enrolment: Enrolment, program: Program, wakes_on: Collection[str]) -> Enrolment:
        """Store an enrolment that is due at once; one with an ending only says so in the stream.

        `wakes_on` are the types of events that make it due again. Raises `Conflict` if the lead may not be enrolled.
        """
        earlier = await self._latest(enrolment.lead_id, enrolment.sequence)
        if (refusal := _refusal(earlier, program, enrolment.enrolled_at)) is not None:
            raise Conflict(refusal.detail)
        ordinal = earlier["ordinal"] + 1 if earlier else 1
        unit_id = enrolment.unit_id or _id_of(enrolment.lead_id, enrolment.sequence, ordinal)
        stored = replace(enrolment, unit_id=unit_id)
        document: Document = {
            "_id": stored.unit_id,
            "leadId": stored.lead_id,
            "sequence": stored.sequence,
            "label": stored.label,
            "ordinal": ordinal,
            "exclusive": program.exclusive,
            "active": stored.is_active,
            "step": stored.progress.step,
            "since": to_bson(stored.progress.since),
            "enrolledAt": to_bson(stored.enrolled_at),
            "author": list(stored.author),
            "why": stored.why,
            "pending": [],
            "wakesOn": sorted(wakes_on),
            **({"ending": _ending_document(stored.ending)} if stored.ending else {}),
            **new_unit(stored.created_at, stored.due_at),
        }
        try:
            await self._units.insert_one(document)
        except DuplicateKeyError:
            raise Conflict("The lead is in this sequence, or in another exclusive one, already.") from None
        self._gate.open()
        return stored

    async def refusal(self, lead_id: str, program: Program, at: Millis) -> Refusal | None:
        """Why the lead may not be enrolled at the moment `at`, as `add` would find it; None if it may."""
        refusal = _refusal(await self._latest(lead_id, program.name), program, at)
        if refusal is None and program.exclusive:
            query = {"leadId": {"$eq": lead_id}, **_ACTIVE, "exclusive": True}
            if await self._units.find_one(query, {"_id": 1}) is not None:
                return Refusal("exclusive", "The lead is in another exclusive sequence already.")
        return refusal

    async def _latest(self, lead_id: str, sequence: str) -> Document | None:
        query = {"leadId": {"$eq": lead_id}, "sequence": {"$eq": sequence}}
        return await self._units.find_one(query, sort=[("createdAt", -1), ("ordinal", -1)])

    async def last_touch(self, lead_id: str, session: Session | None = None) -> Millis | None:
        """When a sequence decided last to write to the lead."""
        doc = await self._touches.find_one({"_id": lead_id}, session=session)
        return from_bson(doc["at"]) if doc else None

    async def touch(self, lead_id: str, at: Millis, session: Session) -> None:
        """Note that a sequence writes to the lead. A transaction beside this one conflicts and decides again."""
        await self._touches.update_one(
            {"_id": lead_id}, {"$max": {"at": to_bson(at)}}, upsert=True, session=session
        )

    async def forget_touches(self, lead_id: str) -> None:
        """Remove the note."""
        await self._touches.delete_one({"_id": lead_id})

    async def forget_reasons(self, lead_id: str) -> int:
        """Blank what people wrote about enrolments of the lead. Returns how many enrolments changed."""
        begun = await self._units.update_many({"leadId": lead_id, "why": {"$gt": ""}}, {"$set": {"why": ""}})
        over = {"leadId": lead_id, "ending.why": {"$gt": ""}}
        ended = await self._units.update_many(over, {"$set": {"ending.why": ""}})
        return max(begun.modified_count, ended.modified_count)

    async def decided(
        self, unit: Enrolment, decision: Decision, at: Millis, session: Session
    ) -> Enrolment | None:
        """Note what was decided before it is carried out. None if another attempt, or a stop, was faster."""
        ending = None if decision.ended is None else Ending(decision.ended, at, decision.ended_by)
        change: Document = {
            "step": decision.progress.step,
            "since": to_bson(decision.progress.since),
            "pending": msgspec.to_builtins(list(decision.effects)),
            "decidedAt": to_bson(at),
        }
        if ending is not None:
            change |= {"active": False, "ending": _ending_document(ending)}
        noted = await self._units.update_one(
            {**_attempted(unit), "active": True}, {"$set": change}, session=session
        )
        if not noted.matched_count:
            return None
        return replace(
            unit, progress=decision.progress, pending=decision.effects, decided_at=at, ending=ending
        )

    async def carried_out(self, unit: Enrolment) -> None:
        """Note that everything that was decided is done."""
        await self._units.update_one(_attempted(unit), {"$set": {"pending": []}})

    async def stop(self, enrolment_id: str, ending: Ending, session: Session | None = None) -> Enrolment:
        """End an active enrolment now. What it decided on and did not carry out is dropped.

        Raises `NotFound`, and `Conflict` for one that has ended.
        """
        stopped = await self._units.update_one(
            {"_id": enrolment_id, **_ACTIVE},
            [
                {
                    "$set": {
                        "active": False,
                        "pending": [],
                        "ending": {"$literal": _ending_document(ending)},
                        **_woken(ending.at),
                    }
                }
            ],
            session=session,
        )
        found = await self.get(enrolment_id, session)
        if not stopped.matched_count:
            raise Conflict("This enrolment has ended.")
        return found

    async def has_active_since(self, at: Millis) -> bool:
        """Whether a lead has been in a sequence since this moment or longer, without an end."""
        query = {**_ACTIVE, "enrolledAt": {"$lte": to_bson(at)}}
        return await self._units.find_one(query, {"_id": 1}, sort=[("enrolledAt", 1)]) is not None

    async def is_any_active(self) -> bool:
        """Whether any lead is in a sequence, as was found in the last two seconds."""
        return await self._gate.is_open()

    async def _is_any_active(self) -> bool:
        return await self._units.find_one(_ACTIVE, {"_id": 1}, sort=[("enrolledAt", 1)]) is not None

    async def wake(self, lead_ids: Collection[str], types: Collection[str], at: Millis) -> int:
        """Make those active enrolments of the leads due now that wait for, or are stopped by, events of these types.

        Sends no command while no lead is in a sequence, but for one query per two seconds (`WakeGate`).
        """
        if not await self._gate.is_open():
            return 0
        query = {
            "leadId": {"$in": list(lead_ids)},
            **_ACTIVE,
            "state": IS_CLAIMABLE,
            "wakesOn": {"$in": list(types)},
        }
        return (await self._units.update_many(query, [{"$set": _woken(at)}])).modified_count

    async def postpone(self, unit: Enrolment, because: str, due_at: Millis) -> bool:
        """Let the unit wait; one that was woken during its attempt is due at once, because it may not have seen why."""
        postponed = await super().postpone(unit, because, due_at)
        await self._units.update_one(
            {
                "_id": unit.unit_id,
                "state": "waiting",
                "leasedUntil": None,
                "wokenAt": {"$gte": to_bson(unit.attempts[-1].at)},
                "attempts": {"$size": len(unit.attempts) - 1},
            },
            [{"$set": {"dueAt": "$wokenAt"}}, {"$unset": "wokenAt"}],
        )
        return postponed

    async def of_version(
        self, label: str, *, active: bool, after: Keyset | None = None, limit: int = 100
    ) -> list[Enrolment]:
        """The enrolments in a version that go on, or those that have ended, newest first."""
        query = {"label": {"$eq": label}, "active": active, **keyset.after("createdAt", after)}
        cursor = self._units.find(query).sort([("createdAt", -1), ("_id", 1)]).limit(limit)
        return [_read(doc) async for doc in cursor]

    async def count_up_to(self, limit: int, label: str, *, active: bool) -> int:
        """How many enrolments in a version go on, or have ended; `limit` if there are as many or more."""
        query = {"label": {"$eq": label}, "active": active}
        return await self._units.count_documents(query, limit=limit)

    async def of_lead(
        self, lead_ids: Sequence[str], *, after: Keyset | None = None, limit: int = 100
    ) -> list[Enrolment]:
        """The enrolments of all streams of a lead, newest first."""
        query = {"leadId": {"$in": list(lead_ids)}, **keyset.after("createdAt", after)}
        cursor = self._units.find(query).sort([("createdAt", -1), ("_id", 1)]).limit(limit)
        return [_read(doc) async for doc in cursor]


def _refusal(earlier: Document | None, program: Program, at: Millis) -> Refusal | None:
    if earlier is None:
        return None
    if earlier["active"]:
        return Refusal("in-sequence", "The lead is in this sequence already.")
    if program.every is None:
        return Refusal("was-in-sequence", "The lead was in this sequence before, and it is one for once.")
    if from_bson(earlier["enrolledAt"]) + program.every > at:
        detail = "The lead was in this sequence a short time ago, and it may not be enrolled again yet."
        return Refusal("too-soon", detail)
    return None


def _id_of(lead_id: str, sequence: str, ordinal: int) -> str:
    """The same for two that enrol the lead at once, so that one of them fails."""
    text = f"{lead_id}\x1f{sequence}\x1f{ordinal}"
    return f"enr_{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"


def _woken(at: Millis) -> Document:
    """What makes a unit due now, or, while an attempt of it is under way, is noted for the end of that attempt."""
    moment = to_bson(at)
    is_leased = {"$gt": ["$leasedUntil", None]}
    return {
        "wokenAt": {"$cond": [is_leased, moment, "$$REMOVE"]},
        "dueAt": {"$cond": [is_leased, "$dueAt", {"$min": ["$dueAt", moment]}]},
    }


def _attempted(unit: Enrolment) -> Document:
    return {
        "_id": unit.unit_id,
        "attempts": {"$size": len(unit.attempts)},
        "leasedUntil": {"$type": "date"},
    }


def _ending_document(ending: Ending) -> Document:
    return {"reason": ending.reason, "at": to_bson(ending.at), "eventId": ending.event_id, "why": ending.why}


def _ending(doc: Document | None) -> Ending | None:
    return None if doc is None else Ending(doc["reason"], from_bson(doc["at"]), doc["eventId"], doc["why"])


def _read(doc: Document) -> Enrolment:
    return Enrolment(
        **unit_fields(doc),
        sequence=doc["sequence"],
        label=doc["label"],
        progress=Progress(doc["step"], from_bson(doc["since"])),
        enrolled_at=from_bson(doc["enrolledAt"]),
        author=tuple(doc["author"]),
        why=doc["why"],
        pending=msgspec.convert(doc["pending"], tuple[Effect, ...]),
        decided_at=from_bson(doc["decidedAt"]) if "decidedAt" in doc else 0,
        ending=_ending(doc.get("ending")),
    )
