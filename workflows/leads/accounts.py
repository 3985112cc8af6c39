"""The accounts that a change of a lead concerns, noted in the transaction of the change."""

from __future__ import annotations

from domain.leads.state import LeadState
from engine.runtime import Runtime
from engine.store.mongo import Session

__all__ = ["accounts_of", "note_account"]


def accounts_of(*states: LeadState | None) -> set[str]:
    """The accounts of a lead before and after a change; none, at no cost, for leads without a company."""
    return {state.company.account for state in states if state is not None and state.company is not None}


async def note_account(
    runtime: Runtime, lead_id: str, session: Session, after: LeadState | None = None
) -> None:
    """Note that the account of a stored lead is to be projected again, and that of its state `after` the change.

    Call it before the lead is written or removed.
    """
    before = await runtime.leads.states.accounts([lead_id], session)
    await runtime.accounts.changes.add({*before.values(), *accounts_of(after)}, session)
