"""Request bodies of campaigns, and the definitions that they mean."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import MISSING, AwareDatetime, Field, Strict

from api.http.json_body import JsonBody
from api.http.printable_name import PrintableName
from api.leads.lead_filters import MAX_ACCOUNT_LENGTH, MAX_NAME_LENGTH, unknown_names
from domain.campaigns.definition import AudienceFilter, BroadcastWindow, CampaignDefinition, Mode, Wording
from domain.errors import Fault, Invalid, json_pointer
from domain.instant import from_datetime
from domain.leads.step import MAX_TAG_LENGTH
from domain.rule_language.time_zone import TimeZoneName
from domain.rule_language.week_hours import Weekday
from domain.sequences.merge_fields import Template
from domain.sequences.window import SendWindowSection
from engine.access.principal import Principal
from engine.runtime import Runtime

__all__ = ["ChangeCampaign", "CreateCampaign", "StartCampaign", "WhyBody", "changed", "defined"]

_MAX_SUBJECT, _MAX_TEXT, _MAX_WORD = 500, 50_000, 200

_Moment = Annotated[AwareDatetime, Strict(False)]


class WriteAudience(JsonBody):
    """Filters of `GET /api/leads` by the same names; one that is left out or null does not filter."""

    stage: str | None = Field(None, max_length=MAX_NAME_LENGTH)
    risk: str | None = Field(None, max_length=MAX_NAME_LENGTH)
    outcome: str | None = Field(None, max_length=MAX_NAME_LENGTH)
    status: str | None = Field(None, max_length=MAX_NAME_LENGTH)
    min_score: float | None = Field(None, ge=-1e12, le=1e12)
    owner: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="Id of a person, `none`, or `me`: the person who writes this.",
    )
    tag: str | None = Field(None, min_length=1, max_length=MAX_TAG_LENGTH)
    account: str | None = Field(None, min_length=1, max_length=MAX_ACCOUNT_LENGTH)


class WriteWindow(SendWindowSection):
    """When a broadcast is sent, by the clock of the lead."""

    days: tuple[Weekday, ...] = Field(min_length=1, max_length=7)
    timezone: TimeZoneName = Field("UTC", description="Time zone of leads of which no other is known.")


class WriteMessage(JsonBody):
    """The message of a broadcast. Merge fields are written `{{firstName|there}}`."""

    channel: str = Field(max_length=_MAX_WORD, description="`email`, `whatsapp` or `linkedin`.")
    subject: Annotated[Template, Field(max_length=_MAX_SUBJECT)] = ""
    text: Annotated[Template, Field(max_length=_MAX_TEXT)] = ""
    template: str = Field(
        "", max_length=_MAX_WORD, description="An approved template of WhatsApp, for a text."
    )
    language: str = Field("", max_length=_MAX_WORD, description="The language of the template.")


class CreateCampaign(JsonBody):
    """A new draft. `message` is for mode `broadcast`, `sequence` for `sequence` and `triggered`."""

    name: PrintableName
    mode: Mode
    audience: WriteAudience = WriteAudience()
    message: WriteMessage | None = None
    sequence: str | None = Field(
        None, min_length=1, max_length=64, description="The name of an active sequence."
    )
    window: WriteWindow | None = Field(
        None, description="Of mode `broadcast`: hours where the lead lives; null: at any time."
    )
    include_present: bool = Field(
        False, description="Of mode `triggered`: also enrol the leads that are in the audience at the start."
    )
    starts_at: _Moment | None = Field(None, description="Not before then; null: as soon as it is started.")
    ends_at: _Moment | None = Field(
        None, description="At the latest then; null: when everybody had their turn."
    )


class ChangeCampaign(JsonBody):
    """What to change of a draft; what is left out stays. `audience` and `message` are replaced as a whole."""

    name: PrintableName | MISSING = MISSING
    mode: Mode | MISSING = MISSING
    audience: WriteAudience | MISSING = MISSING
    message: WriteMessage | MISSING | None = MISSING
    sequence: Annotated[str, Field(min_length=1, max_length=64)] | MISSING | None = MISSING
    window: WriteWindow | MISSING | None = MISSING
    include_present: bool | MISSING = MISSING
    starts_at: _Moment | MISSING | None = MISSING
    ends_at: _Moment | MISSING | None = MISSING


class StartCampaign(JsonBody):
    """The digest of the estimate on which the campaign is started."""

    digest: str = Field(min_length=1, max_length=64)


class WhyBody(JsonBody):
    """Why the state is changed."""

    why: str = Field("", max_length=500, description="Stored unencrypted: do not name a person.")


def defined(runtime: Runtime, principal: Principal, body: CreateCampaign) -> CampaignDefinition:
    """The definition in a body. Raises `Invalid` for names that the active rulebook does not have."""
    return CampaignDefinition(
        mode=body.mode,
        audience=_audience(runtime, principal, body.audience),
        message=None if body.message is None else Wording(**body.message.model_dump()),
        sequence=body.sequence,
        window=_window(body.window),
        include_present=body.include_present,
        starts_at=_millis(body.starts_at),
        ends_at=_millis(body.ends_at),
    )


def changed(
    runtime: Runtime, principal: Principal, before: CampaignDefinition, body: ChangeCampaign
) -> CampaignDefinition:
    """The definition after a change. Raises `Invalid` as for a new one."""
    fields: dict[str, Any] = {name: getattr(before, name) for name in CampaignDefinition.__struct_fields__}
    if body.audience is not MISSING:
        fields["audience"] = _audience(runtime, principal, body.audience)
    if body.message is not MISSING:
        fields["message"] = None if body.message is None else Wording(**body.message.model_dump())
    if body.window is not MISSING:
        fields["window"] = _window(body.window)
    for name in ("mode", "sequence", "include_present"):
        if (value := getattr(body, name)) is not MISSING:
            fields[name] = value
    for name in ("starts_at", "ends_at"):
        if (value := getattr(body, name)) is not MISSING:
            fields[name] = _millis(value)
    return CampaignDefinition(**fields)


def _audience(runtime: Runtime, principal: Principal, wanted: WriteAudience) -> AudienceFilter:
    unknown = unknown_names(
        runtime, stage=wanted.stage, risk=wanted.risk, outcome=wanted.outcome, status=wanted.status
    )
    faults = [Fault(json_pointer("audience", name), detail) for name, detail in unknown]
    fields = wanted.model_dump()
    if wanted.owner == "me":
        fields["owner"] = principal.id
        if principal.kind != "person":
            detail = "me is the person who has signed in; write the id of a person"
            faults.append(Fault("/audience/owner", detail))
    if faults:
        raise Invalid("The campaign was not saved.", tuple(faults))
    return AudienceFilter(**fields)


def _window(wanted: WriteWindow | None) -> BroadcastWindow | None:
    return None if wanted is None else BroadcastWindow(**wanted.model_dump())


def _millis(moment: datetime | None) -> int | None:
    return None if moment is None else from_datetime(moment)
