"""The operations bundle: audit log, dead letters, leads in flight."""

from __future__ import annotations

from dataclasses import dataclass

from engine.operations.audit_log import AuditLog
from engine.operations.dead_letters import DeadLetters
from engine.operations.in_flight import InFlight
from engine.operations.loop_health import LoopHealth
from engine.settings import Settings
from engine.store.mongo import Database

__all__ = ["Operations", "open_operations"]


@dataclass(frozen=True)
class Operations:
    """The audit log, dead letters, the leads that each worker has in flight, and when each loop last completed."""

    audit: AuditLog
    dead_letters: DeadLetters
    in_flight: InFlight
    loops: LoopHealth


def open_operations(settings: Settings, database: Database, holder: str) -> Operations:
    """Wire the stores; nothing stays open. `holder` is the name of this process among all workers."""
    return Operations(
        AuditLog(database),
        DeadLetters(database, settings.fold_attempts),
        InFlight(database, holder, settings.worker_heartbeat_seconds),
        LoopHealth(database),
    )
