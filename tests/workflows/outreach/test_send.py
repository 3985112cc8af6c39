"""Messages go out once, or are withheld with every reason; what is not known is never sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import Conflict, Invalid, NotFound
from domain.instant import DAY, HOUR, MINUTE, to_datetime
from engine.operations.audit_log import Actor
from engine.outreach.message_store import MessageStore
from tests.workflows.outreach.conftest import ME
from workflows.outreach.plan import NewMessage, plan_message
from workflows.outreach.resolve import (
    discard_message,
    reported_as_sent,
    resolve_message,
    retry_message,
)
from workflows.outreach.send import send_message

ADMIN = Actor("person", "Ada", "person_1")


@pytest.fixture
async def message(send, plan):
    """An e-mail to a lead with one event, due now."""
    await send("ada", "signup")
    return await plan()


async def stored(runtime, message):
    return await runtime.outreach.messages.get(message.unit_id)


async def test_a_message_goes_out_once_and_its_stream_says_so(
    runtime, message, attempt_unit, mail_server, types_of
):
    assert await attempt_unit(message.unit_id)
    assert not await attempt_unit(message.unit_id)
    assert [to for to, _ in mail_server.taken] == ["ada@example.com"]
    assert await types_of("ada") == ["signup", "message.planned", "message.sent"]
    (mail,) = mail_server.mails
    done = await stored(runtime, message)
    assert (done.state, done.provider_id) == ("done", mail["Message-ID"].strip("<>"))
    assert mail["List-Unsubscribe"].startswith("<http://localhost:8000/u/")


async def test_its_content_is_stored_encrypted(runtime, message):
    raw = await runtime.store.database["messages"].find_one({"_id": message.unit_id})
    assert "ada@example.com" not in str(raw)
    assert "Hello" not in str(raw)


async def test_it_waits_for_its_time(runtime, send, plan, attempt_unit, clock, mail_server):  # noqa: PLR0917
    await send("ada", "signup")
    message = await plan(send_at=to_datetime(runtime.now()) + timedelta(hours=3))
    assert not await attempt_unit(message.unit_id)
    clock.at += 3 * HOUR
    assert await attempt_unit(message.unit_id)
    assert len(mail_server.taken) == 1


async def test_the_same_key_is_the_same_message_and_another_content_a_conflict(runtime, send, plan):
    await send("ada", "signup")
    first = await plan(key="k1")
    assert (await plan(key="k1")).unit_id == first.unit_id
    with pytest.raises(Conflict):
        await plan(key="k1", text="Something else")
    other, is_new = await plan_message(
        runtime, ME, "ada", NewMessage(channel="email", to="a@example.com", subject="x", text="y"), "k2"
    )
    assert is_new
    assert other.unit_id != first.unit_id


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"channel": "fax"}, "/channel"),
        ({"to": "nobody"}, "/to"),
        ({"to": None}, "/to"),
        ({"channel": "whatsapp", "to": "12"}, "/to"),
        ({"channel": "linkedin", "to": "https://evil.example/in/ada"}, "/to"),
        ({"reply_to": "msg_none"}, "/replyTo"),
    ],
)
async def test_what_cannot_be_sent_is_refused_and_nothing_is_stored(runtime, send, plan, given, pointer):
    await send("ada", "signup")
    with pytest.raises(Invalid) as refused:
        await plan(**given)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert await runtime.outreach.messages.of_lead("ada", after=None, limit=5) == []


async def test_a_lead_without_events_is_not_found(plan):
    with pytest.raises(NotFound):
        await plan("nobody")


async def test_without_an_address_it_goes_to_the_one_that_is_known(send, plan, attempt_unit, mail_server):
    await send("ada", "form", email="Ada@Example.com")
    message = await plan(to=None)
    await attempt_unit(message.unit_id)
    assert mail_server.taken[0][0] == "ada@example.com"


async def test_greylisting_is_tried_again_after_five_minutes_at_least(
    runtime, message, attempt_unit, clock, mail_server
):
    mail_server.rcpt_answers.append("450 4.2.0 greylisted")
    await attempt_unit(message.unit_id)
    waiting = await stored(runtime, message)
    assert waiting.state == "retrying"
    assert 5 * MINUTE <= waiting.due_at - runtime.now() <= 10 * MINUTE
    clock.at += 10 * MINUTE
    await attempt_unit(message.unit_id)
    assert len(mail_server.taken) == 1


async def test_421_pauses_the_channel_for_all_after_some_failures(  # noqa: PLR0917
    runtime, send, plan, attempt_unit, clock, mail_server
):
    await send("ada", "signup")
    messages = [await plan() for _ in range(6)]
    mail_server.rcpt_answers.extend(["421 4.7.0 go away"] * 5)
    for one in messages[:5]:
        await attempt_unit(one.unit_id)
    await attempt_unit(messages[5].unit_id)
    last = await stored(runtime, messages[5])
    assert (last.state, last.attempts) == ("waiting", ())
    assert "paused" in last.waits_because
    clock.at += 2 * MINUTE
    await attempt_unit(messages[5].unit_id)
    assert len(mail_server.taken) == 1


async def test_an_address_that_does_not_exist_is_suppressed_and_the_message_dead(  # noqa: PLR0917
    runtime, plan, message, attempt_unit, mail_server, types_of
):
    mail_server.rcpt_answers.append("550 5.1.1 no such user")
    await attempt_unit(message.unit_id)
    assert (await stored(runtime, message)).state == "dead"
    assert (await types_of("ada"))[-1] == "message.failed"
    (entry,) = await runtime.outreach.suppressions.page(after=None, limit=5)
    assert (entry.scope, entry.value, entry.source) == ("email", "ada@example.com", "bounce")
    again = await plan()
    await attempt_unit(again.unit_id)
    assert not mail_server.taken


async def test_what_a_server_quotes_of_the_address_is_stored_nowhere(
    runtime, message, attempt_unit, mail_server
):
    mail_server.rcpt_answers.append("550 5.7.1 <ADA@example.com> is not wanted here")
    await attempt_unit(message.unit_id)
    (attempt,) = (await stored(runtime, message)).attempts
    assert attempt.detail == "550 5.7.1 <[recipient]> is not wanted here"
    for collection in ("messages", "events", "deadLetters"):
        async for doc in runtime.store.database[collection].find():
            assert "ada@example.com" not in str(doc).lower()


async def test_a_server_that_dies_within_data_leaves_the_message_in_question_for_ever(  # noqa: PLR0917
    runtime, message, attempt_unit, clock, mail_server, types_of
):
    mail_server.data_answers.append(None)
    await attempt_unit(message.unit_id)
    held = await stored(runtime, message)
    assert (held.state, held.unclear) == ("held", True)
    assert (await types_of("ada"))[-1] == "message.unknown"
    clock.at += 30 * DAY
    assert not await attempt_unit(message.unit_id)
    await runtime.outreach.messages.resume(message.unit_id)
    await attempt_unit(message.unit_id)  # somebody let it go on without saying what became of it
    assert len(mail_server.taken) == 1
    assert (await stored(runtime, message)).state == "held"
    assert await runtime.outreach.messages.page(unclear=True, after=None, limit=5) == [
        await stored(runtime, message)
    ]


async def test_a_person_says_that_it_went_out(runtime, message, attempt_unit, mail_server, types_of):
    mail_server.data_answers.append(None)
    await attempt_unit(message.unit_id)
    assert (await resolve_message(runtime, ADMIN, message.unit_id, "sent")).state == "done"
    assert (await types_of("ada"))[-1] == "message.sent"
    with pytest.raises(Conflict):
        await resolve_message(runtime, ADMIN, message.unit_id, "not-sent")


async def test_a_person_says_that_it_did_not(runtime, message, attempt_unit, mail_server):
    mail_server.data_answers.append(None)
    await attempt_unit(message.unit_id)
    await resolve_message(runtime, ADMIN, message.unit_id, "not-sent")
    await attempt_unit(message.unit_id)
    assert len(mail_server.taken) == 2
    assert (await stored(runtime, message)).state == "done"


async def test_a_report_of_the_provider_answers_the_question(runtime, message, attempt_unit, mail_server):
    mail_server.data_answers.append(None)
    await attempt_unit(message.unit_id)
    held = await stored(runtime, message)
    await reported_as_sent(runtime, held, "id-of-provider")
    await reported_as_sent(runtime, held, "id-of-provider")
    done = await stored(runtime, message)
    assert (done.state, done.provider_id, done.unclear) == ("done", "id-of-provider", False)


STEPS = {
    "the plan is not said yet": (MessageStore, "planned", "before"),
    "not handed over yet": (MessageStore, "hand_over", "before"),
    "handed over, not sent": (MessageStore, "hand_over", "after"),
    "sent, not noted": (MessageStore, "accepted", "before"),
    "noted, not said": (MessageStore, "accepted", "after"),
    "said, not finished": (MessageStore, "finish", "before"),
}


class Killed(BaseException):
    """The worker is gone: nothing runs after this."""


@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_that_dies_at_any_step_sends_it_once_or_leaves_it_in_question(  # noqa: PLR0917
    runtime, send, plan, attempt_unit, clock, mail_server, monkeypatch, step
):
    owner, name, when = STEPS[step]
    await send("ada", "signup")
    message = await plan()
    if name == "planned":
        await runtime.store.database["messages"].update_one(
            {"_id": message.unit_id}, {"$unset": {"plannedPosition": ""}}
        )
    function = getattr(owner, name)

    async def dies(*args, **kwargs):
        if when == "after":
            await function(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(owner, name, dies)
    with pytest.raises(Killed):
        await attempt_unit(message.unit_id)
    monkeypatch.setattr(owner, name, function)
    clock.at += 5 * MINUTE
    assert await attempt_unit(message.unit_id)
    ended = await stored(runtime, message)
    in_question = step in ("handed over, not sent", "sent, not noted")
    assert ended.state == ("held" if in_question else "done")
    assert len(mail_server.taken) == (0 if step == "handed over, not sent" else 1)


async def test_an_attempt_that_was_overtaken_hands_nothing_over(
    runtime, message, clock, mail_server, attempt_unit
):
    lease = 20 * 2 * 1000
    (slow,) = await runtime.outreach.messages.claim([message.unit_id], runtime.now(), lease)
    clock.at += 5 * MINUTE
    await attempt_unit(message.unit_id)
    assert not await runtime.outreach.messages.hand_over(slow)
    assert len(mail_server.taken) == 1


async def test_the_limit_per_day_puts_the_rest_off(runtime, send, plan, clock, mail_server):
    limited = runtime.with_settings(send_per_day=2)
    await send("ada", "signup")
    outcomes = []
    for _ in range(3):
        message = await plan()
        (claimed,) = await runtime.outreach.messages.claim([message.unit_id], runtime.now(), HOUR)
        outcomes.append(await send_message(limited, claimed))
    assert [one.verdict for one in outcomes] == ["done", "done", "later"]
    assert runtime.now() < outcomes[2].not_before <= runtime.now() + DAY


async def test_a_sender_that_warms_up_sends_more_each_day_by_what_it_sent_on_the_last_seven(
    runtime, send, plan, clock, mail_server
):
    warming = runtime.with_settings(warm_up_per_day=1, warm_up_growth=2)
    await send("ada", "signup")

    async def sent_today(tried):
        verdicts = []
        for _ in range(tried):
            message = await plan()
            (claimed,) = await runtime.outreach.messages.claim([message.unit_id], runtime.now(), HOUR)
            verdicts.append((await send_message(warming, claimed)).verdict)
        return verdicts.count("done")

    days = [await sent_today(3)]
    for pause in (1, 1, 3, 9):  # the last pause is longer than a week
        clock.at += pause * DAY
        days.append(await sent_today(4 if pause < 3 else 1))
    assert days == [1, 2, 4, 1, 1]
    assert await sent_today(1) == 0  # the control: after the long pause the first day's limit holds again


async def test_a_dead_message_is_tried_again_or_given_up(runtime, message, attempt_unit, mail_server):
    mail_server.rcpt_answers.append("554 5.7.1 spam")
    await attempt_unit(message.unit_id)
    await retry_message(runtime, ADMIN, message.unit_id)
    await attempt_unit(message.unit_id)
    assert len(mail_server.taken) == 1
    with pytest.raises(Conflict):
        await retry_message(runtime, ADMIN, message.unit_id)
    with pytest.raises(Conflict):
        await discard_message(runtime, ADMIN, message.unit_id, "changed my mind")


async def test_a_message_that_waits_can_be_given_up(runtime, message, attempt_unit, mail_server):
    await discard_message(runtime, ADMIN, message.unit_id, "called her instead")
    assert not await attempt_unit(message.unit_id)
    assert not mail_server.taken


@pytest.mark.parametrize(("answer", "kind"), [("550 5.7.1 spam", "failed"), (None, "unknown")])
async def test_a_message_that_is_dead_or_in_question_alerts_by_event_task_and_webhook_once(  # noqa: PLR0917
    runtime, message, attempt_unit, mail_server, types_of, answer, kind
):
    await runtime.webhooks.endpoints.add("https://example.com/hook", "", ["message.*"], runtime.now())
    mail_server.data_answers.append(answer)
    await attempt_unit(message.unit_id)
    held = await stored(runtime, message)
    if kind == "unknown":  # as after a crash behind the alert
        assert await send_message(runtime, held)
    assert (await types_of("ada")).count(f"message.{kind}") == 1
    (task,) = await runtime.automations.tasks.page(state="open", lead_id="ada", after=None, limit=10)
    assert (task.priority, task.rule_id) == ("high", "outreach")
    (delivery,) = await runtime.webhooks.deliveries.about_lead("ada", after=None, limit=10)
    assert delivery.event == f"message.{kind}"
    assert b"ada@example.com" not in delivery.body
