"""Keeps and forgets mappings of import files by name."""

from __future__ import annotations

import re

from domain.errors import NotFound
from engine.imports.mapping_store import KeptMapping
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.imports.mapping.mapping_file import parse_mapping

__all__ = ["delete_mapping", "put_mapping"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


async def put_mapping(runtime: Runtime, by: Actor, name: str, text: str) -> KeptMapping:
    """Keep the mapping, in place of one of this name. Raises `NotFound` for what is no name, `Invalid` with every fault, `Conflict` for too many."""
    if not _NAME.fullmatch(name):
        detail = "A mapping is named by up to 100 letters, digits, dots, dashes and underscores."
        raise NotFound("import mapping", name, detail)
    parse_mapping(text, name)

    async def put(session: Session) -> tuple[KeptMapping, AuditAction]:
        await runtime.imports.mappings.put(name, text, runtime.now(), session)
        return await runtime.imports.mappings.get(name, session), AuditAction("import_mapping.kept", name)

    return await audited(runtime, by, put)


async def delete_mapping(runtime: Runtime, by: Actor, name: str) -> None:
    """Forget the mapping. Raises `NotFound`."""

    async def delete(session: Session) -> tuple[None, AuditAction]:
        await runtime.imports.mappings.delete(name, session)
        return None, AuditAction("import_mapping.deleted", name)

    await audited(runtime, by, delete)
