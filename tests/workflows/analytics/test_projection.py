"""The results of messages are what the events in the log say, read by a program that shares nothing with the engine."""

from __future__ import annotations

import contextlib
import random
from datetime import timedelta

import pytest

from domain.analytics.counts import GROUPINGS
from domain.errors import Conflict
from domain.instant import DAY
from domain.teams.visibility import EVERY_LEAD
from engine.analytics.selection import Selection
from engine.operations.audit_log import ENGINE, Actor
from engine.outreach.message import Author
from tests.reference.calculation.message_results import counts
from tests.workflows.analytics.conftest import Leads, by_the_log, by_the_store
from workflows.analytics.count import count_messages
from workflows.analytics.project import follow_results, results_now
from workflows.analytics.verify import rebuild_results, verify_results
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.capture.retract import retract_event
from workflows.identity.merge import merge, unmerge
from workflows.leads.process import process_leads
from workflows.operations.discard_event import discard_event
from workflows.privacy.erase import erase_personal_data

BY = Actor("key", "tests", "k1")
LEADS = ("ada", "bob", "eve")
NAMED = (
    "email.delivered",
    "email.opened",
    "email.clicked",
    "message.read",
    "message.failed",
    "email.bounced",
)
LOOSE = (
    "message.received",
    "email_reply",
    "linkedin_reply",
    "meeting.booked",
    "email.unsubscribed",
    "email.complained",
    "email.bounced",
    "consent.withdrawn",
    "deal.won",
)
INTENTS = ("interested", "unsubscribe", "question")
REASONS = ("suppressed", "replied", "too-late")


class World:
    """A history of three leads, of which every step is drawn."""

    def __init__(self, runtime, seed):
        self.runtime, self.rng, self.leads = runtime, random.Random(seed), Leads(runtime)
        self.messages: list[tuple[str, str]] = []
        self.events: list[tuple[str, str]] = []
        self.erased: set[str] = set()

    async def begin(self):
        for lead in LEADS:
            await self.leads.hears(lead, "signup")
        for _ in range(3):
            await self.plan()

    async def step(self):
        acts = {
            self.plan: 5,
            self.send: 5,
            self.report: 8,
            self.respond: 8,
            self.classify: 2,
            self.assign: 1,
            self.repeat: 2,
            self.retract: 4,
            self.merge: 1,
            self.unmerge: 1,
            self.fold: 1,
            self.project: 4,
        }
        await self.rng.choices(list(acts), list(acts.values()))[0]()

    def hours(self):
        return self.rng.choice([0, 1, 5, 24, 24, 700, 900]) + self.rng.randrange(3)

    async def plan(self):
        lead, rng = self.rng.choice(LEADS), self.rng
        enrolment = f"enr_{rng.randrange(4)}"
        author = rng.choice([Author("person", "p1"), Author("sequence", enrolment)])
        message = await self.leads.plans(
            lead, author=author, channel=rng.choice(["email", "email", "whatsapp"])
        )
        self.messages.append((lead, message))
        if rng.random() < 0.6:
            said = {"enrolmentId": enrolment, "sequence": f"welcome@{rng.randrange(1, 3)}"}
            said |= {"campaign": "spring"} if rng.random() < 0.3 else {}
            self.events.append((lead, await self.leads.says(lead, "sequence.enrolled", **said)))
        if rng.random() < 0.6:
            said = {"sequence": "nurture@3", "step": "2", "messageId": message}
            said |= {"variant": rng.choice(["long", "short"])} if rng.random() < 0.5 else {}
            self.events.append((lead, await self.leads.says(lead, "sequence.step_done", **said)))

    async def send(self):
        if not self.messages:
            return
        lead, message = self.rng.choice(self.messages)
        type_ = self.rng.choice(
            ["message.sent"] * 4 + ["message.withheld"] * 2 + ["message.failed", "message.unknown"]
        )
        said = {"messageId": message}
        if type_ == "message.withheld":
            said["reasons"] = [{"code": code} for code in self.rng.sample(REASONS, 2)]
        self.events.append((lead, await self.leads.says(lead, type_, self.hours(), **said)))

    async def report(self):
        if not self.messages:
            return
        lead, message = self.rng.choice(self.messages)
        if self.rng.random() < 0.1:
            lead = self.rng.choice(LEADS)  # of another lead, perhaps
        said = {"messageId": message}
        said |= {"automated": "a scanner"} if self.rng.random() < 0.2 else {}
        said |= {"type": "soft"} if self.rng.random() < 0.2 else {}
        self.events.append((lead, await self.leads.hears(lead, self.rng.choice(NAMED), self.hours(), **said)))

    async def respond(self):
        lead, said = self.rng.choice(LEADS), {}
        if self.rng.random() < 0.3:
            said["channel"] = self.rng.choice(["email", "whatsapp", "all"])
        if self.rng.random() < 0.2:
            said["rescheduled"] = True
        if self.messages and self.rng.random() < 0.3:
            said["inReplyTo"] = f"<msg.{self.rng.choice(self.messages)[1][4:]}@mail.example>"
        event = await self.leads.hears(lead, self.rng.choice(LOOSE), self.hours(), **said)
        self.events.append((lead, event))

    async def classify(self):
        if self.events:
            lead, reply = self.rng.choice(self.events)
            said = {"replyId": reply, "intent": self.rng.choice(INTENTS)}
            self.events.append((lead, await self.leads.says(lead, "reply.classified", self.hours(), **said)))

    async def assign(self):
        lead, owner = self.rng.choice(LEADS), self.rng.choice(["p1", "p2", None])
        self.events.append((lead, await self.leads.says(lead, "lead.assigned", self.hours(), ownerId=owner)))

    async def repeat(self):
        """The same event is sent again."""
        event_id = f"again-{self.rng.randrange(3)}"
        await self.leads.hears(LEADS[0], "deal.won", 3, event_id)
        await self.leads.hears(LEADS[0], "deal.won", 3, event_id)

    async def retract(self):
        """Some event, or the retraction of one, counts for nothing from now on."""
        if self.events:
            lead, event = self.rng.choice(self.events)
            with contextlib.suppress(Conflict):
                stored = await retract_event(self.runtime, BY, lead, event, "a mistake")
                self.events.append((lead, stored.event_id))

    async def merge(self):
        part, whole = self.rng.sample(LEADS, 2)
        await merge(self.runtime, BY, part, whole, "one person")

    async def unmerge(self):
        with contextlib.suppress(Conflict):
            await unmerge(self.runtime, BY, self.rng.choice(LEADS), "two people")

    async def fold(self):
        await process_leads(self.runtime, LEADS)

    async def project(self):
        await follow_results(self.runtime)

    async def erase(self):
        lead = self.rng.choice(LEADS)
        streams = await self.runtime.identity.streams.of_lead(lead)
        self.erased |= {message for stream, message in self.messages if stream in streams}
        await erase_personal_data(self.runtime, ENGINE, lead)


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(one, marks=pytest.mark.long) for one in range(2, 20))])
async def test_stored_results_are_what_the_log_says(runtime, seed):
    world = World(runtime, seed)
    await world.begin()
    for number in range(45):
        await world.step()
        if seed % 2 and number == 30:
            await world.erase()
    await follow_results(runtime)
    stored = await by_the_store(runtime)
    assert stored == await by_the_log(runtime, world.erased)
    assert len(world.messages) > 2
    report = await verify_results(runtime)
    assert (report.messages, report.drifts) == (len(stored), ())
    for by, names in GROUPINGS.items():
        assert await counted(runtime, by, 3) == counts(stored, names, timedelta(days=3))


