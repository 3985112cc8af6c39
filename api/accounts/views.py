"""Response bodies of the account routes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, UnsetType

from api.http.pages import Page, component
from api.http.view import View, optional_datetime
from domain.accounts.account_id import group_of
from domain.accounts.account_intelligence import PersonShare
from domain.accounts.words import reason_of, summary_of
from domain.instant import to_datetime
from domain.rulebooks.compiled import CompiledRulebook
from engine.accounts.account_store import StoredAccount
from workflows.accounts.read_account import AccountReading

__all__ = [
    "AccountIntelligenceView",
    "AccountView",
    "AccountsPage",
    "account_view",
    "intelligence_view",
]


class AccountView(View, frozen=True):
    """A company by its leads: `leads` counts up to 10,000 of them. `name` is the domain or the id of the group if nothing names it."""

    account_id: str
    name: str
    domain: str | None
    group_id: str | None
    leads: int
    score: float
    surge: bool
    scored_at: datetime
    rulebook: str
    requested_id: str | UnsetType = UNSET
    """Of one account: the id that was asked for, which may be that of a domain that is part of it."""


AccountsPage = Annotated[Page[AccountView], component("AccountsPage")]


class AccountPersonView(View, frozen=True):
    """One of the strongest leads: `points` = `fromScore` (`score` times `weight`) + `fromBreadth` + `fromSurge`."""

    lead_id: str
    points: float
    score: float
    weight: float
    from_score: float
    from_breadth: float
    from_surge: float
    engaged: bool
    rising: bool
    stage: str
    outcome: str
    risk: str
    next_action: str
    last_activity_at: datetime | None
    reason: str


class AccountRulebookView(View, frozen=True):
    """The rulebook by which it was worked out."""

    name: str
    version: int


class AccountIntelligenceView(View, frozen=True):
    """An account at `asOf`; the points of `people` sum to `score`. Leads beyond those in `people` count nothing."""

    account_id: str
    requested_id: str
    name: str
    domain: str | None
    group_id: str | None
    as_of: datetime
    score: float
    summary: str
    leads: int
    engaged: int
    rising: int
    surge: bool
    people: list[AccountPersonView]
    rulebook: AccountRulebookView


def account_view(account: StoredAccount, requested_id: str | UnsetType = UNSET) -> AccountView:
    return AccountView(
        account_id=account.account_id,
        name=account.name,
        domain=account.domain or None,
        group_id=group_of(account.account_id) or None,
        leads=account.leads,
        score=account.score,
        surge=account.has_surge,
        scored_at=to_datetime(account.scored_at),
        rulebook=account.rulebook,
        requested_id=requested_id,
    )


def intelligence_view(
    reading: AccountReading, requested_id: str, rulebook: CompiledRulebook
) -> AccountIntelligenceView:
    account, score = reading.account, reading.score
    return AccountIntelligenceView(
        account_id=account.account_id,
        requested_id=requested_id,
        name=account.name,
        domain=account.domain or None,
        group_id=group_of(account.account_id) or None,
        as_of=to_datetime(account.scored_at),
        score=score.score,
        summary=summary_of(account.name, account.leads, score),
        leads=account.leads,
        engaged=score.engaged,
        rising=score.rising,
        surge=score.has_surge,
        people=[_person_view(share, rulebook) for share in score.people],
        rulebook=AccountRulebookView(name=rulebook.name, version=rulebook.version),
    )


def _person_view(share: PersonShare, rulebook: CompiledRulebook) -> AccountPersonView:
    assessment = share.person.assessment
    return AccountPersonView(
        lead_id=share.person.lead_id,
        points=share.points,
        score=rulebook.stages.shown(assessment.score),
        weight=share.weight,
        from_score=share.from_score,
        from_breadth=share.from_breadth,
        from_surge=share.from_surge,
        engaged=share.is_engaged,
        rising=share.is_rising,
        stage=assessment.stage,
        outcome=assessment.outcome,
        risk=assessment.risk,
        next_action=assessment.next_action,
        last_activity_at=optional_datetime(share.person.last_activity_at),
        reason=reason_of(share),
    )
