"""Clocks that are wrong, events that are late, and days on which calendars are odd change no state."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest

from domain.leads.assess import assess
from engine.process.clock import from_bson, now
from tests.faults.harness.load import POINTS, send_all

FIVE_MINUTES = timedelta(minutes=5)
ODD_DAYS = (
    datetime(2024, 2, 28, 23, 59, 59, tzinfo=UTC),
    datetime(2024, 2, 29, 12, tzinfo=UTC),
    datetime(2024, 3, 1, tzinfo=UTC),
    datetime(2025, 3, 30, 0, 59, tzinfo=UTC),  # summer time begins in Europe
    datetime(2025, 3, 30, 1, 1, tzinfo=UTC),
    datetime(2025, 10, 26, 0, 30, tzinfo=UTC),  # and ends: this hour comes twice
    datetime(2025, 10, 26, 1, 30, tzinfo=UTC),
    datetime(2024, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
)
WRONG_BY = (
    timedelta(0),
    FIVE_MINUTES,
    -FIVE_MINUTES,
    timedelta(days=3),
    timedelta(days=-3),
)


async def _start(engine, **sabotage_of_workers) -> None:
    """Every part with a clock and a time zone of its own."""
    await engine.stop()
    await engine.start("api", sabotage={"clock": 30})
    for name, seconds, zone in (
        ("dispatcher", -90, "Pacific/Apia"),
        ("scheduler", 90, "America/New_York"),
        ("worker-1", 90, "Europe/Berlin"),
        ("worker-2", -90, "Asia/Kathmandu"),
    ):
        await engine.start(name, sabotage={"clock": seconds, "zone": zone, **sabotage_of_workers})
    await engine.ready()


def _events(lead: str, times: list[datetime], chance: random.Random) -> list[dict[str, str]]:
    return [
        {
            "eventId": f"{lead}-{number}",
            "leadId": lead,
            "type": chance.choice(list(POINTS)),
            "occurredAt": at.isoformat(),
        }
        for number, at in enumerate(times)
    ]


def _odd_times(chance: random.Random) -> list[datetime]:
    today = datetime.now(UTC)
    times = [today + wrong - timedelta(hours=chance.random() * 4) for wrong in WRONG_BY * 2] + list(ODD_DAYS)
    chance.shuffle(times)
    return times


async def test_wrong_clocks_odd_days_and_late_events_give_what_a_replay_gives(engine, seed):
    chance = random.Random(seed)
    await _start(engine)
    odd = [_events(f"odd-{lead}", _odd_times(chance), chance) for lead in range(40)]
    events = itertools.chain.from_iterable(zip(*odd, strict=True))  # one of each lead, then the next of each
    await send_all([engine.url], engine.ledger, events, writers=4, at_once=30)
    await engine.check(within=30)
    async for doc in engine.truth.store.database["events"].find():
        assert doc["occurredAt"] <= doc["receivedAt"] + FIVE_MINUTES


@pytest.mark.long
async def test_within_a_week_the_order_of_arrival_does_not_matter(engine, seed):
    chance = random.Random(seed)
    await _start(engine)
    times = [datetime.now(UTC) - timedelta(hours=chance.random() * 100) for _ in range(30)]
    in_order = _events("ordered", sorted(times), random.Random(seed))
    shuffled = [{**event, "leadId": "shuffled", "eventId": f"s-{event['eventId']}"} for event in in_order]
    chance.shuffle(shuffled)
    for events in (in_order, shuffled):
        await send_all([engine.url], engine.ledger, events, writers=1, at_once=1)
    await engine.check(within=30)
    states = await engine.truth.leads.states.get_many(["ordered", "shuffled"])
    one, other = (assess(states[lead], now(), engine.truth.rulebook) for lead in ("ordered", "shuffled"))
    assert one == other


@pytest.mark.long
async def test_control_a_worker_that_passes_over_late_events_is_found_out(new_engine, seed):
    chance = random.Random(seed)
    async with new_engine() as engine:
        await _start(engine, plant=["newest_by_timestamp"])
        await send_all([engine.url], engine.ledger, _events("odd", _odd_times(chance), chance))
        faults = await engine.faults(within=10)
    assert "lead odd is not what its events give" in faults


def test_moments_are_kept_to_the_millisecond():
    for moment in ODD_DAYS:
        millis = from_bson(moment.replace(tzinfo=None))
        assert datetime.fromtimestamp(millis / 1000, UTC) == moment
