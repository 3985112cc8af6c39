"""Workers are killed at each step of a send, and no recipient gets a message twice; none is forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from engine.outreach.message import Author
from tests.smtp_server import start_mail_server
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.outreach.plan import NewMessage, plan_message

STORE = "engine.outreach.message_store:MessageStore"
STEPS = {
    "claimed, nothing done": ("workflows.outreach.send:send_message", "before"),
    "looked at, not addressed": ("workflows.outreach.send:_attempt", "before"),
    "addressed, not handed over": (f"{STORE}.hand_over", "before"),
    "handed over, nothing sent": (f"{STORE}.hand_over", "after"),
    "taken, not recorded": (f"{STORE}.accepted", "before"),
    "recorded, not said": (f"{STORE}.accepted", "after"),
    "said, not finished": (f"{STORE}.finish", "before"),
    "finished": (f"{STORE}.finish", "after"),
}
IN_QUESTION = ("handed over, nothing sent", "taken, not recorded")
"""Steps after which nobody can know whether the message went out."""
ME = Author("key", "tests")


@pytest.fixture
async def mail_server():
    handler, listening = await start_mail_server()
    yield handler
    listening.close()


@pytest.fixture
def sending(new_engine, mail_server):
    """Opens an engine whose e-mails go to the mail server, with short leases."""
    return lambda: new_engine(
        email_channel="smtp",
        smtp_host="127.0.0.1",
        smtp_port=mail_server.port,
        smtp_security="none",
        send_timeout_seconds=1.0,
        send_per_domain_minute=0,
    )


async def planned(engine, number):
    """Messages to that many people, each to a lead and an address of their own."""
    runtime, ids = engine.truth, {}
    for n in range(number):
        lead = f"lead-{n}"
        await engine_event(runtime, lead)
        new = NewMessage(channel="email", to=f"{lead}@example.com", subject="Hi", text="Hello")
        message, _ = await plan_message(runtime, ME, lead, new, "once")
        ids[message.unit_id] = f"{lead}@example.com"
    return ids


async def engine_event(runtime, lead_id):
    await ingest(runtime, [EventInput(lead_id=lead_id, type="signup")])


async def killed_at(engine, step, kills, *, plant=()):
    """Start a worker that dies at this step, so many times; then one that does not."""
    at, when = STEPS[step]
    for number in range(kills):
        crash = {"at": at, "when": when, "nth": 1 + number % 3}
        await engine.start("worker-1", sabotage={"crash": crash, "plant": plant})
        assert await engine.ended("worker-1") == -9
    await engine.start("worker-2", **({"sabotage": {"plant": plant}} if plant else {}))


async def settled(engine, ids, seconds=60):
    """Wait until no message waits for an attempt. Returns the state of each."""
    messages = engine.truth.outreach.messages
    async with asyncio.timeout(seconds):
        while True:
            found = {one: await messages.get(one) for one in ids}
            if all(message.state in ("done", "held", "dead") for message in found.values()):
                return found
            await asyncio.sleep(0.2)


def arrived(mail_server):
    return Counter(to for to, _ in mail_server.taken)


async def check(engine, ids, mail_server):
    found = await settled(engine, ids)
    got = arrived(mail_server)
    assert max(got.values()) == 1, "nobody gets a message twice"
    assert set(got) <= set(ids.values())
    states = Counter(message.state for message in found.values())
    assert states["dead"] == 0
    for message_id, message in found.items():
        if message.state == "done":
            assert got[ids[message_id]] == 1, "none is forgotten"
        else:
            assert message.unclear
    listed = await engine.truth.outreach.messages.page(unclear=True, after=None, limit=1000)
    assert {one.unit_id for one in listed} == {
        one for one, message in found.items() if message.state == "held"
    }
    return states["held"]


@pytest.mark.parametrize("step", IN_QUESTION[1:])
async def test_a_worker_killed_around_the_hand_over_sends_nothing_twice(sending, mail_server, step):
    async with sending() as engine:
        ids = await planned(engine, 40)
        await killed_at(engine, step, kills=1)
        assert await check(engine, ids, mail_server) >= 1, "the control: some were in question"


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_killed_twenty_times_at_any_step_sends_nothing_twice(sending, mail_server, step):
    async with sending() as engine:
        ids = await planned(engine, 1250)
        await killed_at(engine, step, kills=20)
        in_question = await check(engine, ids, mail_server)
        assert (in_question > 0) == (step in IN_QUESTION)


@pytest.mark.long
async def test_control_without_the_record_of_the_hand_over_somebody_gets_it_twice(sending, mail_server):
    async with sending() as engine:
        ids = await planned(engine, 40)
        await killed_at(engine, "taken, not recorded", kills=2, plant=("hand_over_unrecorded",))
        await settled(engine, ids)
    assert max(arrived(mail_server).values()) > 1
