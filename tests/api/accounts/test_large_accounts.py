"""An account of 10,000 leads: every read, and every projection, looks at a bounded number of them."""

from __future__ import annotations

import pytest

from tests.api.accounts.test_accounts import at_acme
from workflows.accounts.project import project_changes

LEADS = 10_000
MAX_DOCUMENTS = 60
"""Leads that one query may fetch: a page has 50."""


@pytest.fixture
async def large(api):
    """One folded lead, and as many copies of it with other ids and scores."""
    await api.store(at_acme("ada"))
    await api.work()
    leads = api.runtime.store.database["leads"]
    (lead,) = await leads.find({"_id": "ada"}).to_list()
    copies = [
        {**lead, "_id": f"lead-{number}", "score": number / 1000, "ownerId": f"p{number % 10}"}
        for number in range(LEADS)
    ]
    await leads.insert_many(copies)


async def test_reads_and_projections_of_a_large_account_are_bounded(api, large):
    database = api.runtime.store.database
    await database.command({"profile": 2})
    try:
        assert await project_changes(api.runtime) == 1
        for path in ("", "/intelligence", "/leads"):
            answer = await api.get(f"/api/accounts/domain:acme.com{path}")
            assert answer.get("leads", LEADS) == LEADS
    finally:
        await database.command({"profile": 0})
        entries = await database["system.profile"].find({"ns": {"$regex": "leads$"}}).to_list()
        await database["system.profile"].drop()
    assert len(entries) > 5
    assert max(entry["docsExamined"] for entry in entries) <= MAX_DOCUMENTS
    assert max(entry["keysExamined"] for entry in entries) <= LEADS + 1
    assert not [entry for entry in entries if entry.get("hasSortStage")]
