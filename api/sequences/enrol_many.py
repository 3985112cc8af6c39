"""POST /api/sequences/{name}/enrolments: the leads of a filter are enrolled, or it is only said what would become of them."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus

from litestar import post
from pydantic import Field

from api.access.actor import CurrentPrincipal
from api.access.visible import Visible
from api.access.wanted_owners import wanted_owners
from api.http.idempotency_key import idempotency_key
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import decode_cursor, encode_cursor
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from api.leads.lead_filters import unknown_names
from api.leads.saved_views import ViewFilter
from domain.errors import Fault, Invalid, json_pointer
from engine.leads.lead_pages import LeadFilter, LeadOrder
from engine.outreach.message import Author
from engine.runtime import Runtime
from workflows.accounts.read_account import members_of
from workflows.sequences.enrol_many import MAX_LEADS, EnrolledLead, EnrolMany, enrol_many

__all__ = ["post_enrolments"]

_OF = "leads to enrol"


class EnrolLeads(JsonBody):
    """The leads: the best first of those that pass the filter."""

    filter: ViewFilter
    limit: int = Field(
        50, ge=1, le=MAX_LEADS, description="Most leads of this call, whether or not they may be enrolled."
    )
    why: str = Field("", max_length=500, description="The reason, as it is shown beside each enrolment.")
    dry_run: bool = Field(False, description="Only say what would become of each lead.")
    cursor: str | None = Field(None, max_length=2000, description="`nextCursor` of the call before.")


class EnrolledLeadView(View, frozen=True):
    """What became of one lead. `held-out`: it is enrolled and gets nothing, for comparison.

    `reason` of a refusal: `in-sequence`, `was-in-sequence`, `too-soon`, `exclusive`, `decided`, `not-found`, `invalid` or
    `conflict`.
    """

    lead_id: str
    status: str
    enrolment_id: str | None
    reason: str | None
    detail: str | None


class EnrolledLeadsView(View, frozen=True):
    """Counts and results, one per lead. `nextCursor` goes on behind them; null: no lead is left."""

    sequence: str
    dry_run: bool
    leads: int
    enrolled: int
    held_out: int
    refused: int
    reasons: dict[str, int]
    results: list[EnrolledLeadView]
    next_cursor: str | None


@post(
    "/api/sequences/{name:str}/enrolments",
    summary="Enrol the leads of a filter in a sequence",
    description="Of the leads that `GET /api/leads` has with this filter, the best first, up to 200 per call; `nextCursor` "
    "goes on. With `dryRun` nothing is stored. A repeated call enrols nobody twice: with the header `Idempotency-Key` it "
    "answers as the first one did, else those leads are refused as `in-sequence`.",
    tags=["Sequences"],
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(
        json_request_body(
            EnrolLeads, {"filter": {"stage": "warm", "tag": "fair"}, "limit": 100, "dryRun": True}
        )
    ),
    responses=problems(400, 404, 413, 415, 503),
)
async def post_enrolments(
    request: HttpRequest, runtime: RuntimeDep, principal: CurrentPrincipal, visible: Visible, name: PathText
) -> EnrolledLeadsView:
    """What became of the leads."""
    body = await read_json_body(request, EnrolLeads)
    _require_known_names(runtime, body.filter)
    if body.filter.owner == "me" and principal.kind != "person":
        raise _invalid("/filter/owner", "me is the person who has signed in; write the id of a person")
    owners = wanted_owners(request.auth, visible, body.filter.owner)
    lead_ids, cursor = await _page(runtime, body, owners)
    wanted = EnrolMany(
        sequence=name,
        lead_ids=lead_ids,
        why=body.why,
        key=idempotency_key(request),
        dry_run=body.dry_run,
    )
    results = await enrol_many(runtime, Author(principal.kind, principal.id), wanted)
    label = (await runtime.sequences.library.active(name)).label
    return _view(label, body, results, cursor)


async def _page(
    runtime: Runtime, body: EnrolLeads, owners: tuple[str | None, ...] | None
) -> tuple[list[str], str | None]:
    """The ids of the next leads, and the cursor behind them if there may be more."""
    try:
        after = decode_cursor(body.cursor, _OF, tuple[float, str])
    except Invalid:
        raise _invalid("/cursor", "is not a cursor of this call; leave it out to begin") from None
    given, account = body.filter.model_dump(exclude={"owner", "account"}), body.filter.account
    accounts = None if account is None else (await members_of(runtime, account))[1]
    wanted = LeadFilter(**given, owners=owners, accounts=accounts)
    page = await runtime.leads.lists.page(wanted, LeadOrder("score", True, after), body.limit + 1)
    found = page.leads[: body.limit]
    last = found[-1] if len(page.leads) > body.limit else page.resume
    cursor = None if last is None else encode_cursor(_OF, (last.score, last.lead_id))
    return [one.lead_id for one in found], cursor


def _require_known_names(runtime: Runtime, wanted: ViewFilter) -> None:
    unknown = unknown_names(
        runtime, stage=wanted.stage, risk=wanted.risk, outcome=wanted.outcome, status=wanted.status
    )
    if faults := tuple(Fault(json_pointer("filter", name), detail) for name, detail in unknown):
        raise Invalid("Nobody was enrolled.", faults)


def _invalid(pointer: str, detail: str) -> Invalid:
    return Invalid("Nobody was enrolled.", (Fault(pointer, detail),))


def _view(label: str, body: EnrolLeads, results: list[EnrolledLead], cursor: str | None) -> EnrolledLeadsView:
    counts = Counter(one.status for one in results)
    return EnrolledLeadsView(
        sequence=label,
        dry_run=body.dry_run,
        leads=len(results),
        enrolled=counts["enrolled"],
        held_out=counts["held-out"],
        refused=counts["refused"],
        reasons=dict(Counter(one.refusal.code for one in results if one.refusal is not None)),
        results=[
            EnrolledLeadView(
                lead_id=one.lead_id,
                status=one.status,
                enrolment_id=one.enrolment_id,
                reason=one.refusal.code if one.refusal else None,
                detail=one.refusal.detail if one.refusal else None,
            )
            for one in results
        ],
        next_cursor=cursor,
    )