async def counted(runtime, by, days):
    """The numbers of each row, as callers get them."""
    period = Selection(since=0, until=runtime.now() + 1, window=days * DAY)
    found = await count_messages(runtime, EVERY_LEAD, period, by)
    return {
        tuple(getattr(row, name) for name in GROUPINGS[by]): {
            **row.numbers,
            "withheldBy": row.withheld_by,
            "repliedBy": row.replied_by,
        }
        for row in found.rows
    }


async def test_a_result_follows_retractions_merges_and_their_undoing(runtime, leads):
    for lead in ("ada", "ada-at-home"):
        await leads.hears(lead, "signup")
    message = await leads.writes_to("ada", 48, "welcome@1/2/short")
    opened = await leads.hears("ada", "email.opened", 24, messageId=message)
    await leads.hears("ada-at-home", "deal.won", 2)
    found = await result_of(runtime, message)
    assert (found["opened"] is not None, found["won"], found["lead"]) == (True, None, "ada")
    await retract_event(runtime, BY, "ada", opened, "a scanner")  # no worker has applied it yet
    assert (await result_of(runtime, message))["opened"] is None
    await merge(runtime, BY, "ada", "ada-at-home", "one person")
    found = await result_of(runtime, message)
    assert (found["won"] is not None, found["lead"]) == (True, "ada-at-home")
    await unmerge(runtime, BY, "ada", "two people")
    found = await result_of(runtime, message)
    assert (found["won"], found["lead"]) == (None, "ada")
    assert (found["sequence"], found["version"], found["step"], found["variant"]) == (
        "welcome",
        1,
        "2",
        "short",
    )


async def result_of(runtime, message):
    await follow_results(runtime)
    found = await by_the_store(runtime)
    assert found == await by_the_log(runtime)
    return found[message]


