"""Shares of long passes as units of due work, with how far each has come and what it has found."""

from __future__ import annotations

import secrets
from typing import Literal, get_args

import msgspec
from pymongo import DESCENDING, IndexModel

from domain.errors import NotFound
from domain.instant import Millis
from domain.leads.share import Share
from engine.passes.report import PassReport
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session
from engine.work.store import WorkStore, attempted_by
from engine.work.unit import OPEN, Unit
from engine.work.unit_document import new_unit, unit_fields
from engine.work.unit_reader import due_index

__all__ = ["PASS_NAMES", "PASS_SHARE", "PASS_SHARES", "PassName", "PassShare", "PassShareStore"]

PASS_SHARE = "pass-share"  # noqa: S105 - no password
"""The kind of due work that shares of passes are."""

PASS_SHARES = CollectionSpec(
    "passShares",
    Distribution.UNSHARDED,
    (due_index(), IndexModel([("createdAt", DESCENDING), ("_id", DESCENDING)])),
    free_of_personal_data="ids of leads, counts, and names of errors",
)

PassName = Literal["verify", "rebuild", "decay"]
"""What a pass does with each lead. `as_of` of its shares is the moment at which a decay pass looks at them."""

PASS_NAMES: tuple[PassName, ...] = get_args(PassName)


class PassShare(Unit, frozen=True, kw_only=True):
    """One share of a pass. `after` is the last lead that is finished, empty at first; `report` is about all up to it."""

    pass_id: str
    does: PassName
    share: Share
    as_of: Millis
    after: str = ""
    report: PassReport = PassReport()
    is_stopped: bool = False

    @property
    def log_context(self) -> dict[str, str | None]:
        """The ids that every log line of an attempt carries."""
        return {"passShareId": self.unit_id}


class PassShareStore(WorkStore[PassShare]):
    """Shares, each under an id made of its pass and its number."""

    def __init__(self, database: Database) -> None:
        super().__init__(PASS_SHARES.of(database), _read, name="share of a pass")

    async def add(self, does: PassName, shares: int, at: Millis, as_of: Millis, session: Session) -> str:
        """Store the shares of a pass, which are due now. Returns the id of the pass."""
        pass_id = f"{does}-{secrets.token_hex(4)}"
        documents: list[Document] = [
            {
                "_id": f"{pass_id}:{number + 1}",
                "passId": pass_id,
                "does": does,
                "number": number,
                "of": shares,
                "asOf": to_bson(as_of),
                **new_unit(at),
            }
            for number in range(shares)
        ]
        await self._units.insert_many(documents, session=session)
        return pass_id

    async def save(self, unit: PassShare, after: str, report: PassReport) -> bool:
        """Record mark and report together. False if another attempt has overtaken this one, or the pass was stopped."""
        saved = await self._units.update_one(
            attempted_by(unit), {"$set": {"after": after, "report": msgspec.json.encode(report).decode()}}
        )
        return saved.matched_count > 0

    async def of_pass(self, pass_id: str) -> list[PassShare]:
        """The shares of a pass, by their numbers. Raises `NotFound`."""
        found = await self._units.find(_of(pass_id)).to_list()
        if not found:
            raise NotFound("pass", pass_id)
        return sorted(map(_read, found), key=lambda one: one.share.number)

    async def pass_ids(self) -> list[str]:
        """Every pass that is stored, the newest first."""
        first = {"_id": {"$regex": ":1$"}}
        newest = self._units.find(first, {"passId": 1}).sort([("createdAt", -1), ("_id", -1)])
        return [doc["passId"] async for doc in newest]

    async def stop(self, pass_id: str, at: Millis) -> int:
        """End the shares that are not done. Returns how many; an attempt that is under way ends at its next mark."""
        stopped = await self._units.update_many(
            {**_of(pass_id), "state": {"$in": list(OPEN)}},
            {
                "$set": {"state": "done", "isStopped": True, "dueAt": to_bson(at)},
                "$unset": {"leasedUntil": "", "claim": ""},
            },
        )
        return stopped.modified_count

    async def forget(self, pass_id: str) -> None:
        """Delete the shares of a pass that is over."""
        await self._units.delete_many(_of(pass_id))


def _of(pass_id: str) -> Document:
    return {"_id": {"$gte": f"{pass_id}:", "$lt": f"{pass_id};"}}  # ";" comes after ":"


def _read(doc: Document) -> PassShare:
    report = doc.get("report")
    return PassShare(
        **unit_fields(doc),
        pass_id=doc["passId"],
        does=doc["does"],
        share=Share(doc["number"], doc["of"]),
        as_of=from_bson(doc["asOf"]),
        after=doc.get("after", ""),
        report=msgspec.json.decode(report, type=PassReport) if report else PassReport(),
        is_stopped=doc.get("isStopped", False),
    )
