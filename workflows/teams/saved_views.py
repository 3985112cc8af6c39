"""Saved views of the lead list: whose they are, who may change them, and an audit entry for each change."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType, to_builtins
from msgspec.structs import replace

from domain.errors import Fault, Invalid, NotFound
from domain.events.event import Json
from engine.access.principal import Principal
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from engine.teams.saved_view_store import Audience, SavedView, ViewQuery
from workflows.audited import audited

__all__ = [
    "NotYourView",
    "ViewChange",
    "change_view",
    "create_view",
    "delete_view",
    "find_view",
    "may_change",
]


class NotYourView(Exception):
    """The caller sees the view and may not change it."""


class NewView(Struct, frozen=True, kw_only=True):
    """A view to be saved."""

    name: str
    query: ViewQuery
    shared_with: Audience


class ViewChange(Struct, frozen=True, kw_only=True):
    """The parts of a view to change; those that are left out stay as they are."""

    name: str | UnsetType = UNSET
    query: ViewQuery | UnsetType = UNSET
    shared_with: Audience | UnsetType = UNSET


async def create_view(runtime: Runtime, principal: Principal, actor: Actor, new: NewView) -> SavedView:
    """A new view of the caller. Raises `Conflict`, and `Invalid` for sharing that the caller may not do."""
    at = runtime.now()
    view = SavedView(
        view_id="",
        person_id=principal.id,
        name=new.name,
        query=new.query,
        shared_with=new.shared_with,
        team=_team_for(principal, new.shared_with, principal.team),
        created_at=at,
        changed_at=at,
    )

    async def create(session: Session) -> tuple[SavedView, AuditAction]:
        stored = await runtime.teams.views.add(view, session)
        return stored, AuditAction("view.created", stored.view_id, after=_facts(stored))

    return await audited(runtime, actor, create)


async def find_view(runtime: Runtime, principal: Principal, view_id: str) -> SavedView:
    """A view that the caller sees. Raises `NotFound`."""
    view = await runtime.teams.views.get(view_id)
    if not _is_shown(view, principal):
        raise NotFound("view", view_id)
    return view


async def change_view(
    runtime: Runtime, principal: Principal, actor: Actor, view_id: str, wish: ViewChange
) -> SavedView:
    """Change the given parts. Raises `NotFound`, `NotYourView`, `Conflict`, and `Invalid` as for a new view."""
    view = await _require_right(runtime, principal, view_id)
    author_team = ""
    if wish.shared_with == "team":
        author_team = (await runtime.people.accounts.get(view.person_id)).team

    async def change(session: Session) -> tuple[SavedView, AuditAction | None]:
        before = await runtime.teams.views.get(view_id, session)
        after = _changed(before, wish, principal, author_team)
        if after == before:
            return before, None
        after = replace(after, changed_at=runtime.now())
        await runtime.teams.views.replace(before, after, session)
        return after, AuditAction("view.changed", view_id, _facts(before), _facts(after))

    return await audited(runtime, actor, change)


async def delete_view(runtime: Runtime, principal: Principal, actor: Actor, view_id: str) -> None:
    """Delete a view. Raises `NotFound` and `NotYourView`."""
    await _require_right(runtime, principal, view_id)

    async def delete(session: Session) -> tuple[None, AuditAction]:
        before = await runtime.teams.views.get(view_id, session)
        await runtime.teams.views.delete(view_id, session)
        return None, AuditAction("view.deleted", view_id, before=_facts(before))

    await audited(runtime, actor, delete)


def may_change(view: SavedView, principal: Principal) -> bool:
    """The author may; of shared ones admins too, and those who lead the team it is shared with."""
    if view.person_id == principal.id:
        return True
    leads_it = principal.leads_team and view.shared_with == "team" and view.team == principal.team
    return view.shared_with != "nobody" and ("manage" in principal.scopes or leads_it)


def _is_shown(view: SavedView, principal: Principal) -> bool:
    of_team = view.shared_with == "team" and view.team == principal.team
    return view.person_id == principal.id or view.shared_with == "everyone" or of_team


async def _require_right(runtime: Runtime, principal: Principal, view_id: str) -> SavedView:
    view = await find_view(runtime, principal, view_id)
    if not may_change(view, principal):
        raise NotYourView
    return view


def _changed(view: SavedView, wish: ViewChange, principal: Principal, author_team: str) -> SavedView:
    if wish.name is not UNSET:
        view = replace(view, name=wish.name)
    if wish.query is not UNSET:
        view = replace(view, query=wish.query)
    if wish.shared_with is not UNSET and wish.shared_with != view.shared_with:
        team = _team_for(principal, wish.shared_with, author_team)
        view = replace(view, shared_with=wish.shared_with, team=team)
    return view


def _team_for(principal: Principal, shared_with: Audience, team: str) -> str:
    """The team that a view is shared with, if it is one. Raises `Invalid` for sharing that the caller may not do."""
    if shared_with == "nobody":
        return ""
    detail = None
    if "work" not in principal.scopes:
        detail = "should be nobody: a viewer shares no views"
    elif shared_with == "team" and not team:
        detail = "should be nobody or everyone: the author of the view is in no team"
    if detail is not None:
        raise Invalid("The view was not shared.", (Fault("/sharedWith", detail),))
    return team if shared_with == "team" else ""


def _facts(view: SavedView) -> dict[str, Json]:
    """What the audit log shows of a view; of one that nobody else sees no more than that it exists."""
    if view.shared_with == "nobody":
        return {"personId": view.person_id, "sharedWith": view.shared_with}
    query: dict[str, Json] = to_builtins(view.query)
    return {
        "personId": view.person_id,
        "sharedWith": view.shared_with,
        "team": view.team,
        "name": view.name,
        "query": query,
    }
