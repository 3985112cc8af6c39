"""Routes of hand-overs: the open leads and tasks of a person go to somebody else."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from litestar import get, post
from pydantic import Field

from api.access.actor import CurrentActor
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from domain.errors import Fault, Invalid, NotFound
from domain.instant import to_datetime
from engine.teams.hand_over import HandOver, Recipient, Wish
from engine.work.unit import UnitState
from workflows.teams.hand_over import hand_over

__all__ = ["HAND_OVER", "LeadsChoice"]

_PATH = "/api/people/{person_id:str}/hand-over"
_TAGS = ["Owners"]


_OwnerId = Annotated[
    str | None,
    Field(max_length=200, description="Id of the new owner, if the leads go to a person."),
]
_Why = Annotated[str, Field(max_length=500)]


class HandOverTo(JsonBody):
    """What becomes of the open leads and tasks of a person."""

    to: Recipient | None = Field(
        None, description="`person`, `routing` or `nobody`; left out: the person in `ownerId`, or nobody."
    )
    owner_id: _OwnerId = None
    why: _Why = ""

    def wish(self) -> Wish:
        """The hand-over as the engine knows it."""
        given: Recipient = "nobody" if self.owner_id is None else "person"
        return Wish(to=self.to or given, owner_id=self.owner_id, why=self.why)


class LeadsChoice(JsonBody):
    """What becomes of the open leads and tasks of a person whose access ends."""

    to: Recipient | Literal["stay"] = Field(
        description="`person`, `routing` or `nobody`; `stay`: they stay with the person for now."
    )
    owner_id: _OwnerId = None
    why: _Why = ""

    def choice(self) -> Wish | Literal["stay"]:
        """The hand-over as the engine knows it, if there is one. Raises `Invalid` for an owner where nothing changes."""
        if self.to == "stay" and self.owner_id is not None:
            raise Invalid("Nothing was changed.", (Fault("/leads/ownerId", "should be left out"),))
        return "stay" if self.to == "stay" else Wish(to=self.to, owner_id=self.owner_id, why=self.why)


class HandOverView(View, frozen=True):
    """A hand-over and how far it has come. It goes on in the background until `state` is `done`."""

    id: str
    person_id: str
    to: Recipient
    owner_id: str | None
    why: str
    state: UnitState
    leads: int
    tasks: int
    has_more: bool
    created_at: datetime


@post(
    _PATH,
    summary="Hand the open leads and tasks of a person over",
    description=(
        "In the background, however many there are: to a person, to the person whom the routing rules choose, or to nobody. The same "
        "again while it is under way changes nothing."
    ),
    tags=_TAGS,
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(
        json_request_body(
            HandOverTo, {"to": "person", "ownerId": "person_0123456789abcdef", "why": "Ada has left"}
        )
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_hand_over(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, person_id: PathText
) -> HandOverView:
    """The hand-over. It is due work of the kind `hand-over`."""
    body = await read_json_body(request, HandOverTo)
    return _view(await hand_over(runtime, actor, person_id, body.wish()))


@get(_PATH, summary="The latest hand-over of a person", tags=_TAGS, responses=problems(400, 404, 503))
async def get_hand_over(runtime: RuntimeDep, person_id: PathText) -> HandOverView:
    """How far it has come. 404 for a person whose leads were never handed over."""
    found = await runtime.teams.hand_overs.latest(person_id)
    if found is None:
        raise NotFound("hand-over of person", person_id)
    return _view(found)


def _view(unit: HandOver) -> HandOverView:
    return HandOverView(
        id=unit.unit_id,
        person_id=unit.person_id,
        to=unit.wish.to,
        owner_id=unit.wish.owner_id,
        why=unit.wish.why,
        state=unit.state,
        leads=unit.leads,
        tasks=unit.tasks,
        has_more=unit.state != "done",
        created_at=to_datetime(unit.created_at),
    )


HAND_OVER = (post_hand_over, get_hand_over)
"""Every call here."""
