"""The bundle of imports over HTTP."""

from __future__ import annotations

from dataclasses import dataclass

from engine.imports.file_store import ImportFileStore
from engine.imports.import_store import ImportStore
from engine.imports.mapping_store import MappingStore
from engine.privacy.lead_key_store import LeadKeyStore
from engine.store.mongo import Database

__all__ = ["Imports", "open_imports"]


@dataclass(frozen=True)
class Imports:
    """Imports as due work, their files, and mappings by name."""

    units: ImportStore
    files: ImportFileStore
    mappings: MappingStore


def open_imports(database: Database, keys: LeadKeyStore) -> Imports:
    """Wire the stores; nothing stays open."""
    return Imports(ImportStore(database), ImportFileStore(database, keys), MappingStore(database))
