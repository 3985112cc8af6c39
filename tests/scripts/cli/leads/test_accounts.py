"""`lead-engine accounts`: the list, its rebuild and its verification on the command line."""

from __future__ import annotations

import pytest

from domain.errors import Invalid
from scripts.cli.leads.accounts import list_accounts, rebuild, verify
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads


@pytest.fixture
async def acme(runtime):
    """Two leads of a group that is not projected yet."""
    said = {"groupId": "0e88", "name": "Acme", "domain": "acme.com"}
    await ingest(
        runtime,
        [
            EventInput(lead_id="ada", type="account.joined", properties=said),
            EventInput(lead_id="bob", type="signup", properties={"email": "bob@acme.com"}),
        ],
    )
    await process_leads(runtime, ["ada", "bob"])


async def test_accounts_are_rebuilt_listed_and_verified(runtime, settings, acme, capsys):
    await list_accounts(settings, None, None, 50)
    await rebuild(settings)
    await list_accounts(settings, "acm", "www.acme.com", 50)
    assert await verify(settings) == 0

    out = capsys.readouterr().out
    assert "No account is listed." in out
    assert "1 accounts are listed, each as its leads say." in out
    (row,) = [line for line in out.splitlines() if "group:0e88" in line]
    assert row.split()[:4] == ["group:0e88", "Acme", "acme.com", "2"]
    assert "1 accounts compared with their leads: 0 differ." in out


async def test_verify_says_what_differs_and_how_to_correct_it(runtime, settings, acme, capsys):
    await rebuild(settings)
    await runtime.store.database["accounts"].update_one({"_id": "group:0e88"}, {"$set": {"score": -1.0}})

    assert await verify(settings) == 1

    out = capsys.readouterr().out
    assert "1 accounts compared with their leads: 1 differ." in out
    assert "group:0e88 differs in score" in out
    assert "`lead-engine accounts rebuild` corrects them." in out


@pytest.mark.parametrize(("name", "domain", "option"), [("-", None, "--name"), (None, "acme", "--domain")])
async def test_a_filter_that_can_find_nothing_is_refused(settings, name, domain, option):
    with pytest.raises(Invalid, match=option):
        await list_accounts(settings, name, domain, 50)
