"""Sequences and facts for tests."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from domain.decisions.assessment import Measurements
from domain.events.event import Event
from domain.instant import from_datetime
from domain.sequences.compiler import compile_sequence
from domain.sequences.decide import Facts, Progress
from domain.sequences.loader import parse_sequence

BERLIN = ZoneInfo("Europe/Berlin")


def at(text, zone=BERLIN):
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=zone))


def program(steps, **more):
    lines = [f"{name}: {value}" for name, value in more.items()]
    return compile_sequence(parse_sequence("\n".join(["name: trial", "version: 1", *lines, "steps:", steps])))


def facts(
    *events, zone=BERLIN, last_touch=None, attributes=None, country=None, lead_id="ada", away=None, **measured
):
    state = {"score": 0.0, "stage": "cold", "velocity": 0.0, "risk": "low", **measured}
    return Facts(
        lead_id=lead_id,
        measured=Measurements(0, **state),
        attributes=attributes or {},
        events=events,
        zone=zone,
        country=country,
        last_touch=last_touch,
        away=away,
    )


def event(kind, occurred_at, **properties):
    return Event(
        position=1,
        event_id=f"{kind}-{occurred_at}",
        lead_id="ada",
        type=kind,
        occurred_at=occurred_at,
        received_at=occurred_at,
        properties=properties,
    )


def start(moment):
    return Progress(0, moment)
