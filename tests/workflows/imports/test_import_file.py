"""A file becomes stored events: in batches, without its bad rows, and only once."""

from __future__ import annotations

import asyncio
import csv
from functools import partial
from pathlib import Path

import pytest

from domain.errors import Invalid, Unavailable
from engine.capture.deduplication import Appended
from workflows.capture.event_input import MAX_EVENTS, to_new_event
from workflows.capture.ingest import ingest
from workflows.imports import import_file as importing
from workflows.imports.import_file import import_file
from workflows.imports.mapping.mapping_file import parse_mapping
from workflows.imports.report import EXAMPLES

REPOSITORY = Path(__file__).parents[3]
DATA = REPOSITORY.parent / "shared/data"

SIGNUPS = parse_mapping(
    """
source: shop
leadId: lead
events:
  - type: signup
    eventId: "signup:{id}"
    occurredAt: {column: at}
    properties: {seats: {column: seats, type: number}}
""",
    "signups.yaml",
)
HEADER = "id,lead,at,seats\n"
TWO = HEADER + "1,ada,2024-01-01,5\n2,bob,2024-01-02,\n"


class MemoryStore:
    """Stands in for `ingest`: stores an id once, and may be away for some calls."""

    def __init__(self, away=0):
        self.hashes = {}
        self.batches = []
        self.away = away

    async def __call__(self, events):
        if self.away:
            self.away -= 1
            raise Unavailable("the store is away", retry_after=0)
        self.batches.append(list(events))
        return [self._take(event) for event in events]

    def _take(self, event):
        said = to_new_event(event, event.event_id, 0).body_hash
        known = self.hashes.get(event.event_id)
        status = "accepted" if known is None else "duplicate" if known == said else "conflict"
        self.hashes.setdefault(event.event_id, said)
        return Appended(event.event_id, event.lead_id, status, len(self.hashes))


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def run(tmp_path, store):
    """Import a text: `await run(text)`; the rejects are in `tmp_path / "rejects.csv"`."""

    async def run(content, *, mapping=SIGNUPS, to=store, **rest):
        file = tmp_path / "file.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return await import_file(file, mapping, to, rejects=tmp_path / "rejects.csv", **rest)

    return run


@pytest.fixture
def rejected(tmp_path):
    """The rows of the rejects file, header first."""

    def rejected():
        csv.field_size_limit(1_000_000)
        with (tmp_path / "rejects.csv").open(newline="", errors="surrogateescape") as file:
            return list(csv.reader(file))

    return rejected


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(importing, "FIRST_PAUSE_SECONDS", 0)


class TestStoring:
    async def test_every_row_is_stored_and_counted(self, run, store):
        report = await run(TWO)
        assert (report.rows, report.events, report.accepted, report.rejected_rows) == (2, 2, 2, 0)
        assert [event.event_id for event in store.batches[0]] == ["signup:1", "signup:2"]

    async def test_a_second_run_stores_nothing(self, run):
        await run(TWO)
        report = await run(TWO)
        assert (report.accepted, report.duplicates, report.conflicts) == (0, 2, 0)

    async def test_a_row_that_changed_since_is_a_conflict_and_named(self, run):
        await run(TWO)
        report = await run(TWO.replace("2024-01-02", "2024-01-03"))
        assert (report.duplicates, report.conflicts) == (1, 1)
        assert report.first_conflicts == ("signup:2",)

    async def test_batches_hold_at_most_what_one_request_may(self, run, store):
        rows = "".join(f"{number},ada,2024-01-01,\n" for number in range(2 * MAX_EVENTS + 1))
        report = await run(HEADER + rows)
        assert [len(batch) for batch in store.batches] == [MAX_EVENTS, MAX_EVENTS, 1]
        assert report.accepted == 2 * MAX_EVENTS + 1

    async def test_the_events_of_a_row_are_never_split_over_batches(self, run, store):
        visits = parse_mapping(
            """
source: site
leadId: id
events:
  - type: page_view
    eventId: "visit:{id}:{index}"
    repeat: {column: visits, everyMinutes: 1, atMost: 600}
    occurredAt: {base: 2024-01-01T00:00:00Z}
""",
            "visits.yaml",
        )
        await run("id,visits\n1,600\n2,600\n3,300\n", mapping=visits)
        assert [len(batch) for batch in store.batches] == [600, 900]

    async def test_a_store_that_comes_back_gets_the_same_events_again(self, run, impatient):
        store = MemoryStore(away=importing.ATTEMPTS - 1)
        report = await run(TWO, to=store)
        assert report.accepted == 2
        assert len(store.batches) == 1

    async def test_a_store_that_stays_away_ends_the_import(self, run, impatient):
        with pytest.raises(Unavailable, match="away"):
            await run(TWO, to=MemoryStore(away=importing.ATTEMPTS))

    async def test_a_dry_run_makes_events_and_stores_none(self, run):
        report = await run(TWO, to=None)
        assert (report.events, report.accepted) == (2, 0)

    async def test_progress_is_told_after_each_batch_to_the_end_of_the_file(self, run, tmp_path):
        heard = []
        rows = "".join(f"{number},ada,2024-01-01,\n" for number in range(MAX_EVENTS + 1))
        await run(HEADER + rows, progress=heard.append)
        assert [report.rows for report in heard] == [MAX_EVENTS, MAX_EVENTS + 1]
        assert heard[-1].fraction == 1

    async def test_other_work_goes_on_while_a_file_is_read(self, run):
        turns = 0

        async def other_work():
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        other = asyncio.create_task(other_work())
        await run(HEADER + "".join(f"{number},ada,2024-01-01,\n" for number in range(9000)))
        other.cancel()
        assert turns > 10


