"""A lead's past scores from one read are those that reading the lead at each moment gives."""

from __future__ import annotations

import pytest

from domain.errors import NotFound
from domain.instant import DAY, HOUR
from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.library import load_rulebook
from workflows.intelligence.intelligence import read_intelligence
from workflows.intelligence.score_history import read_score_history


@pytest.fixture
async def lead(send, apply):
    """A lead with a silence that decays, and an event that came in late."""
    await send("ada", "page_view", "download", hours_ago=20 * 24)
    await send("ada", "signup", hours_ago=5 * 24 + 7)
    await send("ada", "email_open", hours_ago=12 * 24)
    await send("ada", "demo_request", hours_ago=1)
    await apply("ada")
    return "ada"


@pytest.mark.parametrize("name", ["classic", "standard"])
async def test_every_day_is_what_reading_the_lead_at_that_moment_gives(runtime, lead, name):
    rules = compile_rulebook(load_rulebook(name))
    curve = await read_score_history(runtime, lead, runtime.now(), 20, rulebook=rules)
    assert [at for at, _ in curve] == [runtime.now() - back * DAY for back in range(19, -1, -1)]
    for at, score in curve:
        found = await read_intelligence(runtime, lead, as_of=at, rulebook=rules)
        assert round(score, 2) == pytest.approx(found.score, abs=0.0051)
    assert len({score for _, score in curve}) >= 4


async def test_before_its_first_event_a_lead_has_no_points(runtime, lead):
    curve = await read_score_history(runtime, lead, runtime.now(), 30)
    assert [score for _, score in curve[:9]] == [0.0] * 9
    assert curve[-1][1] > 0


async def test_what_happened_after_the_end_of_the_curve_does_not_count(runtime, lead):
    curve = await read_score_history(runtime, lead, runtime.now() - 2 * HOUR, 3)
    today = await read_score_history(runtime, lead, runtime.now(), 3)
    assert today[-1][1] == curve[-1][1] + 30


async def test_a_curve_of_the_future_shows_the_decay_that_is_to_come(runtime, lead):
    curve = await read_score_history(runtime, lead, runtime.now() + 20 * DAY, 20)
    scores = [score for _, score in curve]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < scores[0] / 2


async def test_a_lead_that_nothing_is_known_of_is_not_found(runtime, lead):
    with pytest.raises(NotFound):
        await read_score_history(runtime, "nobody", runtime.now(), 3)
    with pytest.raises(NotFound):
        await read_score_history(runtime, lead, runtime.now() - 90 * DAY, 3)
