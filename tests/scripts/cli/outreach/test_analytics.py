"""`lead-engine analytics`: numbers as a table and as CSV, their rebuild and their verification on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from domain.errors import Invalid
from scripts.cli.outreach.analytics import _selection, rebuild, show, verify
from tests.workflows.analytics.conftest import Leads

LATEST = partial(_selection, since=None, until=None, sequence=None, window_days=30)


@pytest.fixture
async def message(runtime):
    """A message of a variant, of which nothing is projected yet; its id."""
    leads = Leads(runtime)
    await leads.hears("ada", "signup")
    message = await leads.writes_to("ada", 5, "welcome@1/1/short")
    await leads.hears("ada", "email.opened", 2, messageId=message)
    return message


@pytest.fixture(autouse=True)
def same_time(monkeypatch, clock):
    monkeypatch.setattr("engine.process.clock.now", clock)


async def test_numbers_are_rebuilt_shown_and_verified(runtime, settings, message, capsys, clock):
    latest = partial(LATEST, clock.at)
    await show(settings, "sequence", lambda _: latest(), is_csv=False)
    said = capsys.readouterr()
    assert "No message is counted here." in said.out
    assert "events are not counted yet." in said.err
    assert await verify(settings) == 0
    await rebuild(settings)
    await show(settings, "variant", lambda _: latest(), is_csv=False)
    await show(settings, "step", lambda _: latest(), is_csv=True)
    out = capsys.readouterr().out
    assert "1 messages compared with their events: 0 differ." in out
    assert "What became of the messages of 1 streams is as their events say." in out
    (row,) = [line for line in out.splitlines() if line.lstrip().startswith("welcome@1 step 1 short")]
    assert "[21-100 %]" in row
    assert "welcome,1,1,1,1,0,0,0,0,1,0,0,0,0,0,0,1,0" in out


async def test_verify_says_what_differs_and_how_to_correct_it(runtime, settings, message, capsys):
    await rebuild(settings)
    rows = runtime.store.database["messageResults"]
    await rows.update_one({"_id": message}, {"$unset": {"openedAt": ""}})
    assert await verify(settings) == 1
    out = capsys.readouterr().out
    assert f"{message} differs in opened_at" in out
    assert "`lead-engine analytics rebuild` corrects them." in out


LATER, EARLIER = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "option"),
    [({"sequence": "welcome@two"}, "--sequence"), ({"since": LATER, "until": EARLIER}, "--from")],
)
def test_a_wrong_question_names_the_option(wrong, option, clock):
    asked = {"since": None, "until": None, "sequence": None, "window_days": 30} | wrong
    with pytest.raises(Invalid, match=option):
        _selection(clock.at, **asked)
