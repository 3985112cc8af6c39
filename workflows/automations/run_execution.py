"""Runs one automation that has fired: attempts its action until it is done or has failed too often."""

from __future__ import annotations

import logging
import random

from structlog.contextvars import bound_contextvars

from domain.events.event import ENGINE_SOURCE, NewEvent
from domain.instant import SECOND, Millis
from engine.automations.actions import Outcome
from engine.automations.execution_store import Execution
from engine.queue.broker import EXECUTIONS
from engine.runtime import Runtime
from workflows.capture.encrypt import append_sealed

__all__ = ["backoff", "enqueue_due", "run_execution"]

_log = logging.getLogger(__name__)

_MAX_DUE = 1000
_LONGEST_PAUSE: Millis = 3600 * SECOND


async def run_execution(runtime: Runtime, identity: str) -> None:
    """Make one attempt, if the execution is due and nobody else is at it.

    What the action did goes into the lead's stream under the execution's id, so that a second attempt after a
    crash finds it there. A failed attempt is due again after a pause; the last one leaves the execution dead.
    """
    settings = runtime.settings
    lease = round(settings.execution_lease_seconds * SECOND)
    execution = await runtime.automations.executions.claim(identity, runtime.now(), lease)
    if execution is None:
        return
    if len(execution.attempts) > settings.execution_attempts:
        await runtime.automations.executions.finish(
            execution, "dead", "failed", "every attempt ended without a result"
        )
        return
    try:
        outcome = await runtime.automations.actions[str(execution.action["type"])].perform(
            execution, runtime.now()
        )
        await append_sealed(runtime, [_event(execution, outcome, runtime.now())])
    except Exception as error:  # noqa: BLE001 - an action may fail in any way, and that is a failed attempt
        await _failed(runtime, execution, f"{type(error).__name__}: {error}")
    else:
        await runtime.automations.executions.finish(execution, "done", "done", outcome.event_type)


async def enqueue_due(runtime: Runtime) -> int:
    """Ring for executions whose time has come. Returns how many.

    While messages still wait in the queue they are in it already, and ringing again would only fill it.
    """
    if await runtime.work_queue.waiting_messages(EXECUTIONS):
        return 0
    due = await runtime.automations.executions.due(runtime.now(), _MAX_DUE)
    await runtime.work_queue.enqueue_executions(due)
    return len(due)


def backoff(attempt: int, first_seconds: float, share: float) -> Millis:
    """The pause after a failed attempt: doubles each time, and `share` (0 to 1) spreads it over its upper half."""
    longest = min(first_seconds * SECOND * 2.0 ** (attempt - 1), _LONGEST_PAUSE)
    return round(longest * (0.5 + share / 2))


async def _failed(runtime: Runtime, execution: Execution, reason: str) -> None:
    attempt, settings = len(execution.attempts), runtime.settings
    if attempt >= settings.execution_attempts:
        with bound_contextvars(leadId=execution.lead_id, executionId=execution.execution_id):
            _log.error("Execution %s is dead after %d attempts: %s", execution.execution_id, attempt, reason)
        await runtime.automations.executions.finish(execution, "dead", "failed", reason)
        return
    due_at = runtime.now() + backoff(attempt, settings.execution_backoff_seconds, random.random())
    await runtime.automations.executions.finish(execution, "pending", "failed", reason, due_at)


def _event(execution: Execution, outcome: Outcome, at: Millis) -> NewEvent:
    return NewEvent(
        event_id=f"execution:{execution.execution_id}",
        lead_id=execution.lead_id,
        type=outcome.event_type,
        occurred_at=at,
        received_at=at,
        body_hash=execution.execution_id,
        source=ENGINE_SOURCE,
        properties={**outcome.properties, "ruleId": execution.rule_id, "executionId": execution.execution_id},
    )
