"""`lead-engine personal-data` against a real store."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from domain.errors import Invalid, NotFound
from engine.settings import load_settings
from scripts.cli import cli
from scripts.cli.command import exits
from scripts.cli.leads import personal_data
from workflows.capture.decode import check_event
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest

ADA = {"leadId": "ada", "type": "signup", "properties": {"email": "ada@example.com", "plan": "gold"}}


@pytest.fixture
async def ada(runtime):
    await ingest(runtime, [check_event(ADA), check_event(ADA)])


async def exported(settings, capsysbinary):
    capsysbinary.readouterr()
    await personal_data.export(settings, "ada")
    return json.loads(capsysbinary.readouterr().out)


async def test_an_export_is_one_json_document_on_standard_output(settings, ada, capsysbinary):
    document = await exported(settings, capsysbinary)
    assert [one["properties"] for one in document["events"]] == [ADA["properties"]] * 2


async def test_an_erasure_says_what_was_erased_and_who_did_it_is_in_the_log(
    settings, runtime, ada, capsysbinary
):
    await personal_data.erase(settings, "ada")
    assert b"Erased: the key of 2 events" in capsysbinary.readouterr().out
    document = await exported(settings, capsysbinary)
    assert [one["properties"]["email"] for one in document["events"]] == ["[erased]"] * 2
    read, erased = document["auditLog"]
    assert (erased["action"], erased["who"]["kind"]) == ("personal_data.erased", "command line")
    assert (read["action"], read["who"]) == ("personal_data.exported", erased["who"])
    await personal_data.erase(settings, "ada")
    assert b"There was nothing to erase" in capsysbinary.readouterr().out


async def test_on_a_terminal_an_export_is_the_same_json_without_a_character_that_it_would_obey(
    settings, runtime, capsysbinary, monkeypatch
):
    hostile = "\u009b31m \u202e \x1b]0;title\x07 Jörg 😀"
    await ingest(runtime, [EventInput(lead_id="eve", type="form", properties={"message": hostile})])
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    await personal_data.export(settings, "eve")
    shown = capsysbinary.readouterr().out.decode()
    assert shown.rstrip("\n").isprintable()
    assert "Jörg 😀" in shown
    (event,) = json.loads(shown)["events"]
    assert event["properties"]["message"] == hostile


def test_an_error_repeats_no_character_that_a_terminal_would_obey():
    @click.command()
    @exits
    def fails():
        raise NotFound("lead", "\x1b[31mred\x07\u009b\u202e")

    answer = CliRunner().invoke(fails)
    assert answer.exit_code == 1
    assert answer.stderr.rstrip("\n").isprintable()
    assert "?[31mred???" in answer.stderr


@pytest.mark.parametrize("call", [personal_data.erase, personal_data.export])
async def test_an_unknown_lead_is_not_found(settings, runtime, call):
    with pytest.raises(NotFound, match="nobody"):
        await call(settings, "nobody")


def test_without_a_yes_nothing_is_erased():
    answer = CliRunner().invoke(cli, ["personal-data", "erase", "ada"], input="n\n")
    assert answer.exit_code == 1
    assert "Erase the personal data of 'ada' for good?" in answer.output
    assert "Aborted" in answer.output


@pytest.mark.parametrize("names", ["email,tag", "stage", "Sta-ge"])
def test_what_the_engine_has_to_read_cannot_be_personal(monkeypatch, names):
    monkeypatch.setenv("PERSONAL_FIELDS", names)
    with pytest.raises(Invalid) as refusal:
        load_settings()
    (fault,) = refusal.value.faults
    assert fault.pointer == "PERSONAL_FIELDS"
    assert "the engine itself has to read it" in fault.detail


def test_the_list_can_be_empty_and_then_nothing_is_personal(monkeypatch):
    monkeypatch.setenv("PERSONAL_FIELDS", "")
    assert load_settings().personal_fields == ""


def test_a_rulebook_is_checked_against_the_fields_of_the_settings(monkeypatch):
    monkeypatch.setenv("PERSONAL_FIELDS", "companySize")
    answer = CliRunner().invoke(cli, ["rulebook", "check", "standard"])
    assert answer.exit_code == 1
    assert "standard.yaml, line " in answer.output
    assert "'companySize' is a personal field" in answer.output
    monkeypatch.delenv("PERSONAL_FIELDS")
    assert CliRunner().invoke(cli, ["rulebook", "check", "standard"]).exit_code == 0
