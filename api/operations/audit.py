"""GET /api/audit: the audit log of administrative changes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import QueryParameter

from api.http.pages import Cursor, Limit, Page, component, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from domain.instant import to_datetime
from engine.operations.audit_log import AuditEntry

__all__ = ["AuditView", "audit_view", "list_audit_log"]


class ActorView(View, frozen=True):
    """The actor: a `key` or a `person` by id and name, somebody on a `command line` as user@host, or the `engine`."""

    kind: str
    name: str
    key_id: str | None
    person_id: str | None


class AuditView(View, frozen=True):
    """A change: its target before and after, without secrets; null where there is no before or no after."""

    id: str
    at: datetime
    who: ActorView
    action: str
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


AuditPage = Annotated[Page[AuditView], component("AuditPage")]


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
    found = await runtime.operations.audit.page(target, decode_time_cursor(cursor, of), limit + 1)
    return page_of(request, found, limit, of=of, keyset=lambda one: (one.at, one.entry_id), view=audit_view)


def audit_view(entry: AuditEntry) -> AuditView:
    actor, action = entry.actor, entry.action
    return AuditView(
        id=entry.entry_id,
        at=to_datetime(entry.at),
        who=ActorView(
            kind=actor.kind,
            name=actor.name,
            key_id=actor.id if actor.kind == "key" else None,
            person_id=actor.id if actor.kind == "person" else None,
        ),
        action=action.name,
        target=action.target,
        before=action.before,
        after=action.after,
    )
