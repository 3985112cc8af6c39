"""`lead-engine routing` against a real store."""

from __future__ import annotations

import json

import pytest

from domain.errors import Conflict, Invalid, NotFound
from scripts.cli.leads import routing
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads


@pytest.fixture
async def ben(runtime):
    """A rep."""
    return await runtime.people.accounts.add("ben@example.com", "Ben", "rep", runtime.now())


@pytest.fixture
def rules_file(tmp_path, ben):
    """A file with these rules, in YAML."""

    def rules_file(version=1, rep=ben.person_id, extra="", name="rules.yaml"):
        file = tmp_path / name
        file.write_text(
            f"version: {version}\n"
            "rules:\n"
            "  - {id: rest, pool: all}\n"
            f"pools:\n  - id: all\n    members:\n      - rep: {rep}  # Ben\n{extra}"
        )
        return file

    return rules_file


async def activate(settings, file_or_version):
    await routing.activate(settings, routing._version_or_rules(str(file_or_version)))


async def test_rules_are_checked_against_members_and_by_line(settings, rules_file, capsys):
    await routing.check(settings, rules_file())
    assert capsys.readouterr().out == "Version 1 is valid: 1 rules, 1 pools.\n"
    with pytest.raises(Invalid) as refused:
        await routing.check(settings, rules_file(extra="        weigth: 2\n"))
    assert "rules.yaml, line 8" in str(refused.value)
    assert "weight" in str(refused.value)
    with pytest.raises(Invalid, match="not the id of an active person"):
        await routing.check(settings, rules_file(rep="nobody"))


async def test_json_is_as_good_as_yaml(settings, ben, tmp_path, capsys):
    file = tmp_path / "rules.json"
    pools = [{"id": "all", "members": [{"rep": ben.person_id}]}]
    file.write_text(json.dumps({"version": 3, "rules": [{"id": "rest", "pool": "all"}], "pools": pools}))
    await routing.check(settings, file)
    assert "Version 3 is valid" in capsys.readouterr().out


async def test_rules_are_activated_from_a_file_shown_and_switched_off(
    settings, runtime, rules_file, capsys, tmp_path
):
    assert await routing.show(settings) == 1
    assert "not routed" in capsys.readouterr().err

    await activate(settings, rules_file())
    assert await runtime.teams.rules.active_version() == 1
    capsys.readouterr()
    await routing.show(settings)
    shown = capsys.readouterr().out
    assert shown.startswith("# Stored ")
    again = tmp_path / "again.yaml"
    again.write_text(shown)
    await activate(settings, again)  # the same content again

    await activate(settings, rules_file(version=2))
    await activate(settings, "1")
    assert await runtime.teams.rules.active_version() == 1
    with pytest.raises(Conflict, match="higher version"):
        await activate(settings, rules_file(extra="        weight: 2\n"))
    with pytest.raises(NotFound):
        await activate(settings, "9")
    with pytest.raises(NotFound):
        await activate(settings, "rules.yml")

    await routing.deactivate(settings)
    assert await runtime.teams.rules.active_version() is None


async def test_a_simulation_says_who_would_have_got_what_and_writes_nothing(
    settings, runtime, rules_file, ben, capsys
):
    await ingest(runtime, [EventInput(lead_id=f"lead-{number}", type="page_view") for number in range(3)])
    await process_leads(runtime, [f"lead-{number}" for number in range(3)])
    before = await runtime.capture.log.count()

    await routing.simulate_rules(settings, rules_file(), 30)

    said = capsys.readouterr().out
    assert "3 leads of the last 30 days" in said
    assert ["ben@example.com", "3", "0"] in [line.split() for line in said.splitlines()]
    assert ["nobody", "0", "3"] in [line.split() for line in said.splitlines()]
    assert "Assumed: capacity is not applied" in said
    assert await runtime.capture.log.count() == before
    assert await runtime.teams.rules.active_version() is None
