"""What `lead-engine import` says, and the exit code it says it with."""

from __future__ import annotations

import re

import pytest

from engine.settings import Settings
from scripts.imports.importing import run_import

NOWHERE = Settings(_env_file=None)
"""No database is set: whoever needs one fails."""

MAPPING = """
source: shop
leadId: lead
events:
  - {type: signup, eventId: "signup:{id}", occurredAt: {column: at}}
"""
GOOD = "id,lead,at\n1,ada,2024-01-01\n2,bob,2024-01-02\n"


@pytest.fixture
def run(tmp_path):
    """Import with these contents; None leaves a file out."""

    async def run(csv=GOOD, mapping=MAPPING, *, settings=NOWHERE, rejects=None, dry_run=False):
        paths = tmp_path / "leads.csv", tmp_path / "leads.yaml"
        for path, content in zip(paths, (csv, mapping), strict=True):
            path.unlink(missing_ok=True)
            if content is not None:
                path.write_bytes(content.encode("latin-1"))
        return await run_import(settings, *paths, rejects, dry_run=dry_run)

    return run


async def test_a_dry_run_needs_no_database_and_says_that_nothing_was_stored(run, capsys):
    assert await run(dry_run=True) == 0
    said = capsys.readouterr().out
    assert re.search("Rows read +2 ", said)
    assert "nothing was stored" in said


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ({"csv": None}, "leads.csv cannot be read: No such file"),
        ({"mapping": None}, "leads.yaml cannot be read: No such file"),
        ({"mapping": "source: Andr\xe9"}, "leads.yaml is not UTF-8 text"),
        ({"mapping": "source: shop"}, "leads.yaml, line 1, events: is missing; write it"),
        ({"csv": "id,at\n1,2024-01-01\n"}, "column 'lead': is not in the file"),
    ],
)
async def test_what_cannot_be_imported_is_one_clear_message_and_exit_code_1(
    run, runtime, capsys, contents, message
):
    assert await run(**contents, settings=runtime.settings) == 1
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""
    assert await runtime.capture.log.count() == 0


async def test_without_a_database_it_says_what_to_set(run, capsys):
    assert await run() == 1
    assert "MONGODB_URI is not set" in capsys.readouterr().err


async def test_a_database_that_is_away_is_said_and_that_a_repeat_is_safe(run, capsys):
    nobody = {"mongodb_uri": "mongodb://127.0.0.1:9/?replicaSet=rs0", "redis_url": "redis://127.0.0.1:9/0"}
    assert await run(settings=NOWHERE.model_copy(update=nobody)) == 1
    said = capsys.readouterr().err
    assert "MongoDB does not answer" in said
    assert "no event is stored twice" in said


async def test_rejected_rows_are_shown_counted_and_kept_beside_the_file(run, tmp_path, capsys):
    assert await run(GOOD + ",,\n" * 7, dry_run=True) == 3
    said = capsys.readouterr().out
    assert re.search("  rejected +7 ", said)
    assert "7 x column 'lead' is empty, and '{lead}' needs it (first on line 4)" in said
    assert len((tmp_path / "leads.rejects.csv").read_text().splitlines()) == 8


async def test_rejects_go_where_the_option_says(run, tmp_path):
    await run(GOOD + ",,\n", rejects=tmp_path / "bad.csv", dry_run=True)
    assert (tmp_path / "bad.csv").exists()
    assert not (tmp_path / "leads.rejects.csv").exists()


async def test_an_import_reaches_the_database_once_and_a_contradiction_is_reported(run, runtime, capsys):
    settings = runtime.settings
    assert await run(settings=settings) == 0
    assert await run(settings=settings) == 0
    assert await runtime.capture.log.count() == 2
    assert await run(GOOD.replace("bob", "eve"), settings=settings) == 3
    said = capsys.readouterr().out
    assert "  accepted       2" in said
    assert "  stored before  2" in said
    assert "signup:2" in said
    assert await runtime.capture.log.count() == 2
