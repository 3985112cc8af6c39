"""The background loops that a whole engine runs, and how long each may take until it counts as late."""

from __future__ import annotations

from msgspec import Struct

from engine.runtime import Runtime

__all__ = [
    "ACCOUNTS",
    "ANALYTICS",
    "DEAD_WORKERS",
    "DUE_LEADS",
    "FIND_REPLIES",
    "INDEX_NAMES",
    "MAILBOX",
    "MAX_SECONDS",
    "PREVIEWS",
    "REBUILD",
    "RECONCILE",
    "SHADOW",
    "LoopState",
    "due_work_loop",
    "loop_states",
]

RECONCILE = "reconcile"
DEAD_WORKERS = "dead_workers"
REBUILD = "rebuild_outdated"
DUE_LEADS = "due_leads"
INDEX_NAMES = "index_names"
MAILBOX = "mailbox"
ACCOUNTS = "accounts"
ANALYTICS = "analytics"
FIND_REPLIES = "find_replies"
PREVIEWS = "rulebook_previews"
SHADOW = "shadow_rulebook"

MAX_SECONDS = {
    RECONCILE: 120.0,
    DEAD_WORKERS: 30.0,
    REBUILD: 900.0,
    DUE_LEADS: 900.0,
    INDEX_NAMES: 900.0,
    MAILBOX: 300.0,
    ACCOUNTS: 900.0,
    ANALYTICS: 900.0,
    FIND_REPLIES: 900.0,
    PREVIEWS: 900.0,
    SHADOW: 900.0,
}
"""How long one run of a job of the scheduler may take. One that takes longer hangs: it is abandoned and runs again."""

_DUE_WORK_SECONDS = 30.0
_TAKEOVER_SECONDS = 30.0
"""On top, for a standby to take over."""


class LoopState(Struct, frozen=True, kw_only=True):
    """A loop, how many seconds ago it completed a pass (None: never), whether that is too long, and its outcomes."""

    name: str
    seconds_ago: float | None
    is_late: bool
    outcomes: dict[str, int]


def due_work_loop(kind: str) -> str:
    """The name of the loops that work a kind of due work."""
    return f"due_work:{kind}"


async def loop_states(runtime: Runtime) -> list[LoopState]:
    """Every loop that must run. Raises what the store raises."""
    limits = {due_work_loop(kind): _DUE_WORK_SECONDS for kind in runtime.work.stores}
    limits |= {name: seconds + _TAKEOVER_SECONDS for name, seconds in MAX_SECONDS.items()}
    limits[RECONCILE] += runtime.settings.reconcile_seconds
    limits[MAILBOX] += runtime.settings.imap_poll_seconds
    records = await runtime.operations.loops.records(limits)
    states = []
    for name, limit in limits.items():
        record = records.get(name)
        states.append(
            LoopState(
                name=name,
                seconds_ago=record.seconds_ago if record else None,
                is_late=record is None or record.seconds_ago >= limit,
                outcomes=record.outcomes if record else {},
            )
        )
    return states
