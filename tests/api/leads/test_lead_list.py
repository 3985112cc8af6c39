"""GET /api/leads: filters, orders and pages."""

from __future__ import annotations

from itertools import pairwise

import pytest

TYPES = ("page_view", "email_open", "download", "signup", "demo_request")
SORTS = ("-score", "score", "-velocity", "velocity", "-lastActivityAt", "lastActivityAt")


async def leads(api, **query):
    """The ids on one page."""
    return [lead["leadId"] for lead in (await api.get("/api/leads", **query))["items"]]


async def walk(api, path, **query):
    """All items, page by page, by the `Link` header as a client would."""
    items, address = [], path
    answer = await api.http.get(address, params=query)
    while True:
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= int(query["limit"])
        items += page["items"]
        if page["nextCursor"] is None:
            assert "link" not in answer.headers
            return items
        assert len(page["items"]) == int(query["limit"])
        following = answer.links["next"]["url"]
        assert answer.headers["link"] == f'<{following}>; rel="next"'
        assert page["nextCursor"] in following
        answer = await api.http.get(following)


@pytest.fixture
async def crowd(api):
    """Thirty leads, of which many have the same score, velocity or last activity."""
    await api.store(
        *(
            {
                "leadId": f"lead {number:02}",
                "type": TYPES[number % len(TYPES)],
                "occurredAt": api.at(hours=-(number % 3) * 30),
            }
            for number in range(30)
        )
    )
    await api.work()
    return {f"lead {number:02}" for number in range(30)}


async def test_a_lead_is_listed_as_its_last_event_left_it(api, ada):
    api.wait(days=10)
    assert await api.get("/api/leads") == {
        "items": [
            {
                "leadId": "ada",
                "position": 8,
                "score": 65.0,
                "stage": "qualified",
                "velocity": 18.0,
                "risk": "low",
                "nextAction": "immediate_outreach",
                "outcome": "open",
                "status": "new",
                "scoredAt": api.at(),
                "lastActivityAt": api.at(),
                "tags": [],
                "ownerId": None,
                "rulebook": "classic@2",
                "accountId": None,
            }
        ],
        "nextCursor": None,
    }
    (listed,) = (await api.get("/api/leads"))["items"]
    more = {"requestedId": "ada", "channels": [], "moreMessages": False}
    assert {**listed, **more} == await api.get("/api/leads/ada")


async def test_an_empty_engine_has_an_empty_list(api):
    assert await api.get("/api/leads") == {"items": [], "nextCursor": None}


async def test_an_unknown_lead_is_404(api, ada):
    problem = api.problem(await api.http.get("/api/leads/nobody"), 404)
    assert problem["detail"] == "There is no lead 'nobody'."


async def test_filters_narrow_the_list_and_can_be_combined(api, ada):
    await api.store(
        {"leadId": "cold", "type": "page_view"},
        {"leadId": "warm", "type": "signup"},
        {"leadId": "late", "type": "demo_request", "occurredAt": api.at(days=-5)},
        {"leadId": "late", "type": "page_view", "occurredAt": api.at(days=-5)},
    )
    await api.work()
    assert await leads(api, stage="qualified") == ["ada"]
    assert await leads(api, stage="warm") == ["warm"]
    assert await leads(api, stage="hot") == ["late"]
    assert await leads(api, minScore=20) == ["ada", "late", "warm"]
    assert await leads(api, minScore=20.01) == ["ada", "late"]
    assert await leads(api, minScore=-5) == ["ada", "late", "warm", "cold"]
    assert await leads(api, minScore=20, stage="warm") == ["warm"]
    assert await leads(api, minScore=21, stage="warm") == []
    assert await leads(api, risk="high") == []
    assert await leads(api, risk="low", minScore=65) == ["ada"]


async def test_leads_are_filtered_by_their_outcome(api, ada):
    await api.store(
        *(
            {"leadId": lead, "type": "signup", "occurredAt": api.at(days=-2)}
            for lead in ("bob", "cyd", "dan", "eve")
        ),
        {"leadId": "bob", "type": "deal.won", "occurredAt": api.at(days=-1)},
        {"leadId": "cyd", "type": "deal.lost", "occurredAt": api.at(days=-1)},
        {"leadId": "dan", "type": "lead.disqualified", "occurredAt": api.at(days=-1)},
        {"leadId": "eve", "type": "deal.lost", "occurredAt": api.at(days=-1)},
        {"leadId": "eve", "type": "deal.reopened", "occurredAt": api.at()},
    )
    await api.work()
    assert await leads(api, outcome="won") == ["bob"]
    assert await leads(api, outcome="lost", stage="warm") == ["cyd"]
    assert await leads(api, outcome="disqualified", risk="low") == ["dan"]
    assert await leads(api, outcome="open") == ["ada", "eve"]
    bob = await api.get("/api/leads/bob")
    assert (bob["outcome"], bob["nextAction"]) == ("won", "none")
    problem = api.problem(await api.http.get("/api/leads?outcome=happy"), 400)
    assert "open, won, lost, disqualified" in problem["errors"][0]["detail"]


