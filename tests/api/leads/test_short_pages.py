"""Several filters at once: a page reads a bounded number of leads, may be short, and its cursor misses none."""

from __future__ import annotations

import itertools

import pytest

from engine.leads import lead_pages

COMBINATIONS = [
    {"stage": "warm", "risk": "low"},
    {"risk": "low", "minScore": 20},
    {"stage": "cold", "sort": "-lastActivityAt"},
    {"risk": "low", "sort": "lastActivityAt"},
    {"outcome": "won", "stage": "warm", "sort": "score"},
    {"owner": "none", "outcome": "won"},
    {"owner": "none", "minScore": 5, "sort": "-velocity"},
    {"tag": "vip", "risk": "low"},
    {"tag": "vip", "owner": "none", "stage": "warm", "sort": "score"},
    {"tag": "vip", "sort": "-lastActivityAt"},
    {"account": "group:acme", "stage": "warm"},
    {"account": "group:acme", "tag": "vip", "sort": "score"},
    {"account": "group:acme", "owner": "none", "sort": "-velocity"},
]


@pytest.fixture
async def leads(api):
    """40 leads of every kind; 1 in 4 has won, 1 in 2 is long silent, 1 in 3 has a tag, 1 in 2 is of a company."""
    kinds = itertools.product(("page_view", "download", "signup", "demo_request"), (0, -9), (False, True))
    events = []
    for number, (kind, days, won) in enumerate(itertools.islice(itertools.cycle(kinds), 40)):
        at = api.at(days=days, minutes=-number)
        of_acme = {"properties": {"companyGroup": "acme"}} if number % 2 == 0 else {}
        events.append({"leadId": f"lead-{number:02}", "type": kind, "occurredAt": at, **of_acme})
        if number % 3 == 0:
            tagged = {"type": "tag.added", "properties": {"tag": "vip"}}
            events.append({"leadId": f"lead-{number:02}", "occurredAt": at, **tagged})
        if won and number % 3 == 0:
            events.append({"leadId": f"lead-{number:02}", "type": "deal.won", "occurredAt": at})
    await api.store(*events)
    await api.work()


async def _all(api, **query):
    """Every lead of a list by its cursors, and the sizes of its pages."""
    found, sizes = [], []
    while True:
        page = await api.get("/api/leads", **query)
        found += [lead["leadId"] for lead in page["items"]]
        sizes.append(len(page["items"]))
        if page["nextCursor"] is None:
            return found, sizes
        query["cursor"] = page["nextCursor"]


@pytest.mark.parametrize("query", COMBINATIONS, ids=str)
async def test_a_list_that_reads_little_per_page_is_the_same_list(api, leads, monkeypatch, query):
    whole, _ = await _all(api, **query, limit=200)
    monkeypatch.setattr(lead_pages, "MAX_SCANNED", 7)
    found, sizes = await _all(api, **query, limit=5)
    assert found == whole
    assert whole, "the control: there are such leads"
    assert min(sizes) < 5


async def test_one_filter_and_one_order_read_no_lead_in_vain(api, leads, monkeypatch):
    monkeypatch.setattr(lead_pages, "MAX_SCANNED", 1)
    served = ({"stage": "warm"}, {"risk": "low"}, {"outcome": "won"}, {"minScore": 5}, {"tag": "vip"})
    for query in (
        *served,
        {"account": "group:acme"},
        {"account": "group:acme", "owner": "none", "minScore": 1},
    ):
        found, sizes = await _all(api, **query, limit=5)
        assert len(found) >= 5
        assert set(sizes[:-1]) == {5}
