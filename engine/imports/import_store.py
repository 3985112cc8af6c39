"""Imports as units of due work, with how far each has come."""

from __future__ import annotations

import secrets

from pymongo import DESCENDING, IndexModel

from domain.instant import Millis
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session
from engine.work.store import WorkStore
from engine.work.unit import Unit
from engine.work.unit_document import new_unit, unit_fields
from engine.work.unit_reader import due_index

__all__ = ["IMPORT", "IMPORTS", "Import", "ImportStore"]

IMPORT = "import"
"""The kind of due work that imports are."""

IMPORTS = CollectionSpec(
    "imports",
    Distribution.UNSHARDED,
    (due_index(), IndexModel([("createdAt", DESCENDING), ("_id", DESCENDING)])),
    free_of_personal_data="names of files, mappings of columns, and counts of rows without what is in them",
)


class Import(Unit, frozen=True, kw_only=True):
    """A file whose rows become events. `mapping` is its text; `report` is JSON, empty at first.

    `suffix` is that of the file's name, by which its kind is known.
    """

    file_name: str
    suffix: str
    mapping: str
    mapping_name: str
    dry_run: bool
    report: str = ""

    @property
    def log_context(self) -> dict[str, str | None]:
        """The ids that every log line of an attempt carries."""
        return {"importId": self.unit_id}


class ImportStore(WorkStore[Import]):
    """Imports, newest first."""

    def __init__(self, database: Database) -> None:
        super().__init__(IMPORTS.of(database), _read, name="import")

    @staticmethod
    def new_id() -> str:
        """An id for an import whose file is stored before it is due."""
        return f"import-{secrets.token_hex(12)}"

    async def add(  # noqa: PLR0917 - the parts of an import
        self,
        import_id: str,
        file_name: str,
        suffix: str,
        mapping: str,
        mapping_name: str,
        at: Millis,
        *,
        dry_run: bool,
        session: Session | None = None,
    ) -> None:
        """Store an import, which is due now."""
        document = {
            "_id": import_id,
            "fileName": file_name,
            "suffix": suffix,
            "mapping": mapping,
            "mappingName": mapping_name,
            "dryRun": dry_run,
            **new_unit(at),
        }
        await self._units.insert_one(document, session=session)

    async def save_report(self, import_id: str, report: str) -> bool:
        """Record how far the import has come. False if it was deleted."""
        saved = await self._units.update_one({"_id": import_id}, {"$set": {"report": report}})
        return saved.matched_count > 0

    async def page(self, after: Keyset | None, limit: int) -> list[Import]:
        """Imports, newest first."""
        cursor = self._units.find(keyset.after("createdAt", after)).sort([("createdAt", -1), ("_id", 1)])
        return [_read(doc) async for doc in cursor.limit(limit)]

    async def delete(self, import_id: str, session: Session) -> None:
        """Forget the import; an attempt that is under way ends by itself."""
        await self._units.delete_one({"_id": import_id}, session=session)


def _read(doc: Document) -> Import:
    return Import(
        **unit_fields(doc),
        file_name=doc["fileName"],
        suffix=doc["suffix"],
        mapping=doc["mapping"],
        mapping_name=doc["mappingName"],
        dry_run=doc["dryRun"],
        report=doc.get("report", ""),
    )
