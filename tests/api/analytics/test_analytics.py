"""Numbers of outreach over HTTP: each opens as many messages, or leads, as it says, and no more than a caller sees."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest

from tests.workflows.analytics.conftest import Leads
from workflows.analytics.project import follow_results
from workflows.leads.process import process_leads

PATH = "/api/outreach/analytics"
MESSAGES = (
    *(
        "messages",
        "sent",
        "withheld",
        "failed",
        "unknown",
        "delivered",
        "opened",
        "clicked",
        "replied",
        "meetings",
    ),
    *("optOuts", "complaints", "bounces"),
)
OF_LEADS = ("leads", "conversions")
GROUPINGS = {
    "sequence": ("sequence", "version"),
    "step": ("sequence", "version", "step"),
    "variant": ("sequence", "version", "step", "variant"),
    "channel": ("channel",),
    "campaign": ("campaign",),
}  # fmt: skip


@pytest.fixture
async def story(api):
    """Three leads in two versions of a sequence, and one message by hand."""
    leads = Leads(api.runtime)
    for lead in ("ada", "bob", "eve"):
        await leads.hears(lead, "signup")
    first = await leads.writes_to("ada", 90, "welcome@1/1/short")
    await leads.hears("ada", "email.delivered", 89, messageId=first)
    await leads.hears("ada", "email.opened", 80, messageId=first)
    await leads.hears("ada", "email.opened", 89, messageId=first, automated="a scanner")
    second = await leads.writes_to("ada", 60, "welcome@1/10/")
    await leads.hears("ada", "email.clicked", 50, messageId=second)
    reply = await leads.hears("ada", "message.received", 40, channel="email")
    await leads.says("ada", "reply.classified", 40, replyId=reply, intent="interested")
    await leads.hears("ada", "meeting.booked", 30)
    await leads.hears("ada", "deal.won", 24)
    other = await leads.writes_to("bob", 90, "welcome@1/1/long")
    await leads.hears("bob", "email.bounced", 89, messageId=other)
    await leads.hears("bob", "email.unsubscribed", 80)
    stopped = await leads.plans("eve")
    reasons = [{"code": "suppressed"}, {"code": "replied"}]
    await leads.says("eve", "message.withheld", 10, messageId=stopped, reasons=reasons)
    said = {"sequence": "welcome@2", "step": "1", "does": "send", "messageId": stopped}
    await leads.says("eve", "sequence.step_done", 10, **said)
    await leads.says("eve", "message.unknown", 10, messageId=await leads.plans("eve", channel="whatsapp"))
    await leads.writes_to("eve", 5)
    await follow_results(api.runtime)
    return leads


async def rows(api, by="sequence", **query):
    found = await api.get(PATH, by=by, **query)
    assert (found["by"], found["hasMore"], found["eventsBehind"]) == (by, False, 0)
    return {tuple(row[name] for name in GROUPINGS[by]): row for row in found["items"]}


async def behind(api, get=None, **query):
    """The messages behind a number, read in pages of two."""
    found, cursor = [], {}
    while True:
        page = await (get or api.get)(f"{PATH}/leads", limit=2, **query, **cursor)
        found += page["items"]
        if page["nextCursor"] is None:
            return found
        cursor = {"cursor": page["nextCursor"]}


async def test_a_row_counts_what_became_of_its_messages(api, story):
    found = await rows(api)
    assert list(found) == [("welcome", 1), ("welcome", 2)]
    first, second = found.values()
    numbers = {name: first[name] for name in (*MESSAGES, *OF_LEADS)}
    assert numbers == {
        "messages": 3,
        "sent": 3,
        "withheld": 0,
        "failed": 0,
        "unknown": 0,
        "delivered": 1,
        "opened": 1,
        "clicked": 1,
        "replied": 1,
        "meetings": 1,
        "optOuts": 1,
        "complaints": 0,
        "bounces": 1,
        "leads": 2,
        "conversions": 1,
    }
    assert (first["repliedBy"], first["withheldBy"]) == ({"interested": 1}, {})
    assert (second["withheld"], second["withheldBy"]) == (1, {"replied": 1, "suppressed": 1})
    steps = await rows(api, "step")
    assert list(steps) == [("welcome", 1, "1"), ("welcome", 1, "10"), ("welcome", 2, "1")]
    assert {place[-1] for place in await rows(api, "variant")} == {"long", "short"}
    assert {place[0]: row["messages"] for place, row in (await rows(api, "channel")).items()} == {
        "email": 5,
        "whatsapp": 1,
    }
    assert await rows(api, "campaign") == {}


async def test_every_number_opens_its_messages_or_leads(api, story):
    compared = 0
    for by, names in GROUPINGS.items():
        for place, row in (await rows(api, by)).items():
            of_row = dict(zip(names, place, strict=True))
            if "version" in of_row:
                of_row["sequence"] = f"{of_row['sequence']}@{of_row.pop('version')}"
            for measure in (*MESSAGES, *OF_LEADS):
                found = await behind(api, by=by, measure=measure, **of_row)
                assert len(found) == row[measure], (by, place, measure)
                assert len({one["messageId"] for one in found}) == len(found)
                if measure in OF_LEADS:
                    assert len({one["leadId"] for one in found}) == len(found)
                compared += row[measure] > 0
            for reason, number in row["withheldBy"].items():
                assert len(await behind(api, by=by, measure="withheld", reason=reason, **of_row)) == number
            for intent, number in row["repliedBy"].items():
                assert len(await behind(api, by=by, measure="replied", intent=intent, **of_row)) == number
    assert compared > 30


async def test_the_period_and_the_window_are_those_of_the_question(api, story):
    assert (await rows(api, sequence="welcome@1", windowDays=1))[("welcome", 1)]["conversions"] == 0
    assert (await rows(api, sequence="welcome@1", windowDays=2))[("welcome", 1)]["conversions"] == 1
    early = await rows(api, **{"from": api.at(hours=-91), "to": api.at(hours=-61)})
    assert early[("welcome", 1)]["messages"] == 2
    assert await rows(api, **{"from": api.at(hours=1), "to": api.at(hours=2)}) == {}
    for wrong in (
        {"from": api.at(hours=2), "to": api.at(hours=1)},
        {"from": "yesterday"},
        {"sequence": "welcome@two"},
        {"windowDays": 0},
        {"by": "weather"},
    ):
        answer = await api.http.get(PATH, params=wrong)
        (fault,) = api.problem(answer, 400)["errors"]
        assert fault["pointer"] == f"?{next(iter(wrong))}"


async def test_variants_have_intervals_and_other_rows_none(api, story):
    variants = await rows(api, "variant")
    shares = variants[("welcome", 1, "1", "short")]["shares"]
    assert shares["opened"] == {"share": 1.0, "low": pytest.approx(0.2065, abs=1e-4), "high": 1.0}
    assert shares["conversions"]["share"] == 1.0
    assert {row["shares"] for row in (await rows(api, "step")).values()} == {None}


async def test_csv_has_the_same_numbers(api, story):
    for by, names in GROUPINGS.items():
        answer = await api.http.get(f"{PATH}.csv", params={"by": by})
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        lines = list(csv.DictReader(io.StringIO(answer.text)))
        for line, row in zip(lines, (await rows(api, by)).values(), strict=True):
            assert [line[name] for name in names] == [str(row[name]) for name in names]
            assert {name: int(line[name]) for name in (*MESSAGES, *OF_LEADS)} == {
                name: row[name] for name in (*MESSAGES, *OF_LEADS)
            }
            parts = {f"withheld.{name}": number for name, number in row["withheldBy"].items()}
            parts |= {f"replied.{name}": number for name, number in row["repliedBy"].items()}
            assert +Counter({name: int(value) for name, value in line.items() if "." in name}) == parts


async def test_who_sees_some_leads_gets_their_numbers(api, story, monkeypatch):
    async with api.signed_in("rep", "rep@example.com") as rep:
        await story.says("bob", "lead.assigned", ownerId=rep.person.person_id)
        await story.says("ada", "lead.assigned", ownerId="another")
        await process_leads(api.runtime, ["ada", "bob", "eve"])
        await follow_results(api.runtime)
        settings = api.runtime.settings.model_copy(update={"lead_visibility": "own"})
        monkeypatch.setitem(api.runtime.__dict__, "settings", settings)

        async def get(path, **query):
            answer = await rep.http.get(path, params=query)
            assert answer.status_code == 200, answer.text
            return answer.json()

        (email, whatsapp) = (await get(PATH, by="channel"))["items"]
        assert (email["messages"], email["conversions"], whatsapp["messages"]) == (3, 0, 1)
        seen = await behind(api, get, by="channel", measure="messages")
        assert {one["leadId"] for one in seen} == {"bob", "eve"}
        assert len(seen) == 4
        # The results still say that the lead is visible, and the lead itself does not.
        await api.runtime.store.database["leads"].update_one({"_id": "bob"}, {"$set": {"ownerId": "another"}})
        assert {one["leadId"] for one in await behind(api, get, by="channel", measure="sent")} == {"eve"}
