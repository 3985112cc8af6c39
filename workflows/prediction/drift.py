"""Drift of active models: measured by night and with each training, and read for screens and alarms."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from msgspec.structs import replace

from domain.decisions.goal import Goal
from domain.decisions.outcome import OPEN
from domain.instant import Millis
from domain.leads.state import LeadState
from domain.prediction.drift import Drift, Shifts
from domain.prediction.features import features_of
from domain.prediction.landmark import ACTIVE_WITHIN, is_sampled
from domain.prediction.model import Model
from engine.leads.lead_document import UnreadableLead
from engine.runtime import Runtime
from workflows.prediction.table import LandmarkTable
from workflows.prediction.train import probabilities_by

__all__ = ["active_model", "look_for_drift", "read_drifts", "record_matured"]

_log = logging.getLogger(__name__)

_LEADS_AT_A_TIME = 100
_MOST_LEADS = 5000
"""Open leads that a shift is measured on, about; of more, a sample by hash."""


async def read_drifts(runtime: Runtime) -> dict[str, Drift]:
    """What was last seen of each active model, by goal; one that nobody has looked at yet has no figures."""
    found: dict[str, Drift] = {}
    for goal, label in (await runtime.prediction.models.active_labels()).items():
        drift = await runtime.prediction.trainings.drift(goal)
        if drift is not None and drift.model == label:
            found[goal] = drift
    return found


async def active_model(runtime: Runtime, goal: Goal) -> Model | None:
    """The active model of a goal as it is stored; None without one."""
    label = await runtime.prediction.models.active_label(goal.name)
    return None if label is None else (await runtime.prediction.models.get(label)).model


async def record_matured(runtime: Runtime, goal: Goal, table: LandmarkTable) -> None:
    """What the active model expected of the landmarks since its activation, and what became of them."""
    active, now = await active_model(runtime, goal), runtime.now()
    if active is None or active.rulebook != runtime.rulebook.label:
        return
    since = await runtime.prediction.models.activated_at(goal.name) or active.known_at
    rows = [row for row, at in enumerate(table.at) if at >= since]
    expected = await asyncio.to_thread(probabilities_by, table, active, rows) if rows else []
    before = await runtime.prediction.trainings.drift(goal.name)
    drift = (
        before if before is not None and before.model == active.label else Drift(model=active.label, at=now)
    )
    await runtime.prediction.trainings.set_drift(
        goal.name,
        replace(
            drift,
            at=now,
            landmarks=len(rows),
            expected=sum(expected),
            reached=sum(table.reached[row] for row in rows),
        ),
    )


async def _so_far(runtime: Runtime, goal: Goal, model: Model) -> Drift:
    """What was seen of this model before."""
    before = await runtime.prediction.trainings.drift(goal.name)
    return before if before is not None and before.model == model.label else Drift(model=model.label, at=0)


async def look_for_drift(runtime: Runtime, goal: Goal) -> Drift | None:
    """Compare the open leads of today with those that the active model learnt from, and record it; None without one."""
    model = await active_model(runtime, goal)
    if model is None or model.rulebook != runtime.rulebook.label:
        return None
    shifts = await _shifts(runtime, model)
    shift, features = shifts.seen()
    found = replace(
        await _so_far(runtime, goal, model),
        at=runtime.now(),
        leads=shifts.leads,
        shift=shift,
        features=features,
    )
    await runtime.prediction.trainings.set_drift(goal.name, found)
    for warning in found.warnings:
        _log.warning("Model %s: %s", model.label, warning)
    return found


async def _shifts(runtime: Runtime, model: Model) -> Shifts:
    """Counts over the open leads that were active of late; of many leads, a sample."""
    rulebook, now, shifts = runtime.rulebook, runtime.now(), Shifts(model)
    refused = rulebook.decisive_rules
    one_in = 2 ** (await runtime.leads.lists.count() // _MOST_LEADS).bit_length()
    async for leads in runtime.leads.states.scan(at_a_time=_LEADS_AT_A_TIME):
        for lead in leads:
            if not is_sampled(lead.lead_id, 0, one_in) or not lead.is_read_under(rulebook.label):
                continue
            with contextlib.suppress(UnreadableLead):
                state = lead.decode()
                if _is_open_and_active(state, now):
                    shifts.add(features_of(state, max(now, state.clock), rulebook, refused))
        await asyncio.sleep(0)
    return shifts


def _is_open_and_active(state: LeadState, now: Millis) -> bool:
    last = state.last_activity_at
    return state.outcome.name == OPEN and last is not None and now - last <= ACTIVE_WITHIN
