"""The route that compares two rulebooks: what one changes of the other, in words."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from litestar import post
from msgspec import UNSET, UnsetType, field

from api.http.json_body import read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from api.rulebooks.chosen import ChosenRulebook, KnownRulebook
from domain.rule_lab.change_class import ChangeClass
from domain.rule_lab.difference import Change, compare_rulebooks, digest_of

__all__ = ["ChangeView", "change_view", "diff_rulebooks"]


class DiffRulebooks(ChosenRulebook):
    """The later rulebook; `against` is the earlier one, the active one if left out."""

    against: KnownRulebook | None = None


class ChangeView(View, frozen=True):
    """A change: the steps to it with ids in the place of numbers, its class, in words, and as values.

    `before` is left out where nothing stood there, `after` where nothing does now.
    """

    place: tuple[str, ...]
    change_class: ChangeClass = field(name="class")
    text: str
    before: Any | UnsetType = UNSET
    after: Any | UnsetType = UNSET


class DifferenceView(View, frozen=True):
    """What a rulebook changes of another. `class` is the heaviest of its changes; the digest is of the later one."""

    before: str
    after: str
    digest: str
    change_class: ChangeClass = field(name="class")
    changes: list[ChangeView]


@post(
    "/api/rulebooks/diff",
    summary="What a rulebook changes of another, in words",
    description="Rules, groups, stages and automations are matched by id. Nothing is stored.",
    tags=["Rulebooks"],
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(
            DiffRulebooks, {"name": "standard", "version": 3, "against": {"name": "standard", "version": 2}}
        )
    ),
    responses=problems(400, 404, 413, 415, 503),
)
async def diff_rulebooks(request: HttpRequest, runtime: RuntimeDep) -> DifferenceView:
    """Each change with its class."""
    body = await read_json_body(request, DiffRulebooks)
    after, _ = await body.read(runtime)
    before = runtime.rulebook.document if body.against is None else await body.against.read(runtime)
    found = compare_rulebooks(before, after)
    return DifferenceView(
        before=before.label,
        after=after.label,
        digest=digest_of(after),
        change_class=found.change_class,
        changes=[change_view(one) for one in found.changes],
    )


def change_view(change: Change) -> ChangeView:
    return ChangeView(
        place=change.place,
        change_class=change.change_class,
        text=change.text,
        before=change.before,
        after=change.after,
    )