class TestReading:
    @pytest.mark.parametrize(
        "content",
        [
            b"\xef\xbb\xbf" + TWO.encode(),
            TWO.replace("\n", "\r\n"),
            TWO.replace("\n", "\r"),
            TWO.replace("lead,at", " lead , at").replace("ada", "  ada "),
            TWO.rstrip("\n"),
            TWO.replace("\n", "\n\n"),
        ],
        ids=["byte order mark", "CRLF", "CR", "spaces", "no last line end", "blank lines"],
    )
    async def test_the_ways_in_which_files_differ_do_not_matter(self, run, store, content):
        report = await run(content)
        assert report.accepted == 2
        assert store.batches[0][0].lead_id == "ada"

    async def test_a_file_with_a_header_only_is_an_empty_import(self, run):
        assert (await run(HEADER)).rows == 0

    async def test_columns_that_the_mapping_does_not_name_may_be_anything(self, run):
        report = await run("id,lead,at,seats,note,note\n1,ada,2024-01-01,,a,b\n")
        assert report.accepted == 1

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "is empty: its first line must name the columns"),
            (
                "id,Lead,at,seats\n1,ada,2024-01-01,\n",
                "column 'lead': is not in the file; did you mean 'Lead'?",
            ),
            ("id,lead,lead,at,seats\n1,a,b,2024-01-01,\n", "column 'lead': is in the file more than once"),
            ("x" * 200_000, "is not a CSV file"),
            ("a\x1b[31m,b\n1,2\n", "which has a\N{REPLACEMENT CHARACTER}[31m"),
        ],
    )
    async def test_a_file_that_does_not_fit_stores_nothing_and_keeps_older_rejects(
        self, run, store, tmp_path, content, message
    ):
        (tmp_path / "rejects.csv").write_text("of before")
        with pytest.raises(Invalid) as caught:
            await run(content)
        assert message in str(caught.value)
        assert store.batches == []
        assert (tmp_path / "rejects.csv").read_text() == "of before"

    async def test_a_file_that_is_not_there_is_named(self, tmp_path, store):
        with pytest.raises(Invalid, match=r"none\.csv cannot be read: No such file"):
            await import_file(tmp_path / "none.csv", SIGNUPS, store, rejects=tmp_path / "rejects.csv")


