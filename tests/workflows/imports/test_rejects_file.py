"""The rejects: whole, written like their source, readable by nobody else, and importable once they are corrected."""

from __future__ import annotations

import os
import stat

import pytest

from workflows.imports.import_file import import_file
from workflows.imports.mapping.mapping_file import parse_mapping

MAPPING = """
source: shop
leadId: Id
events:
  - {type: signup, eventId: "s:{Id}", occurredAt: {column: At}, properties: {city: City}}
"""


@pytest.fixture
def run(tmp_path):
    async def run(content, mapping=MAPPING, name="leads.csv"):
        file = tmp_path / name
        if content is not None:
            file.write_bytes(content)
        made = []

        async def store(events):
            made.extend(events)
            return []

        report = await import_file(
            file, parse_mapping(mapping, "map.yaml"), store, rejects=tmp_path / "rejects.csv"
        )
        return report, {event.lead_id: event.properties.get("city") for event in made}

    return run


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
async def test_only_the_owner_may_read_the_rejects_whoever_may_read_the_file(run, tmp_path, mode):
    (tmp_path / "leads.csv").write_text("Id,At,City\n1,never,Bonn\n")
    (tmp_path / "leads.csv").chmod(mode)
    before = os.umask(0)
    try:
        await run(None)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "rejects.csv").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("encoding", "section"),
    [
        ("utf-8", ""),
        ("cp1252", "file: {encoding: cp1252, delimiter: ;}"),
        ("utf-16", "file: {delimiter: ;}"),
        ("cp1252", ""),
    ],
)
async def test_rejects_that_were_mended_go_in_by_the_same_mapping(run, tmp_path, encoding, section):
    mapping = MAPPING.replace("leadId", f"{section}\nleadId") if section else MAPPING
    text = 'Id;At;City\n1;2026-11-01;K\u00f6ln\n2;never;M\u00fcnchen\n3;2026-11-01;"D\u00fcren\n4;2026-11-01;Z\u00fcrich\n'
    report, cities = await run(text.encode(encoding), mapping)
    assert (set(cities), report.rejected_rows) == ({"1", "4"}, 2)
    written = (tmp_path / "rejects.csv").read_bytes().decode(encoding)
    corrected = (
        written.replace("never", "2026-11-02").replace('"""D', '"D').replace('D\u00fcren"', 'D\u00fcren"')
    )
    report, cities = await run(corrected.encode(encoding), mapping, name="corrected.csv")
    assert report.rejected_rows == 0
    assert set(cities) == {"2", "3"}
    assert cities["2"] == "M\u00fcnchen"


async def test_skipped_lines_and_a_footer_are_not_looked_for_in_rejects(run, tmp_path):
    mapping = MAPPING.replace("leadId", "file: {skipLines: 1, footer: 1}\nleadId")
    report, _ = await run(b"a report\nId,At,City\n1,never,Bonn\n2,never,Bonn\nTotal: 2\n", mapping)
    assert (report.rows, report.rejected_rows) == (2, 2)
    corrected = (tmp_path / "rejects.csv").read_bytes().replace(b"never", b"2026-11-01")
    report, cities = await run(corrected, mapping, name="corrected.csv")
    assert set(cities) == {"1", "2"}


async def test_text_without_quotes_is_rejected_as_it_stands(run, tmp_path):
    mapping = MAPPING.replace("leadId", "file: {delimiter: tab, quote: none}\nleadId")
    await run(b'Id\tAt\tCity\n1\tnever\t"Bonn, am "Rhein\n', mapping)
    assert b'1\tnever\t"Bonn, am "Rhein' in (tmp_path / "rejects.csv").read_bytes()
