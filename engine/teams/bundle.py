"""The bundle of teams: claims and snoozes of leads, the routing of leads to reps, and saved views."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from engine.store.mongo import Database
from engine.teams.claim_store import ClaimStore
from engine.teams.decision_store import DecisionStore
from engine.teams.first_touch import FirstTouchStore
from engine.teams.hand_over import HandOverStore
from engine.teams.routing_request import RoutingRequestStore
from engine.teams.routing_rules_store import ActiveRouting, RoutingRulesStore
from engine.teams.saved_view_store import SavedViewStore
from engine.teams.snooze_store import SnoozeStore

__all__ = ["Teams", "open_teams"]


@dataclass(frozen=True)
class Teams:
    """Who works on which lead, and who gets the next one. `routing` is what this process knows of the active rules."""

    claims: ClaimStore
    snoozes: SnoozeStore
    rules: RoutingRulesStore
    routing: ActiveRouting
    requests: RoutingRequestStore
    decisions: DecisionStore
    touches: FirstTouchStore
    views: SavedViewStore
    hand_overs: HandOverStore


@contextlib.asynccontextmanager
async def open_teams(database: Database) -> AsyncIterator[Teams]:
    """Wire the stores, and keep the active rules current."""
    rules = RoutingRulesStore(database)
    routing = ActiveRouting(rules)
    async with routing.kept_current():
        yield Teams(
            ClaimStore(database),
            SnoozeStore(database),
            rules,
            routing,
            RoutingRequestStore(database),
            DecisionStore(database),
            FirstTouchStore(database),
            SavedViewStore(database),
            HandOverStore(database),
        )
