"""`lead-engine leads`: merging and its undoing on the command line."""

from __future__ import annotations

import pytest

from domain.errors import Conflict
from scripts.cli.leads.leads import merge_leads, unmerge_lead
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest


async def test_leads_are_merged_and_given_back(runtime, settings, capsys):
    await ingest(runtime, [EventInput(lead_id=one, type="page_view") for one in ("ada", "web")])
    await merge_leads(settings, "web", "ada", "same person")
    await merge_leads(settings, "web", "ada", "same person")
    await unmerge_lead(settings, "web", "two people")
    assert capsys.readouterr().out.splitlines() == [
        "web is part of ada now.",
        "They are one lead already: ada.",
        "web is a lead of its own again, apart from ada.",
    ]
    with pytest.raises(Conflict):
        await unmerge_lead(settings, "web", "again")
