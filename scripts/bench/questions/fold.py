"""How fast pure functions fold events, in one process without any I/O."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import msgspec

from domain.events.event import Event
from domain.instant import from_datetime
from domain.leads.fold import fold
from domain.leads.state import initial_state
from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from engine.rulebooks.library import load_rulebook
from scripts.bench.checks import verify
from scripts.bench.report.figures import Figure, Row, Target, at_least
from scripts.bench.rounds import Measure
from scripts.bench.workbench import Question, Workbench
from scripts.demo.simulated_week import simulate_week

__all__ = ["FOLD", "streams_of_week"]

_UNTIL = datetime(2026, 11, 22, 12, tzinfo=UTC)
_TARGETS = {"classic": (100_000, 200_000), "standard": (40_000, 80_000)}
_EPSILON = 1e-6


class _Plain(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An event whose properties may be any JSON: msgspec cannot decode types that name themselves."""

    position: int
    event_id: str
    lead_id: str
    type: str
    occurred_at: int
    received_at: int
    source: str
    properties: dict[str, Any]


_Streams = Sequence[tuple[str, Sequence[Event]]]


async def _answer(bench: Workbench) -> list[Row]:
    streams = streams_of_week(bench.size(1_500, 500))
    events = sum(len(stream) for _, stream in streams)
    rulebooks = {name: compile_rulebook(load_rulebook(name)) for name in _TARGETS}
    for rulebook in rulebooks.values():
        _verify_folds(streams, rulebook)
    measures: dict[str, Measure] = {"decode": _decoding(streams)}
    measures |= {name: _folding(streams, rulebook) for name, rulebook in rulebooks.items()}
    samples = await bench.interleave(measures)
    return [
        Row(
            question=8,
            name=f"pure fold, `{name}`",
            measured=Figure("events/s", samples[name]),
            baseline=Figure("events/s", samples["decode"]),
            baseline_name="msgspec decodes them from JSON",
            judged="measured",
            reach=_target(name, 0),
            aim=_target(name, 1),
            note=f"{events:,} events of {len(streams):,} leads, a simulated week; by processor time of one process",
        )
        for name in rulebooks
    ]


def _target(name: str, which: int) -> Target:
    return at_least(_TARGETS[name][which])


def streams_of_week(leads: int) -> list[tuple[str, list[Event]]]:
    """Leads with the events of a simulated week, in the order in which they arrived."""
    week = simulate_week(leads, seed=7, until=_UNTIL)
    events = [
        Event(
            position=position,
            event_id=event.event_id or "",
            lead_id=event.lead_id or "",
            type=event.type,
            occurred_at=from_datetime(event.occurred_at or _UNTIL),
            received_at=from_datetime(event.occurred_at or _UNTIL),
            source=event.source or "",
            properties=event.properties or {},
        )
        for position, event in enumerate(week, 1)
    ]
    by_lead = groupby(sorted(events, key=lambda event: event.lead_id), key=lambda event: event.lead_id)
    return [(lead_id, list(group)) for lead_id, group in by_lead]


def _folding(streams: _Streams, rulebook: CompiledRulebook) -> Measure:
    async def measure(_: int) -> float:
        started = time.process_time()
        for lead_id, events in streams:
            fold(initial_state(lead_id, rulebook), events, rulebook)
        return sum(len(events) for _, events in streams) / (time.process_time() - started)

    return measure


def _decoding(streams: _Streams) -> Measure:
    """A loop of the same length, as a measure of the machine."""
    encoded = [msgspec.json.encode(event) for _, events in streams for event in events]
    decode = msgspec.json.Decoder(_Plain).decode

    async def measure(_: int) -> float:
        started = time.process_time()
        for one in encoded:
            decode(one)
        return len(encoded) / (time.process_time() - started)

    return measure


def _verify_folds(streams: _Streams, rulebook: CompiledRulebook) -> None:
    """Every event leaves a row, and the rows add up to the score."""
    for lead_id, events in streams:
        folded = fold(initial_state(lead_id, rulebook), events, rulebook)
        total = sum(row.decay + sum(given.points for given in row.contributions) for row in folded.rows)
        verify(
            [row.position for row in folded.rows] == [event.position for event in events],
            f"the rows of {lead_id} are not those of its events",
        )
        verify(
            abs(total - folded.state.assessment.score) < _EPSILON,
            f"the rows of {lead_id} add up to {total}, not to {folded.state.assessment.score}",
        )


FOLD = Question("fold", "How fast do pure functions fold events?", _answer, (8,))
