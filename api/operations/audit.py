"""Who changed how the engine works, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Struct

from api.http.parameters import (
    Cursor,
    HttpRequest,
    Limit,
    Moment,
    RuntimeDep,
    decode_cursor,
    next_cursor,
    next_link,
)
from api.http.problems import problems
from domain.instant import to_datetime
from engine.operations.audit_log import AuditEntry

__all__ = ["AuditAnswer", "audit_answer", "list_audit_log"]


class _Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class WhoAnswer(_Answer, frozen=True):
    """An API key with its id and name, a person on a `command line` as user@host, or the `engine` itself."""

    kind: str
    name: str
    key_id: str | None


class AuditAnswer(_Answer, frozen=True):
    """A change: what it was like before and after, without secrets; null where there is no before or no after."""

    id: str
    at: datetime
    who: WhoAnswer
    action: str
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditPage(_Answer, frozen=True):
    items: list[AuditAnswer]
    next_cursor: str | None


@get(
    "/api/audit",
    summary="Who changed keys, rulebooks, dead letters and webhook endpoints, and who erased personal data",
    tags=["Audit log"],
    responses=problems(400, 503),
)
async def list_audit_log(
    request: HttpRequest,
    runtime: RuntimeDep,
    target: Annotated[
        str | None,
        QueryParameter(max_length=300, description="Only about this: the id of a key, endpoint or lead."),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[AuditPage]:
    """Changes, newest first."""
    of = "audit log" if target is None else f"audit log of {target}"
    found = await runtime.operations.audit.page(
        target, decode_cursor(cursor, of, tuple[Moment, str]), limit + 1
    )
    more = next_cursor(of, found, limit, lambda last: (last.at, last.entry_id))
    page = AuditPage(items=[audit_answer(one) for one in found[:limit]], next_cursor=more)
    return Response(page, headers=next_link(request, more))


def audit_answer(entry: AuditEntry) -> AuditAnswer:
    actor, deed = entry.actor, entry.deed
    return AuditAnswer(
        id=entry.entry_id,
        at=to_datetime(entry.at),
        who=WhoAnswer(kind=actor.kind, name=actor.name, key_id=actor.key_id or None),
        action=deed.action,
        target=deed.target,
        before=deed.before,
        after=deed.after,
    )
