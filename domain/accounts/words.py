"""The intelligence of an account in words: one sentence per person, and one for all."""

from __future__ import annotations

from domain.accounts.account_intelligence import AccountScore, PersonShare
from domain.rule_language.words import percent

__all__ = ["reason_of", "summary_of"]


def reason_of(share: PersonShare) -> str:
    """Why the person gives their points."""
    said = [f"{share.from_score:g} from a score that counts {percent(share.weight)}"]
    if share.from_breadth:
        said.append(f"{share.from_breadth:g} as one more engaged person")
    if share.from_surge:
        said.append(f"{share.from_surge:g} as one of several who are busier than usual")
    return "; ".join(said)


def summary_of(name: str, leads: int, score: AccountScore) -> str:
    """The account of this name, with so many leads in all, in one sentence."""
    if not score.people:
        return f"{name}: no points, because every lead is lost or disqualified."
    first = score.people[0]
    said = [f"{first.person.lead_id} alone gives {first.points:g}"]
    if score.engaged > 1:
        said.append(f"{score.engaged} people are engaged")
    if score.has_surge:
        said.append(f"{score.rising} people are busier than usual")
    of_leads = "1 lead" if leads == 1 else f"{leads} leads"
    return f"{name}: {score.score:g} points from {of_leads}; {', '.join(said)}."
