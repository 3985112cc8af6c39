"""Files of imports in MongoDB, in encrypted pieces, so that every worker has them and none outlives its time.

Each import has a key of its own, kept with the keys of leads; deleting it erases the file wherever a copy may be.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import Literal

from bson import Binary
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pymongo import ASCENDING, IndexModel

from domain.instant import DAY, Millis
from engine.privacy.lead_key_store import LeadKeyStore
from engine.process.clock import to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Session

__all__ = ["IMPORT_FILES", "KEPT", "PIECE_BYTES", "FileKind", "ImportFileStore"]

IMPORT_FILES = CollectionSpec(
    "importFiles",
    Distribution.BY_ID,
    (IndexModel([("until", ASCENDING)], expireAfterSeconds=0),),
    free_of_personal_data="encrypted with a key of each import; deleted when it ends, its rejected rows after seven days",
)

KEPT: Millis = 7 * DAY
PIECE_BYTES = 1024 * 1024
_NONCE_BYTES = 12

FileKind = Literal["rows", "rejects"]


class ImportFileStore:
    """The rows of an import, and those that it refused."""

    def __init__(self, database: Database, keys: LeadKeyStore) -> None:
        self._pieces = IMPORT_FILES.of(database)
        self._keys = keys

    async def put(self, import_id: str, kind: FileKind, number: int, piece: bytes, at: Millis) -> None:
        """Store a piece of a file, in place of one of this number."""
        cipher, name = await self._cipher(import_id), _name(import_id, kind, number)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + cipher.encrypt(nonce, piece, name.encode())
        document = {"_id": name, "data": Binary(sealed), "until": to_bson(at + KEPT)}
        await self._pieces.replace_one({"_id": name}, document, upsert=True)

    async def read(self, import_id: str, kind: FileKind) -> AsyncIterator[bytes]:
        """The pieces of a file in their order; none if there is no such file any more."""
        cipher = await self._cipher(import_id)
        async for doc in self._pieces.find({"_id": _range(import_id, kind)}).sort("_id", 1):
            data = bytes(doc["data"])
            yield cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], str(doc["_id"]).encode())

    async def delete_rows(self, import_id: str) -> None:
        """Delete the rows: the import has ended."""
        await self._pieces.delete_many({"_id": _range(import_id, "rows")})

    async def delete(self, import_id: str, session: Session) -> None:
        """Delete both files, and their key."""
        for kind in ("rows", "rejects"):
            await self._pieces.delete_many({"_id": _range(import_id, kind)}, session=session)
        await self._keys.destroy(_key_name(import_id), session)

    async def _cipher(self, import_id: str) -> AESGCM:
        name = _key_name(import_id)
        return AESGCM((await self._keys.of_leads({name}))[name].secret)


def _key_name(import_id: str) -> str:
    """What the key is stored under; no lead has an id with a slash."""
    return f"imports/{import_id}"


def _name(import_id: str, kind: FileKind, number: int) -> str:
    return f"{import_id}:{kind}:{number:08d}"


def _range(import_id: str, kind: FileKind) -> dict[str, str]:
    return {"$gte": f"{import_id}:{kind}:", "$lt": f"{import_id}:{kind};"}
