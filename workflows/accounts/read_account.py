"""Reading an account from its leads as they are now, or from those of them that a caller sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from msgspec import Struct

from domain.accounts.account_id import domain_of, group_of
from domain.accounts.account_intelligence import AccountScore, Person, combine
from domain.decisions.assessment import Assessment
from domain.decisions.outcome import OutcomeName
from domain.errors import NotFound
from domain.instant import Millis
from domain.leads.assess import assess
from domain.teams.visibility import EVERY_LEAD, VisibleLeads
from engine.accounts.account_store import StoredAccount
from engine.leads.account_members import Owners
from engine.leads.lead_document import LeadSummary, StoredLead, UnreadableLead
from engine.runtime import Runtime

__all__ = ["AccountReading", "members_of", "read_account", "seen_by"]


class AccountReading(Struct, frozen=True):
    """An account with the score of its people, at the moment `account.scored_at`."""

    account: StoredAccount
    score: AccountScore


def seen_by(visible: VisibleLeads) -> Owners:
    """The owners whose leads a caller sees, with None for unassigned ones; None: those of all."""
    return None if visible.owners is None else (None, *sorted(visible.owners))


async def members_of(runtime: Runtime, account_id: str) -> tuple[str, tuple[str, ...]]:
    """The id of the account that this one is, or is a part of, and its parts. One that is not listed yet is its only part."""
    listed = await runtime.accounts.listed.get(account_id)
    return (account_id, (account_id,)) if listed is None else (listed.account_id, listed.members)


async def read_account(
    runtime: Runtime,
    account_id: str,
    members: Sequence[str] | None = None,
    *,
    visible: VisibleLeads = EVERY_LEAD,
    at: Millis | None = None,
) -> AccountReading:
    """The account at `at`, by default now, by the leads that are visible. `members` are its parts, by default as listed.

    Raises `NotFound` for one without such a lead.
    """
    if members is None:
        account_id, members = await members_of(runtime, account_id)
    at, owners = runtime.now() if at is None else at, seen_by(visible)
    leads = await runtime.leads.members.count(members, owners)
    if not leads:
        raise NotFound("account", account_id)
    rulebook = runtime.rulebook
    strongest = await runtime.leads.members.strongest(members, rulebook.accounts.people, owners)
    score = combine(await _people(runtime, strongest, at), at, rulebook.accounts)
    said = await runtime.leads.members.name([account_id], owners)
    domain = domain_of(account_id) or said.domain
    return AccountReading(
        StoredAccount(
            account_id=account_id,
            name=said.name or domain or group_of(account_id),
            domain=domain,
            members=tuple(members),
            leads=leads,
            score=score.score,
            has_surge=score.has_surge,
            scored_at=at,
            rulebook=rulebook.label,
        ),
        score,
    )


async def _people(runtime: Runtime, leads: Sequence[LeadSummary], at: Millis) -> list[Person]:
    states = await runtime.leads.states.get_encoded([lead.lead_id for lead in leads])
    return [_person(runtime, lead, states.get(lead.lead_id), at) for lead in leads]


def _person(runtime: Runtime, lead: LeadSummary, stored: StoredLead | None, at: Millis) -> Person:
    """The lead at this moment; as lists show it, while it waits to be folded under the active rulebook."""
    rulebook = runtime.rulebook
    try:
        state = stored.decode() if stored is not None and stored.is_read_under(rulebook.label) else None
    except UnreadableLead:  # it is rebuilt
        state = None
    if state is None:
        return Person(
            lead_id=lead.lead_id, assessment=_as_listed(lead), last_activity_at=lead.last_activity_at
        )
    return Person(
        lead_id=lead.lead_id,
        assessment=assess(state, max(at, state.clock), rulebook),
        first_activity_at=state.first_activity_at,
        last_activity_at=state.last_activity_at,
    )


def _as_listed(lead: LeadSummary) -> Assessment:
    return Assessment(
        lead.scored_at,
        lead.score,
        lead.stage,
        lead.velocity,
        lead.risk,
        outcome=cast("OutcomeName", lead.outcome),
        next_action=lead.next_action,
    )
