"""`lead-engine lead`: what a person sees of one lead."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta

import pytest
from click.testing import CliRunner
from rich.console import Console

from domain.errors import NotFound
from domain.instant import DAY, HOUR, to_datetime
from domain.rulebooks.compiled import compile_rulebook
from engine.automations.task_store import TaskView
from engine.rulebooks.library import load_rulebook
from scripts.cli import cli
from scripts.cli.leads.lead import read_page
from scripts.terminal.lead_page import show_lead
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads

ADA = (
    ("page.viewed", 20, {"path": "/pricing"}),
    ("download", 20, {"asset": "guide"}),
    ("lead.updated", 19, {"companySize": 200, "seniority": "vp"}),
    ("meeting.booked", 9, {}),
    ("demo_request", 2, {}),
    ("email.replied", 1, {}),
    ("tag.added", 1, {"tag": "vip"}),
    ("download", 15, {"asset": "late one"}),
)


@pytest.fixture
async def ada(runtime):
    now = to_datetime(runtime.now())
    events = [
        EventInput(lead_id="ada", type=name, occurred_at=now - timedelta(days=days), properties=said)
        for name, days, said in ADA
    ]
    await ingest(runtime, events)
    await process_leads(runtime, ["ada"])
    return "ada"


@pytest.fixture
def see(runtime):
    """The page of a lead, as text: `await see("ada", rulebook="standard")`."""

    async def see(lead_id, *, days_ago=None, rulebook="standard", width=80, **console):
        as_of = None if days_ago is None else runtime.now() - days_ago * DAY
        page = await read_page(runtime, lead_id, as_of, compile_rulebook(load_rulebook(rulebook)))
        file = io.StringIO()
        show_lead(Console(file=file, width=width, highlight=False, markup=False, **console), page)
        return file.getvalue()

    return see


def line_of(text, start):
    return next(line for line in text.splitlines() if line.startswith(start))


def flat(text):
    return " ".join(text.split())


async def test_the_score_line_shows_score_stage_grade_risk_and_velocity(ada, see, runtime):
    found = (await read_page(runtime, ada, None, compile_rulebook(load_rulebook("standard")))).found
    line = (await see(ada)).splitlines()[1]
    assert flat(line) == (
        f"{found.score:.2f} points {found.stage} grade {found.details.grade} risk {found.risk} "
        f"velocity {found.velocity:.2f}"
    )
    assert found.stage == "qualified"


async def test_the_curve_has_a_bar_a_day_and_rises_where_the_score_did(ada, see):
    bars = line_of(await see(ada), "60 days").split()[2]
    assert len(bars) == 60
    assert set(bars[:39]) == {"▁"}
    assert max(bars[:50]) < min(bars[51:])


async def test_the_reasons_are_listed_with_points_raw_count_last_and_half_life(ada, see):
    text = await see(ada, width=100)
    assert "+22.75 1 2 days ago 21 days" in flat(
        next(row for row in text.splitlines() if "Requested a demo  " in row)
    )
    assert "+10.40 2 15 days ago 21 days" in flat(
        next(row for row in text.splitlines() if "Downloaded something  " in row)
    )


async def test_the_points_of_the_reasons_shown_sum_to_the_score_shown(ada, see):
    lines = (await see(ada, width=100)).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Why this score"))
    end = next(number for number, line in enumerate(lines) if "= the score" in line)
    points = [float(line.split()[0]) for line in lines[start + 2 : end]]
    assert len(points) > 5
    assert sum(points) == pytest.approx(float(lines[end].split()[0]), abs=1e-9)


async def test_what_a_cap_took_is_shown(runtime, see):
    await ingest(runtime, [EventInput(lead_id="eve", type="demo_request", occurred_at=to_datetime(runtime.now() - day * DAY)) for day in range(3)])  # fmt: skip
    row = flat(
        next(line for line in (await see("eve", width=100)).splitlines() if "Requested a demo  " in line)
    )
    assert row.startswith("+45.00 Requested a demo +105.00 3")
    assert float(row.split()[-1]) < -50


async def test_fit_groups_contact_tags_and_drop_date_are_there_where_known(ada, see):
    text = flat(await see(ada, width=140))
    assert "of 100; engagement" in text
    assert "Groups Website" in text
    assert "Contact has written, and nobody has answered" in text
    assert "Tags vip" in text
    assert "falls to hot on 20" in text
    assert "Next reply_now: The lead has written and nobody has answered." in text


async def test_facts_that_a_rulebook_does_not_measure_are_left_out(ada, see):
    text = await see(ada, rulebook="classic")
    assert not {"Fit", "Groups", "Contact"} & {line.split("  ")[0] for line in text.splitlines()}
    assert "grade" not in text


async def test_the_timeline_shows_what_each_event_changed_newest_first(ada, see):
    lines = (await see(ada, width=200)).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Last events"))
    rows = [flat(line) for line in lines[start + 2 :] if line.strip()]
    assert [row.split()[2] for row in rows] == [
        "email.replied", "demo_request", "meeting.booked", "download", "lead.updated", "download", "page.viewed",
    ]  # fmt: skip
    assert "+13.00 Answered us, -" in rows[0]
    assert "decay" in rows[0]
    assert rows[1].endswith("to qualified") or rows[2].endswith("to qualified")


async def test_at_most_ten_events_are_shown(runtime, see):
    events = [EventInput(lead_id="bob", type="page_view", occurred_at=to_datetime(runtime.now() - hour * HOUR)) for hour in range(15)]  # fmt: skip
    await ingest(runtime, events)
    text = await see("bob")
    assert sum("page_view" in line for line in text.splitlines()) == 10


async def test_a_moment_of_the_past_shows_only_what_had_happened_by_then(ada, see):
    text = await see(ada, days_ago=5)
    assert "2026-11-17 12:00 UTC" in text
    assert "demo_request" not in text
    assert "meeting.booked" in text


async def test_open_tasks_are_listed_and_those_done_are_not(ada, see, runtime):
    for number, title in enumerate(("Call ada today", "Send ada the offer")):
        await runtime.automations.tasks.create(
            TaskView(
                task_id=f"{runtime.store.database.name}-{number}", lead_id="ada", rule_id="r", title=title,
                priority="high", state="open", created_at=runtime.now(), due_at=runtime.now() + HOUR,
            )
        )  # fmt: skip
    await runtime.automations.tasks.complete(f"{runtime.store.database.name}-1")
    text = await see(ada)
    assert "2026-11-22 13:00  high      Call ada today" in text
    assert "Send ada the offer" not in text


@pytest.mark.parametrize("rulebook", ["classic", "standard"])
async def test_it_fits_80_columns_and_has_no_colour_without_a_terminal(ada, see, rulebook):
    text = await see(ada, rulebook=rulebook)
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text


async def test_a_terminal_gets_emphasis_unless_colour_is_off(ada, see):
    assert "\x1b[1m" in await see(ada, force_terminal=True)


async def test_what_senders_wrote_cannot_steer_the_terminal(ada, see, runtime):
    await ingest(runtime, [EventInput(lead_id="ada", type="tag.added", properties={"tag": "a\x1b[2Jb[red]"})])
    await process_leads(runtime, ["ada"])
    text = await see(ada)
    assert "a?[2Jb[red]" in text
    assert "\x1b" not in text


async def test_an_unknown_lead_is_not_found(runtime, see):
    with pytest.raises(NotFound):
        await see("nobody")


async def test_the_command_says_so_in_one_plain_message_and_exits_with_1(runtime, settings):
    env = {
        "MONGODB_URI": settings.mongodb_uri,
        "REDIS_URL": settings.redis_url,
        "MONGODB_DATABASE": settings.mongodb_database,
    }
    result = await asyncio.to_thread(CliRunner().invoke, cli, ["lead", "nobody"], env=env)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "There is no lead 'nobody'.\n")


async def test_the_command_shows_a_lead_under_another_rulebook(ada, settings):
    env = {
        "MONGODB_URI": settings.mongodb_uri,
        "REDIS_URL": settings.redis_url,
        "MONGODB_DATABASE": settings.mongodb_database,
        "COLUMNS": "80",
    }
    words = ["lead", "ada", "--as-of", "2026-11-23", "--rulebook", "standard"]
    result = await asyncio.to_thread(CliRunner().invoke, cli, words, env=env)
    assert result.exit_code == 0
    assert result.stdout.startswith("ada  2026-11-23 00:00 UTC, rulebook standard version")
