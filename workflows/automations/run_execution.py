"""Automation executions as a kind of due work: an attempt performs the action and appends what it did as an event."""

from __future__ import annotations

from functools import partial

from domain.events.event import ENGINE_SOURCE, NewEvent
from domain.instant import HOUR, SECOND, Millis
from engine.automations.actions import Effect
from engine.automations.execution import AUTOMATION, Execution
from engine.runtime import Runtime
from engine.work.backoff import exponential
from engine.work.kind import WorkKind
from engine.work.outcome import Outcome
from engine.work.policy import Policy
from workflows.automations.enrol import enrol_by_automation
from workflows.privacy.encrypt import append_sealed

__all__ = ["automation_kind", "run_execution"]

_CONCURRENCY = 8
"""Executions under way in one process. Few, because leads are scored on the same event loop."""

_MAX_PAUSE: Millis = HOUR
_ENROL = "enrol"


def automation_kind(runtime: Runtime) -> WorkKind[Execution]:
    """The kind, with its policy from the settings."""
    settings = runtime.settings
    policy = Policy(
        attempts=settings.execution_attempts,
        backoff=exponential(round(settings.execution_backoff_seconds * SECOND), _MAX_PAUSE),
        lease=round(settings.execution_lease_seconds * SECOND),
        concurrency=_CONCURRENCY,
    )
    return WorkKind(AUTOMATION, runtime.automations.executions, policy, partial(run_execution, runtime))


async def run_execution(runtime: Runtime, execution: Execution) -> Outcome:
    """Perform the action of a claimed execution. Raises what the action raises.

    The event with its effect has the execution's id, so that a second attempt after a crash finds it stored already.
    """
    effect = await _perform(runtime, execution)
    await append_sealed(runtime, [_event(execution, effect, runtime.now())])
    return Outcome(verdict="done", detail=effect.event_type)


async def _perform(runtime: Runtime, execution: Execution) -> Effect:
    if execution.action["type"] == _ENROL:  # it takes more than the stores of automations
        return await enrol_by_automation(runtime, execution)
    action = runtime.automations.actions[str(execution.action["type"])]
    return await action.perform(execution, runtime.now())


def _event(execution: Execution, effect: Effect, at: Millis) -> NewEvent:
    return NewEvent(
        event_id=f"execution:{execution.unit_id}",
        lead_id=execution.lead_id,
        type=effect.event_type,
        occurred_at=at,
        received_at=at,
        body_hash=execution.unit_id,
        source=ENGINE_SOURCE,
        properties={**effect.properties, "ruleId": execution.rule_id, "executionId": execution.unit_id},
    )
