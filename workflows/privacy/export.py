"""Export of everything that is stored about a lead, as one JSON document that is written while it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import partial

import msgspec
from msgspec import Struct

from domain.instant import Millis, to_datetime
from engine.operations.audit_log import Actor, AuditAction
from engine.privacy.personal_data import Record
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.privacy.known_leads import require_lead

__all__ = ["LeadExport", "begin_export", "write_export"]

_PIECE_BYTES = 64 * 1024


class LeadExport(Struct, frozen=True):
    """An export that has begun: events after `position` came later and are left out."""

    lead_id: str
    at: Millis
    position: int
    parts: dict[str, object]
    """By name: a value that was read already, or records that are read while they are written."""


async def begin_export(runtime: Runtime, actor: Actor, lead_id: str) -> LeadExport:
    """Ask every registered store for its parts; audited. Raises `NotFound` for a lead of which nothing is stored."""
    position = await require_lead(runtime, lead_id)
    await audited(runtime, actor, partial(_exported, lead_id))
    lead_id, *others = await runtime.identity.streams.of_lead(lead_id)
    parts: dict[str, object] = {}
    for store in runtime.personal_data:
        exported = dict(await store.export(lead_id, position))
        for stream in () if store.whole_leads else others:
            exported = _together(exported, await store.export(stream, position))
        parts |= exported
    return LeadExport(lead_id, runtime.now(), position, parts)


def _together(exported: dict[str, object], other: Mapping[str, object]) -> dict[str, object]:
    """The lists of both; of what is no list the first that is there."""
    together = dict(exported)
    for name, part in other.items():
        before = together.get(name)
        if isinstance(before, AsyncIterator) and isinstance(part, AsyncIterator):
            together[name] = _one_after_the_other(before, part)
        elif before is None:
            together[name] = part
    return together


async def _one_after_the_other(*parts: AsyncIterator[Record]) -> AsyncIterator[Record]:
    for part in parts:
        async for record in part:
            yield record


async def _exported(lead_id: str, _: Session) -> tuple[None, AuditAction]:
    return None, AuditAction("personal_data.exported", lead_id)


async def write_export(export: LeadExport) -> AsyncIterator[bytes]:
    """The document in pieces of about 64 KiB. One that breaks off is not complete."""
    head = {"leadId": export.lead_id, "exportedAt": to_datetime(export.at), "position": export.position}
    piece = bytearray(msgspec.json.encode(head).removesuffix(b"}"))
    for name, part in export.parts.items():
        piece += f',"{name}":'.encode()
        if not isinstance(part, AsyncIterator):
            piece += _encode(part)
            continue
        async for written in _array(part):
            piece += written
            if len(piece) >= _PIECE_BYTES:
                yield bytes(piece)
                piece.clear()
    yield bytes(piece + b"}")


async def _array(records: AsyncIterator[Record]) -> AsyncIterator[bytes]:
    before = b"["
    async for record in records:
        yield before + _encode(record)
        before = b","
    yield b"]" if before == b"," else b"[]"


def _encode(value: object) -> bytes:
    """The value as JSON; what JSON has no type for as its text."""
    return msgspec.json.encode(value, enc_hook=str)
