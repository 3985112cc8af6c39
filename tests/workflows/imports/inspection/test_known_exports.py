"""The usual exports: recognised by their headers, and imported without editing the mapping that was written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.instant import from_datetime
from domain.leads.intelligence import intelligence
from domain.privacy.personal_fields import USUAL_FIELDS
from scripts.evaluate.csv_leads import folded, for_evaluation
from tests.workflows.imports.inspection.exports import EXPORTS
from workflows.imports.import_file import import_file
from workflows.imports.inspection.inspect_file import inspect_file
from workflows.imports.inspection.known_exports.known_export import known_exports, recognise
from workflows.imports.mapping.mapping_file import parse_mapping

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def inspected(tmp_path):
    def inspected(text, name="export.csv"):
        file = tmp_path / name
        file.write_text(text)
        return inspect_file(file, now=NOW)

    return inspected


@pytest.fixture
def imported(tmp_path, inspected):
    """The events of a file by the mapping that its inspection writes, by lead, and the report."""

    async def imported(text):
        found = inspected(text)
        leads = {}

        async def store(events):
            for event in events:
                leads.setdefault(event.lead_id, []).append(event)
            return []

        report = await import_file(
            tmp_path / "export.csv",
            parse_mapping(found.mapping, "mapping"),
            store,
            rejects=tmp_path / "rejects.csv",
            now=lambda: NOW,
        )
        return leads, report

    return imported


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_recognised_by_its_headers(inspected, name):
    title, text = EXPORTS[name]
    assert inspected(text).recognised == title


@pytest.mark.parametrize("name", EXPORTS)
async def test_every_lead_of_an_export_scores_under_the_standard_rulebook(imported, name):
    rulebook = for_evaluation("standard")
    leads, report = await imported(EXPORTS[name][1])
    assert report.rejected_rows == 0
    assert leads
    for events in leads.values():
        state = folded(events, rulebook, from_datetime(NOW))
        score = intelligence(state, from_datetime(NOW), rulebook).score
        ended = {"deal.lost", "unsubscribed", "do_not_contact"} & {event.type for event in events}
        assert score > 0 or ended, (events, score)


@pytest.mark.parametrize("name", EXPORTS)
async def test_addresses_and_names_of_people_go_into_sealed_properties_only(imported, name):
    leads, report = await imported(EXPORTS[name][1])
    said = [
        (name, str(value))
        for events in leads.values()
        for event in events
        for name, value in [*event.properties.items(), ("leadId", event.lead_id), ("eventId", event.event_id)]
    ]
    open_ones = [
        name for name, value in said if "@" in value or "Lovelace" in value if name not in USUAL_FIELDS
    ]
    assert open_ones == []
    assert report.open_personal == ()


async def test_customers_and_people_who_want_no_mail_are_told_apart(imported):
    leads, _ = await imported(EXPORTS["hubspot"][1])
    types = {lead: {event.type for event in events} for lead, events in leads.items()}
    assert "deal.won" in types["hubspot-52"]
    assert {"unsubscribed", "deal.lost"} <= types["hubspot-53"]
    assert not {"deal.won", "unsubscribed", "deal.lost"} & types["hubspot-51"]


async def test_a_newer_export_brings_what_has_changed_and_stores_nothing_twice(imported):
    text = EXPORTS["hubspot"][1]
    first, _ = await imported(text)
    again, _ = await imported(text)
    newer, _ = await imported(text.replace(",250,", ",900,"))
    ids = [
        {event.event_id for events in leads.values() for event in events} for leads in (first, again, newer)
    ]
    assert ids[0] == ids[1]
    assert len(ids[2] - ids[0]) == 1
    updates = [event for event in newer["hubspot-51"] if event.event_id in ids[2] - ids[0]]
    assert updates[0].properties["companySize"] == 900


async def test_ids_and_telephone_numbers_of_meta_lose_their_prefix(imported):
    leads, _ = await imported(EXPORTS["meta"][1])
    assert set(leads) == {"1001", "1002"}
    said = {name: value for event in leads["1001"] for name, value in event.properties.items()}
    assert said["phone"] == "+442079460001"
    assert said["whenDoYouWantToStart"] == "now"


async def test_a_meeting_that_is_to_come_was_booked_in_the_past_and_a_canceled_one_is_none(imported):
    leads, _ = await imported(EXPORTS["calendly"][1])
    booked = [event for events in leads.values() for event in events if event.type == "meeting_booked"]
    assert [event.occurred_at for event in booked] == [datetime(2026, 10, 13, 9, 30, tzinfo=UTC)]


async def test_a_report_without_ids_tells_leads_apart_by_a_digest_of_their_address(imported):
    leads, report = await imported(EXPORTS["salesforce_report"][1])
    assert len(leads) == 2
    assert all(len(lead) == 32 and "@" not in lead for lead in leads)
    assert any("Confidential" in line for line in report.file)


async def test_a_response_that_was_not_sent_makes_nothing_and_is_accounted_for(imported):
    _, report = await imported(EXPORTS["typeform"][1])
    assert (report.rows_with_events, report.rows_without_events, report.rejected_rows) == (2, 1, 0)


def test_columns_that_are_not_read_are_named(inspected):
    mapping = inspected(EXPORTS["hubspot"][1]).mapping
    assert (
        "# Columns that are not read: Contact owner, Last Activity Date, Marketing contact status." in mapping
    )


def test_headers_may_differ_in_case_and_punctuation():
    header = [name.upper().replace("_", " ") for name in EXPORTS["meta"][1].splitlines()[0].split("\t")]
    assert recognise(header).source == "meta"


def test_a_file_with_some_columns_of_an_export_is_not_taken_for_it():
    assert recognise(["id", "email", "created", "name"]) is None


def test_every_known_export_names_its_columns():
    for export in known_exports():
        assert set(export.needs) <= set(export.columns), export.title
        for event in export.events:
            named = {
                *event.at,
                event.type_column,
                event.when and event.when.column,
                *event.properties.values(),
            }
            assert named - {None} <= set(export.columns), (export.title, event.event_id)
