"""The due-work bundle: the stores of all kinds by name, and the wake-ups of the loops that work them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.work.store import WorkStore
from engine.work.wakeups import WorkWakeUps

__all__ = ["Work"]


@dataclass(frozen=True)
class Work:
    """Everything that waits to leave the engine. A new kind of due work is one entry more in `stores`."""

    stores: Mapping[str, WorkStore[Any]]
    wake_ups: WorkWakeUps
