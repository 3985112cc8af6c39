"""One attempt of a claimed unit, from its lease to its settlement. It never raises, however the attempt ends."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import TypeVar

from structlog.contextvars import bound_contextvars

from domain.instant import SECOND, Millis
from engine.work.kind import WorkKind
from engine.work.outcome import Outcome, Settlement, settle
from engine.work.unit import Unit

__all__ = ["attempt"]

_log = logging.getLogger(__name__)

U = TypeVar("U", bound=Unit)


async def attempt(
    kind: WorkKind[U],
    unit: U,
    now: Callable[[], Millis],
    jitter: Callable[[], float] = random.random,
) -> Settlement | None:
    """Perform the unit and store what came of it. None if another attempt has overtaken this one.

    Raises what the store raises; the unit is then attempted again when its lease ends.
    """
    with bound_contextvars(**unit.log_context):
        outcome = await _outcome(kind, unit)
        settlement = settle(unit, outcome, kind.policy, now(), jitter())
        if outcome.verdict == "later":
            stored = await kind.store.postpone(unit, outcome.detail, settlement.due_at)
        else:
            stored = await kind.store.finish(unit, outcome, settlement)
        if not stored:
            return None
        if settlement.state == "dead":
            name = kind.name.capitalize()
            _log.error("%s %s is dead after %d attempts: %s", name, unit.unit_id, unit.tries, outcome.detail)
    return settlement


async def _outcome(kind: WorkKind[U], unit: U) -> Outcome:
    if unit.tries > kind.policy.attempts:  # its worker died during the last one
        return Outcome(verdict="dead", detail="every attempt ended without a result")
    seconds = kind.policy.lease / SECOND
    try:
        async with asyncio.timeout(seconds) as lease:
            return await kind.perform(unit)
    except Exception as error:  # noqa: BLE001 - an effect may fail in any way, and that is a failed attempt
        ended = (
            f"no result within {seconds:g} seconds" if lease.expired() else f"{type(error).__name__}: {error}"
        )
        return Outcome(verdict="failed", detail=ended)
