"""The filling of a large store: it goes on where it stopped, stores nothing twice, and its figures are of both sizes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from domain.errors import Invalid
from scripts.bench import __main__ as command
from scripts.bench.million.fill import Fill, block_events
from scripts.bench.million.journal import Block, Journal, Scale, SizeFigures
from scripts.bench.million.rows import rows_of
from scripts.bench.workbench import Workbench

UNTIL = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCALE = Scale(leads=40, events=400, small=20, block_leads=20)
BLOCK = Block(ingest=900.0, end_to_end=500.0, lag=0.5, processor_us=200.0, seconds=4.0)
SIZE = SizeFigures(
    leads=20,
    events=200,
    lists={"/api/leads": 1.0, "/api/leads?stage=hot": 3.0},
    queue=5.0,
    intelligence=2.0,
    replay=1000.0,
    replay_memory=90.0,
    disk={"all": 2_000},
    memory={"api": 100.0},
)


@pytest.mark.parametrize(
    ("leads", "events", "field"),
    [(10_000, 200_000, "--leads"), (20_500, 410_000, "--leads"), (20_000, 20_000, "--events")],
)
def test_a_scale_that_makes_no_blocks_is_refused_by_the_name_of_its_option(leads, events, field):
    with pytest.raises(Invalid, match=field):
        Scale(leads=leads, events=events)


def test_a_journal_that_was_saved_goes_on_with_its_blocks_and_its_time(tmp_path):
    journal = Journal.open(tmp_path, SCALE, UNTIL)
    journal.blocks.append(BLOCK)
    journal.small, journal.position = SIZE, 7
    journal.save()
    later = Journal.open(tmp_path, replace(SCALE, leads=60, events=600), datetime(2027, 1, 1, tzinfo=UTC))
    assert (later.blocks, later.small, later.position, later.until) == ([BLOCK], SIZE, 7, UNTIL)


@pytest.mark.parametrize(
    ("scale", "field"),
    [
        (Scale(leads=40, events=800, small=20, block_leads=20), "--events"),
        (Scale(leads=20, events=200, small=10, block_leads=20), "--leads"),
    ],
)
def test_a_folder_that_holds_other_leads_or_more_of_them_is_refused(tmp_path, scale, field):
    journal = Journal.open(tmp_path, SCALE, UNTIL)
    journal.blocks += [BLOCK, BLOCK]
    journal.save()
    with pytest.raises(Invalid, match=field):
        Journal.open(tmp_path, scale, UNTIL)


def test_a_block_is_the_same_whenever_it_is_made_and_half_of_its_leads_have_an_owner():
    events = block_events(40, 400, UNTIL)
    assert block_events(40, 400, UNTIL) == events
    assert len({event.event_id for event in events}) == 400
    assert len({event.lead_id for event in events}) == 40
    kinds = Counter(event.type for event in events)
    assert (kinds["lead.assigned"], kinds["tag.added"]) == (20, 2)


def test_rows_compare_the_last_blocks_of_each_size_without_those_that_were_sent_twice(tmp_path):
    journal = Journal.open(tmp_path, SCALE, UNTIL)
    repeated = replace(BLOCK, ingest=1e9, repeated=True)
    journal.blocks = [BLOCK, replace(BLOCK, ingest=450.0), repeated]
    large = replace(
        SIZE, leads=60, disk={"all": 6_000}, lists={"/api/leads": 9.0, "/api/leads?stage=hot": 6.0}
    )
    rows = {row.name: row for row in rows_of(journal, SIZE, large)}
    assert rows["ingest, HTTP to durable at 60 leads"].ratio.median == 0.5
    slowest = rows["slowest of 2 first pages of lists, p95"]
    assert (slowest.note, slowest.measured.median, slowest.ratio.median) == ("/api/leads", 9.0, 9.0)
    assert rows["disk"].ratio.median == 3.0
    assert all(row.baseline_name == "at 20 leads" for row in rows.values())


def test_options_of_the_benchmark_before_the_name_of_the_command_are_not_dropped():
    result = CliRunner().invoke(command.bench, ["--quick", "million"])
    assert result.exit_code == 2
    assert "come after its name" in result.output


@pytest.fixture
def bench(services, tmp_path):
    mongodb_uri, redis_url = services
    servers = SimpleNamespace(
        mongod=SimpleNamespace(uri=mongodb_uri, pid=1), valkey=SimpleNamespace(uri=redis_url), folder=tmp_path
    )
    return Workbench(servers, quick=True, say=lambda _: None)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_filling_that_was_stopped_goes_on_and_stores_no_event_twice(bench, tmp_path):
    journal = Journal.open(tmp_path, SCALE, UNTIL)
    async with bench.engine("api", "dispatcher", "worker") as (engine, runtime):
        await Fill(journal, engine, runtime, bench).up_to(1, SCALE.blocks)
        assert [block.repeated for block in journal.blocks] == [False]

        # It was killed before it had written down that the block is done.
        stopped = Journal.open(tmp_path, SCALE, UNTIL)
        stopped.blocks, stopped.position = [], 0
        await Fill(stopped, engine, runtime, bench).up_to(2, SCALE.blocks)
        assert [block.repeated for block in stopped.blocks] == [True, False]
        sent = {"eventId": {"$regex": "^0000"}}
        assert await runtime.store.database["events"].count_documents(sent) == SCALE.events
