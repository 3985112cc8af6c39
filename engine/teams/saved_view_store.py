"""Saved views in MongoDB: named filters of the lead list, of one person, shared with a team, or with everyone."""

from __future__ import annotations

import secrets
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from domain.errors import Conflict, NotFound
from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session

__all__ = [
    "MAX_SHARED_VIEWS",
    "MAX_VIEWS",
    "SAVED_VIEWS",
    "Audience",
    "SavedView",
    "SavedViewStore",
    "ViewQuery",
]

MAX_VIEWS = 100
"""Views of one person."""
MAX_SHARED_VIEWS = 200
"""Views that are shared with one team, or with everyone."""

SAVED_VIEWS = CollectionSpec(
    "savedViews",
    Distribution.UNSHARDED,
    (
        IndexModel([("personId", ASCENDING), ("nameKey", ASCENDING)], unique=True),
        IndexModel([("audience", ASCENDING)]),
    ),
    free_of_personal_data="filters by stage, owner, tag and company, which name no lead, of members of the workspace",
)

Audience = Literal["nobody", "team", "everyone"]
"""With whom a view is shared."""


class ViewQuery(Struct, frozen=True, kw_only=True, rename="camel"):
    """The filters, the order and the columns of a list of leads; None: no such filter. An empty order is the default."""

    stage: str | None = None
    risk: str | None = None
    outcome: str | None = None
    status: str | None = None
    min_score: float | None = None
    owner: str | None = None
    tag: str | None = None
    account: str | None = None
    sort: str = "-score"
    columns: tuple[str, ...] = ()


class SavedView(Struct, frozen=True, kw_only=True):
    """A named list of leads. One that is shared with a team is seen by its members, named in `team`."""

    view_id: str
    person_id: str
    """Of the author."""
    name: str
    query: ViewQuery
    shared_with: Audience
    team: str
    created_at: Millis
    changed_at: Millis


class SavedViewStore:
    """Creates, finds, changes and deletes views."""

    def __init__(self, database: Database) -> None:
        self._views = SAVED_VIEWS.of(database)

    async def add(self, view: SavedView, session: Session) -> SavedView:
        """Store a new view under an id of its own. Raises `Conflict` for a name that the author uses, and for too many."""
        if await self._count({"personId": view.person_id}, MAX_VIEWS, session) >= MAX_VIEWS:
            raise Conflict(f"You have {MAX_VIEWS} views already; delete one first.")
        await self._require_room(view, session)
        stored = replace(view, view_id=f"view_{secrets.token_hex(8)}")
        try:
            await self._views.insert_one(_to_document(stored), session=session)
        except DuplicateKeyError as error:
            raise _taken(view) from error
        return stored

    async def get(self, view_id: str, session: Session | None = None) -> SavedView:
        """The view, whoever it belongs to. Raises `NotFound`."""
        doc = await self._views.find_one({"_id": {"$eq": view_id}}, session=session)
        if doc is None:
            raise NotFound("view", view_id)
        return _view(doc)

    async def shown_to(self, person_id: str, team: str) -> list[SavedView]:
        """The own views of a person, and those shared with the team and with everyone, by name.

        For a caller without an id only the latter.
        """
        audiences = ["everyone", *([f"team:{team}"] if team else [])]
        query: Document = {"$or": [{"personId": {"$eq": person_id}}, {"audience": {"$in": audiences}}]}
        found = [_view(doc) async for doc in self._views.find(query)]
        return sorted(found, key=lambda view: (view.name.casefold(), view.view_id))

    async def replace(self, before: SavedView, after: SavedView, session: Session) -> None:
        """Store a changed view. Raises `NotFound`, and `Conflict` for a name that the author uses, and for too many."""
        if _audience(after) != _audience(before):
            await self._require_room(after, session)
        try:
            done = await self._views.replace_one({"_id": after.view_id}, _to_document(after), session=session)
        except DuplicateKeyError as error:
            raise _taken(after) from error
        if not done.matched_count:
            raise NotFound("view", after.view_id)

    async def delete(self, view_id: str, session: Session) -> None:
        """Delete a view. Raises `NotFound`."""
        done = await self._views.delete_one({"_id": {"$eq": view_id}}, session=session)
        if not done.deleted_count:
            raise NotFound("view", view_id)

    async def _require_room(self, view: SavedView, session: Session) -> None:
        if view.shared_with == "nobody":
            return
        shared = await self._count({"audience": _audience(view)}, MAX_SHARED_VIEWS, session)
        if shared >= MAX_SHARED_VIEWS:
            raise Conflict(f"{MAX_SHARED_VIEWS} views are shared in the same way already; delete one first.")

    async def _count(self, query: Document, limit: int, session: Session) -> int:
        equal = {field: {"$eq": value} for field, value in query.items()}
        return await self._views.count_documents(equal, limit=limit, session=session)


def _audience(view: SavedView) -> str:
    """Who finds the view beside its author, as the index has it."""
    match view.shared_with:
        case "team":
            return f"team:{view.team}"
        case "everyone":
            return "everyone"
    return ""


def _taken(view: SavedView) -> Conflict:
    return Conflict(f"There is a view called '{view.name}' by the same author already.")


def _to_document(view: SavedView) -> Document:
    query = view.query
    return {
        "_id": view.view_id,
        "personId": view.person_id,
        "name": view.name,
        "nameKey": view.name.casefold(),
        "audience": _audience(view),
        "team": view.team,
        "stage": query.stage,
        "risk": query.risk,
        "outcome": query.outcome,
        "status": query.status,
        "minScore": query.min_score,
        "owner": query.owner,
        "tag": query.tag,
        "account": query.account,
        "sort": query.sort,
        "columns": list(query.columns),
        "createdAt": to_bson(view.created_at),
        "changedAt": to_bson(view.changed_at),
    }


def _view(doc: Document) -> SavedView:
    kind: str = doc["audience"].partition(":")[0]
    shared_with: dict[str, Audience] = {"team": "team", "everyone": "everyone"}
    return SavedView(
        view_id=doc["_id"],
        person_id=doc["personId"],
        name=doc["name"],
        query=ViewQuery(
            stage=doc["stage"],
            risk=doc["risk"],
            outcome=doc["outcome"],
            status=doc.get("status"),  # of a view that an earlier release has written
            min_score=doc["minScore"],
            owner=doc["owner"],
            tag=doc["tag"],
            account=doc.get("account"),
            sort=doc["sort"],
            columns=tuple(doc["columns"]),
        ),
        shared_with=shared_with.get(kind, "nobody"),
        team=doc["team"],
        created_at=from_bson(doc["createdAt"]),
        changed_at=from_bson(doc["changedAt"]),
    )