async def test_an_erasure_removes_the_results_and_neither_a_pass_nor_a_rebuild_brings_them_back(
    runtime, leads
):
    for lead in ("ada", "bob"):
        await leads.hears(lead, "signup", email="ada@example.com")
    erased, kept = await leads.writes_to("ada"), await leads.writes_to("bob")
    await follow_results(runtime)
    await erase_personal_data(runtime, ENGINE, "ada")
    assert (await by_the_store(runtime)).keys() == {kept}
    await leads.hears("ada", "email.opened", messageId=erased)
    await follow_results(runtime)
    await rebuild_results(runtime)
    assert (await by_the_store(runtime)).keys() == {kept}
    later = await leads.writes_to("ada")
    await follow_results(runtime)
    assert (await by_the_store(runtime)).keys() == {kept, later}


async def test_an_erasure_between_reading_and_writing_leaves_no_result(runtime, leads, monkeypatch):
    await leads.hears("ada", "signup", email="ada@example.com")
    await leads.writes_to("ada")

    async def then_erased(runtime, streams):
        found = await results_now(runtime, streams)
        await erase_personal_data(runtime, ENGINE, "ada")
        return found

    monkeypatch.setattr("workflows.analytics.project.results_now", then_erased)
    await follow_results(runtime)
    assert await by_the_store(runtime) == {}


async def test_a_rebuild_corrects_what_verification_finds(runtime, leads):
    await leads.hears("ada", "signup")
    wrong, missing = await leads.writes_to("ada"), await leads.writes_to("ada")
    await follow_results(runtime)
    before = await by_the_store(runtime)
    rows = runtime.store.database["messageResults"]
    await rows.update_one({"_id": wrong}, {"$set": {"openedAt": before[wrong]["at"]}})
    await rows.insert_one(
        {**await rows.find_one({"_id": missing}), "_id": "msg_nobody", "streamId": "nobody"}
    )
    await rows.delete_one({"_id": missing})
    report = await verify_results(runtime)
    assert {one.message_id: one.what for one in report.drifts} == {
        wrong: "differs in opened_at",
        missing: "is not stored",
        "msg_nobody": "is in no events",
    }
    await rebuild_results(runtime)
    assert (await verify_results(runtime)).drifts == ()
    assert await by_the_store(runtime) == before


async def test_the_log_of_an_earlier_release_is_read_from_its_first_event_and_a_pass_that_was_cut_off_again(
    runtime, leads, monkeypatch
):
    await leads.hears("ada", "signup")
    message = await leads.writes_to("ada")
    monkeypatch.setattr(type(runtime.store.checkpoints), "advance", _fail)
    with pytest.raises(ConnectionError):
        await follow_results(runtime)
    monkeypatch.undo()
    assert await follow_results(runtime) == 2
    assert await follow_results(runtime) == 0
    assert (await by_the_store(runtime)).keys() == {message}


async def _fail(*_):
    raise ConnectionError


async def test_another_set_of_wins_works_all_results_out_again(runtime, leads, monkeypatch):
    await leads.hears("ada", "signup")
    message = await leads.writes_to("ada", 5)
    await leads.hears("ada", "contract.signed", 1)
    assert (await result_of(runtime, message))["won"] is None
    wins = frozenset({"contract.signed"})
    monkeypatch.setattr("workflows.analytics.project.win_types", lambda _: wins)
    await follow_results(runtime)
    assert (await by_the_store(runtime))[message]["won"] is not None


@pytest.mark.parametrize("events", [20, 80])
async def test_a_lead_with_a_backlog_of_events_is_read_once(runtime, leads, monkeypatch, events):
    await leads.hears("ada", "signup")
    message = await leads.writes_to("ada")
    await ingest(
        runtime,
        [EventInput(lead_id="ada", type="email.opened", properties={"messageId": message})] * events,
    )
    read = []

    async def counted(runtime, streams):
        read.append(streams)
        return await results_now(runtime, streams)

    monkeypatch.setattr("workflows.analytics.project.results_now", counted)
    assert await follow_results(runtime) == events + 2
    assert read == [["ada"]]


async def test_events_of_leads_without_messages_are_not_read(runtime, leads, monkeypatch):
    await leads.hears("ada", "signup")
    await leads.hears("ada", "deal.won")
    monkeypatch.setattr("workflows.analytics.project.results_now", _fail)
    assert await follow_results(runtime) == 1


async def test_an_event_that_is_discarded_counts_no_more(runtime, leads):
    await leads.hears("ada", "signup")
    message = await leads.writes_to("ada")
    opened = await leads.hears("ada", "email.opened", messageId=message)
    assert (await result_of(runtime, message))["opened"] is not None
    stored = await runtime.capture.discards.stored("ada", opened)
    for _ in range(runtime.settings.fold_attempts):
        await runtime.operations.dead_letters.record_failure(
            "ada", stored.position, opened, "It cannot be folded.", runtime.now()
        )
    await discard_event(runtime, BY, "ada", opened, "broken")
    assert (await by_the_store(runtime))[message]["opened"] is None
    assert await by_the_store(runtime) == await by_the_log(runtime)