class TestRejects:
    async def test_a_bad_row_is_set_aside_with_its_line_and_reason_and_the_others_go_on(self, run, rejected):
        report = await run(TWO + "3,,2024-01-03,\n4,dan,yesterday,\n5,eve,2024-01-05,1\n")
        assert (report.rows, report.accepted, report.rejected_rows) == (5, 3, 2)
        assert rejected() == [
            ["line", "reason", "id", "lead", "at", "seats"],
            ["4", "column 'lead' is empty, and '{lead}' needs it", "3", "", "2024-01-03", ""],
            [
                "5",
                "column 'at': 'yesterday' is not a time such as 2024-01-31 or 2024-01-31 16:05:00",
                *("4", "dan", "yesterday", ""),
            ],
        ]
        assert report.first_rejects[0] == "line 4: column 'lead' is empty, and '{lead}' needs it"

    async def test_a_bad_row_stores_none_of_its_events(self, run, store):
        both = SIGNUPS.model_copy(
            update={
                "events": (
                    *SIGNUPS.events,
                    SIGNUPS.events[0].model_copy(update={"event_id": "{seats}:{id}"}),
                )
            }
        )
        report = await run(TWO, mapping=both)
        assert (report.accepted, report.rejected_rows) == (2, 1)
        assert {event.lead_id for event in store.batches[0]} == {"ada"}

    async def test_a_row_is_told_by_the_line_it_begins_on_whatever_its_cells_hold(self, run, rejected):
        await run(HEADER + '1,"a\nd\na",2024-01-01,\n\n3,cy,never,\n')
        assert [row[0] for row in rejected()[1:]] == ["2", "6"]

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (b"3", "has 1 cells, the header has 4"),
            (b"3,ada,2024-01-01,1,more", "has 5 cells, the header has 4"),
            (b"3,Andr\xe9,2024-01-01,J\xc3\xbcrgen", "has a byte (0xe9) that is not utf-8 text"),
            (b'3,"' + b"x" * 140_000 + b'",2024-01-01,', "has a cell of more than 131,072 characters"),
            (b"3," + b"x" * 201 + b",2024-01-01,", "/leadId: Expected `str` of length <= 200"),
            (b"3,ada,1969-12-31,", "/occurredAt: must not be before 1970"),
        ],
    )
    async def test_a_row_that_cannot_be_right_costs_only_itself(self, run, rejected, row, reason):
        report = await run(TWO.encode() + row + b"\n4,eve,2024-01-04,\n")
        assert (report.accepted, report.rejected_rows) == (3, 1)
        assert rejected()[1][:2] == ["4", reason]

    async def test_rejects_keep_their_bytes_and_can_be_mended_and_imported(self, run, tmp_path):
        await run(
            TWO.encode() + b"3,Andr\xe9,2024-01-01,\n4,J\xc3\xbcrgen,2024-01-01,\n5,Zo\xc3\xab,2024-01-01,\n"
        )
        raw = (tmp_path / "rejects.csv").read_bytes()
        assert b"Andr\xe9" in raw
        report = await run(raw.replace(b"\xe9", b"e"))
        assert (report.accepted, report.rejected_rows) == (1, 0)

    async def test_without_a_bad_row_there_is_no_file_not_even_an_old_one(self, run, tmp_path):
        (tmp_path / "rejects.csv").write_text("of before")
        await run(TWO)
        assert not (tmp_path / "rejects.csv").exists()

    async def test_the_report_names_only_the_first_ones(self, run):
        report = await run(HEADER + ",,,\n" * 1500)
        assert report.rejected_rows == 1500
        assert len(report.first_rejects) == EXAMPLES

    async def test_the_file_itself_cannot_be_the_rejects(self, tmp_path, store):
        file = tmp_path / "file.csv"
        file.write_text(TWO)
        with pytest.raises(Invalid, match="overwrite the file itself"):
            await import_file(file, SIGNUPS, store, rejects=tmp_path / "." / "file.csv")
        assert file.read_text() == TWO

    async def test_rejects_in_a_folder_that_is_not_there_are_refused_before_anything_is_stored(
        self, tmp_path, store
    ):
        file = tmp_path / "file.csv"
        file.write_text(TWO)
        with pytest.raises(Invalid, match="there is no folder"):
            await import_file(file, SIGNUPS, store, rejects=tmp_path / "none" / "rejects.csv")
        assert store.batches == []


OLIST = "olist_marketing_funnel/olist"
REAL = [
    ("olist_leads", f"{OLIST}_marketing_qualified_leads_dataset.csv", (8_000, 8_000, 0)),
    ("olist_deals", f"{OLIST}_closed_deals_dataset.csv", (842, 842, 0)),
    ("x_education", "x_education_leads/Leads.csv", (9_240, 54_529, 0)),
]


@pytest.fixture
def real(tmp_path):
    """Import a real file by its example mapping: `await real("olist_leads", path, store)`."""

    async def real(mapping, path, to):
        if not (DATA / path).exists():
            pytest.skip(f"the real lead data is not in {DATA}")
        text = (REPOSITORY / f"docs/examples/{mapping}.yaml").read_text()
        return await import_file(
            DATA / path, parse_mapping(text, mapping), to, rejects=tmp_path / "rejects.csv"
        )

    return real


@pytest.mark.parametrize(("mapping", "path", "expected"), REAL)
async def test_the_real_files_go_in_without_a_reject(real, store, mapping, path, expected):
    report = await real(mapping, path, store)
    assert (report.rows, report.accepted, report.rejected_rows) == expected


async def test_the_real_deals_are_of_real_leads_and_empty_cells_say_nothing(real, store):
    await real(*REAL[0][:2], store)
    leads = {event.lead_id for batch in store.batches for event in batch}
    without_origin = [e for batch in store.batches for e in batch if "origin" not in e.properties]
    store.batches.clear()
    await real(*REAL[1][:2], store)
    assert {event.lead_id for batch in store.batches for event in batch} < leads
    assert len(without_origin) == 60


async def test_a_file_imported_twice_into_mongodb_is_stored_once(run, runtime):
    first = await run(TWO, to=partial(ingest, runtime))
    second = await run(TWO, to=partial(ingest, runtime))
    assert (first.accepted, second.accepted, second.duplicates) == (2, 0, 2)
    assert await runtime.capture.log.count() == 2


async def test_an_import_that_ended_halfway_goes_on_without_a_hole(run, runtime, impatient):
    rows = "".join(f"{number},ada,2024-01-01,\n" for number in range(MAX_EVENTS + 5))

    async def dies_on_the_second_batch(events):
        if len(events) < MAX_EVENTS:
            raise Unavailable("gone", retry_after=0)
        return await ingest(runtime, events)

    with pytest.raises(Unavailable):
        await run(HEADER + rows, to=dies_on_the_second_batch)
    report = await run(HEADER + rows, to=partial(ingest, runtime))
    assert (report.duplicates, report.accepted) == (MAX_EVENTS, 5)
    assert await runtime.capture.log.last_position() == await runtime.capture.log.count() == MAX_EVENTS + 5
