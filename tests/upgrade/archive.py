"""A database as one file: a compressed tar of BSON per collection with its indexes, laid out as `mongodump` does."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bson import json_util
from bson.raw_bson import RawBSONDocument
from pymongo import IndexModel, MongoClient
from pymongo.database import Database

__all__ = ["dump", "load", "manifest_of"]

MANIFEST = "manifest.json"
_INSERTED_AT_ONCE = 500


def dump(uri: str, name: str, file: Path, manifest: dict[str, Any]) -> None:
    """Write every collection of the database, and the manifest, to the file."""
    with (
        MongoClient[RawBSONDocument](uri, document_class=RawBSONDocument) as client,
        tarfile.open(file, "w:xz", preset=9) as archive,
    ):
        _add(archive, MANIFEST, json.dumps(manifest, indent=2, sort_keys=True).encode())
        for collection in sorted(client[name].list_collection_names()):
            found = client[name][collection]
            documents = [document.raw for document in found.find().sort("_id", 1)]
            indexes = {"indexes": [dict(index) for index in found.list_indexes()]}
            _add(archive, f"{collection}.metadata.json", json_util.dumps(indexes, indent=2).encode())
            _add(archive, f"{collection}.bson", b"".join(documents))


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    """Owner and time are left at their defaults: the same data makes the same file."""
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def manifest_of(file: Path) -> dict[str, Any]:
    """The facts about a recording that are no document of it."""
    return json.loads(dict(_entries(file))[MANIFEST])


def load(file: Path, uri: str, name: str) -> None:
    """Put what was dumped into a database in place of all that is there, indexes included."""
    entries = dict(_entries(file))
    with MongoClient[Any](uri, w="majority", journal=True) as client:
        client.drop_database(name)
        for entry, content in entries.items():
            if entry.endswith(".bson"):
                collection = entry.removesuffix(".bson")
                indexes = json_util.loads(entries[f"{collection}.metadata.json"])["indexes"]
                _fill(client[name], collection, content, indexes)


def _fill(database: Database[Any], name: str, content: bytes, indexes: list[dict[str, Any]]) -> None:
    database.create_collection(name)
    documents = list(_documents(content))
    for start in range(0, len(documents), _INSERTED_AT_ONCE):
        database[name].insert_many(documents[start : start + _INSERTED_AT_ONCE])
    models = [
        IndexModel(list(index.pop("key").items()), **{k: v for k, v in index.items() if k != "v"})
        for index in indexes
        if index["name"] != "_id_"
    ]
    if models:
        database[name].create_indexes(models)


def _documents(content: bytes) -> Iterator[RawBSONDocument]:
    """The documents one after the other; nothing in them is decoded."""
    start = 0
    while start < len(content):
        end = start + int.from_bytes(content[start : start + 4], "little")
        yield RawBSONDocument(content[start:end])
        start = end


def _entries(file: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(file, "r:xz") as archive:
        for entry in archive:
            if (content := archive.extractfile(entry)) is not None:
                yield entry.name, content.read()
