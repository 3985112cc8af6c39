"""POST /api/sequences/{name}/enrolments: the leads of a filter, with counts, refusals by reason, and a dry run."""

from __future__ import annotations

import pytest

from tests.api.sequences.test_sequences import TEXT

PATH = "/api/sequences/welcome/enrolments"
TAGGED = {"filter": {"tag": "fair"}, "why": "met at the fair"}


@pytest.fixture
async def fair(api):
    """Four leads of the fair, of which one is in the sequence already and one is won; and one that was not there."""
    answer = await api.http.post("/api/sequences/activate", json={"text": TEXT})
    assert answer.status_code == 200, answer.text
    for name in ("ada", "bob", "cyd", "dan"):
        await api.store({"leadId": name, "type": "tag.added", "properties": {"tag": "fair"}})
    await api.store({"leadId": "eve", "type": "signup"}, {"leadId": "cyd", "type": "deal.won"})
    await api.work()
    answer = await api.http.post("/api/leads/ada/enrolments", json={"sequence": "welcome"})
    assert answer.status_code == 202, answer.text


async def enrol(api, status=202, headers=None, **body):
    answer = await api.http.post(PATH, json={**TAGGED, **body}, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def counts(said):
    return {name: said[name] for name in ("leads", "enrolled", "heldOut", "refused", "reasons")}


REFUSED = {"in-sequence": 1, "decided": 1}


async def test_a_dry_run_counts_and_stores_nothing_and_the_call_does_what_it_said(api, fair):
    expected = {"leads": 4, "enrolled": 2, "heldOut": 0, "refused": 2, "reasons": REFUSED}
    said = await enrol(api, dryRun=True)
    assert (counts(said), said["dryRun"], said["sequence"]) == (expected, True, "welcome@1")
    assert (await api.get("/api/leads/bob/enrolments"))["items"] == []
    done = await enrol(api)
    assert counts(done) == expected
    (enrolment,) = (await api.get("/api/leads/bob/enrolments"))["items"]
    assert (enrolment["why"], enrolment["active"]) == ("met at the fair", True)
    assert {one["leadId"]: one["reason"] for one in done["results"] if one["reason"]} == {
        "ada": "in-sequence",
        "cyd": "decided",
    }
    assert (await api.get("/api/leads/eve/enrolments"))["items"] == []
    assert counts(await enrol(api))["reasons"] == {"in-sequence": 3, "decided": 1}  # nobody is enrolled twice


async def test_a_cursor_goes_on_and_a_call_that_is_repeated_under_its_key_answers_as_the_first_one(api, fair):
    first, again = [await enrol(api, limit=3, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert again == first
    assert first["leads"] == 3
    rest = await enrol(api, limit=3, cursor=first["nextCursor"])
    assert rest["nextCursor"] is None
    assert sorted(one["leadId"] for one in [*first["results"], *rest["results"]]) == [
        "ada",
        "bob",
        "cyd",
        "dan",
    ]
    assert first["enrolled"] + rest["enrolled"] == 2


WRONG = (
    ({"filter": {"stage": "boiling"}}, "/filter/stage"),
    ({"filter": {"owner": "me"}}, "/filter/owner"),
    ({"filter": {"color": "red"}}, "/filter/color"),
    ({"limit": 201}, "/limit"),
    ({"cursor": "x"}, "/cursor"),
)


async def test_what_is_wrong_is_named_and_a_sequence_that_is_not_active_is_not_found(api):
    for body, pointer in WRONG:
        said = await enrol(api, 400, **body)
        assert [one["pointer"] for one in said["errors"]] == [pointer]
    await enrol(api, 404)