async def test_the_intelligence_of_a_won_lead_says_since_when_and_by_what(api, ada):
    await api.store({"leadId": "ada", "type": "deal.won", "occurredAt": api.at(minutes=-5)})
    await api.work()
    found = await api.get("/api/leads/ada/intelligence")
    assert (found["outcome"], found["nextAction"]) == ("won", "none")
    assert found["details"]["outcome"] == {"since": api.at(minutes=-5), "eventType": "deal.won"}
    assert found["details"]["nextAction"] == "The lead is won: there is nothing left to sell."
    assert found["summary"].startswith("Won within the last hour. ")


async def test_leads_are_filtered_by_their_status(api, ada):
    await api.store(
        *({"leadId": lead, "type": "signup"} for lead in ("bob", "cyd", "dan", "eve", "fay")),
        *({"leadId": lead, "type": "message.sent"} for lead in ("bob", "cyd", "dan", "eve")),
        {"leadId": "cyd", "type": "message.received"},
        {"leadId": "dan", "type": "deal.won"},
        {"leadId": "eve", "type": "deal.lost"},
        {"leadId": "fay", "type": "message.withheld"},
    )
    await api.work()
    by_status = {"new": {"ada", "fay"}, "contacted": {"bob"}, "replied": {"cyd"}, "converted": {"dan"}}
    for status, found in {**by_status, "dead": {"eve"}}.items():
        for sort in SORTS:
            assert set(await leads(api, status=status, sort=sort)) == found
            assert {one["leadId"] for one in await walk(api, "/api/leads", status=status, limit=1)} == found
    assert await leads(api, status="contacted", stage="hot") == []
    assert await leads(api, status="contacted", outcome="open", owner="none") == ["bob"]
    assert (await api.get("/api/leads/bob"))["status"] == "contacted"
    problem = api.problem(await api.http.get("/api/leads?status=happy"), 400)
    assert "new, contacted, replied, converted, dead" in problem["errors"][0]["detail"]


async def test_the_intelligence_says_since_when_and_by_what_a_lead_has_its_status(api, ada):
    assert (await api.get("/api/leads/ada/intelligence"))["details"]["status"] is None
    await api.store(
        {"leadId": "ada", "type": "message.sent", "occurredAt": api.at(minutes=-5)},
        {"leadId": "ada", "type": "message.received", "occurredAt": api.at(minutes=-3)},
    )
    await api.work()
    found = await api.get("/api/leads/ada/intelligence")
    assert found["status"] == "replied"
    assert found["details"]["status"] == {"since": api.at(minutes=-3), "eventType": "message.received"}
    before = await api.get("/api/leads/ada/intelligence", asOf=api.at(minutes=-4))
    assert before["status"] == "contacted"
    assert before["details"]["status"] == {"since": api.at(minutes=-5), "eventType": "message.sent"}


async def test_a_retracted_reply_takes_its_status_back(api, ada):
    await api.store({"leadId": "ada", "type": "message.received", "eventId": "r1"})
    await api.work()
    assert (await api.get("/api/leads/ada"))["status"] == "replied"
    answer = await api.http.post("/api/leads/ada/retractions", json={"eventId": "r1", "why": "a machine"})
    assert answer.status_code < 300, answer.text
    await api.work()
    assert (await api.get("/api/leads/ada"))["status"] == "new"
    assert await leads(api, status="new") == ["ada"]


async def test_the_risk_filter_finds_leads_by_what_was_written_last(api, ada):
    await api.store(
        {"leadId": "old", "type": "signup", "occurredAt": api.at(days=-5)},
        {"leadId": "old", "type": "tag.added", "occurredAt": api.at(), "properties": {"tag": "vip"}},
    )
    await api.work()
    assert await leads(api, risk="medium") == ["old"]
    assert (await api.get("/api/leads/old"))["tags"] == ["vip"]


async def test_leads_are_filtered_by_one_of_their_tags(api, crowd):
    tags = {"lead 01": ("vip", "fair"), "lead 04": ("fair", "$ne"), "lead 09": ("vip",)}
    await api.store(
        *(
            {"leadId": lead, "type": "tag.added", "properties": {"tag": tag}}
            for lead, given in tags.items()
            for tag in given
        )
    )
    await api.work()
    for sort in SORTS:
        assert set(await leads(api, tag="vip", sort=sort)) == {"lead 01", "lead 09"}
        walked = [one["leadId"] for one in await walk(api, "/api/leads", tag="fair", sort=sort, limit=1)]
        assert walked == await leads(api, tag="fair", sort=sort)
        assert set(walked) == {"lead 01", "lead 04"}
    assert await leads(api, tag="$ne") == ["lead 04"]
    assert await leads(api, tag="Vip") == []
    assert await leads(api, tag="vip", minScore=30) == ["lead 09"]
    await api.store({"leadId": "lead 09", "type": "tag.removed", "properties": {"tag": "vip"}})
    await api.work()
    assert await leads(api, tag="vip") == ["lead 01"]


