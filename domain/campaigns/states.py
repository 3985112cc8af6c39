"""The states of a campaign and the transitions between them, as a pure function."""

from __future__ import annotations

from typing import Literal, get_args

from domain.errors import Conflict
from domain.instant import Millis

__all__ = ["STATES", "Action", "CampaignState", "Ending", "after"]

CampaignState = Literal["draft", "scheduled", "running", "paused", "finished"]
STATES: tuple[CampaignState, ...] = get_args(CampaignState)

Action = Literal["start", "pause", "resume", "finish"]

Ending = Literal["completed", "ended", "manual"]
"""Why a campaign is finished: everybody had their turn, `endsAt` came, or somebody finished it."""

_FROM: dict[Action, tuple[CampaignState, ...]] = {
    "start": ("draft",),
    "pause": ("scheduled", "running"),
    "resume": ("paused",),
    "finish": ("draft", "scheduled", "running", "paused"),
}


def after(state: CampaignState, action: Action, starts_at: Millis | None, at: Millis) -> CampaignState:
    """The state after an action at the moment `at`. Raises `Conflict` for an action that the state does not allow."""
    if state not in _FROM[action]:
        allowed = " or ".join(_FROM[action])
        raise Conflict(f"This campaign is {state}: only one that is {allowed} can {action}.")
    if action == "pause":
        return "paused"
    if action == "finish":
        return "finished"
    return "scheduled" if starts_at is not None and starts_at > at else "running"
