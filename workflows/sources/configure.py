"""Creation, change and deletion of sources with their write keys, each with an entry in the audit log."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from domain.capture.mapping import SourceMapping
from domain.events.event import Json
from engine.access.keys.key_store import IssuedKey
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.sources.personal_data import key_owner_of
from engine.sources.source import Source, SourceChange, new_source_id
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["NewSource", "change_source", "create_source", "delete_source"]


class NewSource(Struct, frozen=True):
    """A source together with its write key, which is shown once."""

    source: Source
    issued: IssuedKey


async def create_source(
    runtime: Runtime, actor: Actor, name: str, origins: Sequence[str], mapping: SourceMapping
) -> NewSource:
    """Create a source and its write key, which has the scope `ingest` and no other. Raises `Conflict`."""

    async def create(session: Session) -> tuple[NewSource, AuditAction]:
        at, source_id = runtime.now(), new_source_id()
        issued = await runtime.access.keys.add(
            f"source {name}"[:100], ("ingest",), origins, at, session, source_id=source_id
        )
        source = Source(
            source_id=source_id,
            name=name,
            key_id=issued.key.key_id,
            origins=tuple(dict.fromkeys(origins)),
            mapping=mapping,
            created_at=at,
            updated_at=at,
        )
        await runtime.sources.configured.add(source, session)
        return NewSource(source, issued), AuditAction("source.created", source_id, after=_facts(source))

    return await audited(runtime, actor, create)


async def change_source(runtime: Runtime, actor: Actor, source_id: str, change: SourceChange) -> Source:
    """Change the given fields. In use within two seconds in every process. Raises `NotFound`, `Conflict`."""

    async def apply(session: Session) -> tuple[Source, AuditAction]:
        before = await runtime.sources.configured.get(source_id, session)
        after = _changed(before, change, runtime.now())
        await runtime.sources.configured.replace(after, session)
        if after.origins != before.origins:
            await runtime.access.keys.set_origins(after.key_id, after.origins, session)
        return after, AuditAction("source.changed", source_id, _facts(before), _facts(after))

    changed = await audited(runtime, actor, apply)
    runtime.sources.configured.forget()
    return changed


async def delete_source(runtime: Runtime, actor: Actor, source_id: str) -> None:
    """Delete the source and its rejected items, and revoke its key. Its events stay. Raises `NotFound`."""

    async def delete(session: Session) -> tuple[None, AuditAction]:
        before = await runtime.sources.configured.get(source_id, session)
        await runtime.access.keys.revoke(before.key_id, runtime.now(), session)
        await runtime.sources.configured.delete(source_id, session)
        await runtime.privacy.keys.destroy(key_owner_of(source_id), session)
        return None, AuditAction("source.deleted", source_id, _facts(before))

    await audited(runtime, actor, delete)
    runtime.sources.configured.forget()
    await runtime.sources.rejected.remove_source(source_id)


def _changed(source: Source, change: SourceChange, at: int) -> Source:
    mapping = {
        name: value
        for name in ("events", "properties", "identifiers")
        if (value := getattr(change, name)) is not None
    }
    return replace(
        source,
        name=source.name if change.name is None else change.name,
        origins=source.origins if change.origins is None else tuple(dict.fromkeys(change.origins)),
        mapping=replace(source.mapping, **mapping),
        updated_at=at,
    )


def _facts(source: Source) -> dict[str, Json]:
    mapping: dict[str, Json] = to_builtins(source.mapping)
    return {
        "name": source.name,
        "keyId": source.key_id,
        "origins": list(source.origins),
        # As pairs: a name with a dot or a dollar sign cannot be one of a document.
        **{kind: [f"{one} -> {other}" for one, other in pairs.items()] for kind, pairs in mapping.items()},  # type: ignore[union-attr]
    }
