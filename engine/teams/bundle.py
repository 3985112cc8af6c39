"""The bundle of teams: claims of leads."""

from __future__ import annotations

from dataclasses import dataclass

from engine.store.mongo import Database
from engine.teams.claim_store import ClaimStore

__all__ = ["Teams", "open_teams"]


@dataclass(frozen=True)
class Teams:
    """Who works on which lead."""

    claims: ClaimStore


def open_teams(database: Database) -> Teams:
    """Wire the stores; nothing stays open."""
    return Teams(ClaimStore(database))
