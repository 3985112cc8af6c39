"""Ids and parameters are only ever text: never an operator, a pattern or a part of a URL."""

from __future__ import annotations

from urllib.parse import quote

import pytest

ODD_IDS = [
    "two words",
    "Zoë",
    "日本語",
    "\U0001f600",
    "$gt",
    "$where",
    '{"$gt":""}',
    "[$ne]",
    "a.b.c",
    ".hidden",
    "...",
    "100%",
    "%41",
    "%2F",
    "%252e%252e",
    "a+b",
    "a&b=c",
    "a?b",
    "a#b",
    "a;b",
    "a:b@c",
    "it's",
    'say "hi"',
    "<script>",
    "back\\slash",
    "a,b>c",
    "null",
    "intelligence",
    ".*",
    "^a$",
]


@pytest.mark.parametrize("lead_id", ODD_IDS)
async def test_any_visible_lead_id_is_found_by_its_own_address_and_no_other(api, lead_id):
    await api.store(
        {"leadId": lead_id, "type": "demo_request"},
        {"leadId": lead_id, "type": "demo_request"},
        {"leadId": "plain", "type": "page_view"},
    )
    await api.work()
    path = f"/api/leads/{quote(lead_id, safe='')}"
    assert (await api.get(path))["leadId"] == lead_id
    assert (await api.get(f"{path}/intelligence"))["score"] == 60.0
    assert {event["leadId"] for event in (await api.get(f"{path}/events"))["items"]} == {lead_id}
    assert len((await api.get(f"{path}/history"))["items"]) == 2
    for part in ("events", "history"):
        answer = await api.http.get(f"{path}/{part}", params={"limit": 1})
        address = answer.links["next"]["url"]
        assert address.isascii()
        assert not set(address) & set(' <>"\\')
        (second,) = (await api.get(address))["items"]
        assert second["position"] < answer.json()["items"][0]["position"]
    for listing in ("/api/tasks", "/api/automations/executions"):
        found = (await api.get(listing, leadId=lead_id))["items"]
        assert {one["leadId"] for one in found} == {lead_id}
    first = await api.get("/api/leads", limit=1)
    assert [lead["leadId"] for lead in first["items"]] == [lead_id]
    second = await api.get("/api/leads", limit=1, cursor=first["nextCursor"])
    assert [lead["leadId"] for lead in second["items"]] == ["plain"]


OPERATORS = [
    "$gt",
    "$ne",
    '{"$gt":""}',
    '{"$ne":null}',
    "[$ne]",
    ".*",
    "^ada$",
    "ada\0",
    "\0",
    "*",
    "%",
    "\ufffd",
]


@pytest.mark.parametrize("word", OPERATORS, ids=ascii)
async def test_an_operator_in_a_path_or_filter_finds_nothing(api, ada, word):
    part = quote(word, safe="")
    for path in (part, f"{part}/intelligence", f"{part}/history", f"{part}/events"):
        api.problem(await api.http.get(f"/api/leads/{path}"), 404)
    api.problem(await api.http.post(f"/api/tasks/{part}/done"), 404)
    for listing in ("/api/tasks", "/api/automations/executions"):
        assert (await api.get(listing, leadId=word))["items"] == []
    assert (await api.get("/api/automations/executions", ruleId=word))["items"] == []


async def test_brackets_in_the_name_of_a_parameter_make_no_operator(api):
    for name in ("stage[$ne]", "stage[]", "leadId[$gt]", "$where", "minScore.$gt"):
        problem = api.problem(await api.http.get("/api/leads", params={name: "1"}), 400)
        assert problem["errors"][0]["pointer"] == f"?{name}"


@pytest.mark.parametrize(
    ("asked", "pointer", "meant"),
    [
        ("/api/leads?Stage=hot", "?Stage", "stage"),
        ("/api/leads?min_score=5", "?min_score", "minScore"),
        ("/api/leads?sortBy=score", "?sortBy", "sort"),
        ("/api/leads/ada/intelligence?as_of=x", "?as_of", "asOf"),
        ("/api/leads/ada/intelligence?asof=x", "?asof", "asOf"),
        ("/api/leads/ada/intelligence?knowAt=x", "?knowAt", "knownAt"),
        ("/api/leads/ada/events?limits=1", "?limits", "limit"),
        ("/api/leads/ada/history?curser=1", "?curser", "cursor"),
        ("/api/tasks?lead_id=1", "?lead_id", "leadId"),
        ("/api/automations/executions?rule=1", "?rule", "ruleId"),
    ],
)
async def test_a_misspelt_parameter_is_refused_with_the_one_that_was_meant(api, asked, pointer, meant):
    (fault,) = api.problem(await api.http.get(asked), 400)["errors"]
    assert fault["pointer"] == pointer
    assert fault["detail"].endswith(f"did you mean {meant}?")


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ("/api/leads?runtime=1", "?runtime"),
        ("/api/leads?request=1", "?request"),
        ("/api/leads?lead_id=1", "?lead_id"),
        ("/api/leads/ada?lead_id=bob", "?lead_id"),
        ("/api/leads/ada?limit=1", "?limit"),
        ("/api/leads?=1", "?"),
        ("/api/leads?x", "?x"),
        ("/api/tasks?in_state=open", "?in_state"),
        ("/health/live?verbose", "?verbose"),
        ("/metrics?name[]=x", "?name[]"),
    ],
)
async def test_a_parameter_that_the_call_does_not_have_is_refused(api, asked, pointer):
    (fault,) = api.problem(await api.http.get(asked), 400)["errors"]
    assert fault["pointer"] == pointer
    assert "is not a parameter of this call" in fault["detail"]


async def test_a_parameter_given_twice_is_refused(api):
    (fault,) = api.problem(await api.http.get("/api/leads?stage=hot&limit=5&stage=cold"), 400)["errors"]
    assert fault == {"pointer": "?stage", "detail": "is given more than once"}


async def test_null_does_not_pass_for_a_filter_that_was_left_out(api):
    for asked, name in [
        ("/api/leads?minScore=null", "?minScore"),
        ("/api/leads?minScore=Null", "?minScore"),
        ("/api/tasks?state=null", "?state"),
        ("/api/automations/executions?state=null", "?state"),
    ]:
        (fault,) = api.problem(await api.http.get(asked), 400)["errors"]
        assert fault["pointer"] == name


async def test_several_wrong_parameters_are_named_together(api):
    problem = api.problem(await api.http.get("/api/leads?limit=0&sort=x&minScore=y"), 400)
    assert {fault["pointer"] for fault in problem["errors"]} == {"?limit", "?sort", "?minScore"}
    problem = api.problem(await api.http.get("/api/leads?a=1&b=2&limit=1&limit=2"), 400)
    assert {fault["pointer"] for fault in problem["errors"]} == {"?a", "?b", "?limit"}


async def test_hundreds_of_parameters_are_refused_in_a_short_answer(api):
    answer = await api.http.get("/api/leads?" + "&".join(f"p{n}=1" for n in range(1000)))
    assert len(api.problem(answer, 400)["errors"]) == 20


async def test_a_query_that_is_too_long_is_refused_unread(api):
    answer = await api.http.get("/api/leads?" + "&".join(f"p{n}=1" for n in range(5000)))
    assert [fault["detail"] for fault in api.problem(answer, 400)["errors"]] == [
        "the query is longer than 8192 bytes"
    ]