@pytest.mark.parametrize("sort", SORTS)
async def test_every_order_is_kept_and_equals_are_in_the_same_order_of_their_ids(api, crowd, sort):
    items = (await api.get("/api/leads", sort=sort))["items"]
    field, descending = sort.removeprefix("-"), sort.startswith("-")
    assert len(items) == 30
    assert len({item[field] for item in items}) < 10
    for one, other in pairwise(items):
        if one[field] == other[field]:
            assert (one["leadId"] < other["leadId"]) == descending
        else:
            assert (one[field] > other[field]) == descending


@pytest.mark.parametrize("sort", SORTS)
async def test_pages_lose_and_repeat_nothing_though_many_are_equal(api, crowd, sort):
    for limit in (1, 4, 7, 30, 200):
        walked = [lead["leadId"] for lead in await walk(api, "/api/leads", sort=sort, limit=limit)]
        assert walked == await leads(api, sort=sort)
        assert set(walked) == crowd


async def test_pages_keep_their_filters(api, crowd):
    walked = await walk(api, "/api/leads", stage="warm", minScore=20, risk="low", limit=1)
    assert [lead["leadId"] for lead in walked] == await leads(api, stage="warm", minScore=20, risk="low")
    assert {(lead["stage"], lead["risk"], lead["score"]) for lead in walked} == {
        ("warm", "low", 20.0),
        ("warm", "low", 30.0),
    }


async def test_a_lead_that_moves_ahead_while_paging_hides_no_other(api, crowd):
    first = await api.get("/api/leads", sort="-score", limit=10)
    await api.store(*[{"leadId": "lead 00", "type": "demo_request"}] * 3)
    await api.work()
    rest = await leads(api, sort="-score", limit=200, cursor=first["nextCursor"])
    assert {lead["leadId"] for lead in first["items"]} | set(rest) | {"lead 00"} == crowd
    assert not {lead["leadId"] for lead in first["items"]} & set(rest)


@pytest.mark.parametrize("sort", SORTS)
async def test_leads_without_any_activity_are_on_the_pages_of_every_order(api, crowd, sort):
    await api.store(*({"leadId": f"still {number}", "type": "lead.updated"} for number in range(5)))
    await api.work()
    assert (await api.get("/api/leads/still 1"))["lastActivityAt"] is None
    walked = [lead["leadId"] for lead in await walk(api, "/api/leads", sort=sort, limit=2)]
    assert walked == await leads(api, sort=sort)
    assert set(walked) == crowd | {f"still {number}" for number in range(5)}


async def test_the_longest_ids_fit_into_a_cursor(api):
    long = ["\U0001f600" * 199 + end for end in "abc"]
    await api.store(*({"leadId": lead_id, "type": "signup"} for lead_id in long))
    await api.work()
    assert [lead["leadId"] for lead in await walk(api, "/api/leads", limit=1)] == long
    (first, *_) = long
    await api.store({"leadId": first, "type": "signup"}, {"leadId": first, "type": "signup"})
    assert len(await walk(api, f"/api/leads/{first}/events", limit=1)) == 3


async def test_a_page_has_fifty_items_unless_asked_and_two_hundred_at_most(api):
    await api.store(*({"leadId": f"{number:03}", "type": "page_view"} for number in range(201)))
    await api.work()
    assert len(await leads(api)) == 50
    assert len(await leads(api, limit=1)) == 1
    assert len(await leads(api, limit=200)) == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stage", "lukewarm"),
        ("stage", "Hot"),
        ("stage", ""),
        ("stage", "$ne"),
        ("stage", "x" * 100),
        ("risk", "none"),
        ("risk", '{"$ne":null}'),
        ("tag", ""),
        ("tag", "x" * 65),
        ("minScore", "x"),
        ("minScore", ""),
        ("minScore", "NaN"),
        ("minScore", "inf"),
        ("minScore", "-Infinity"),
        ("minScore", "1e400"),
        ("minScore", "null"),
        ("minScore", "1,5"),
        ("minScore", "true"),
        ("sort", "name"),
        ("sort", "+score"),
        ("sort", "--score"),
        ("sort", ""),
        ("sort", "$natural"),
    ],
)
async def test_a_filter_that_means_nothing_is_refused_by_name(api, name, value):
    answer = await api.http.get("/api/leads", params={name: value})
    assert [fault["pointer"] for fault in api.problem(answer, 400)["errors"]] == [f"?{name}"]
