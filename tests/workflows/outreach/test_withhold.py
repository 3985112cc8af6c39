"""Messages are withheld with every reason, whatever was planned before."""

from __future__ import annotations

import pytest

from domain.errors import Invalid
from domain.instant import HOUR
from engine.operations.audit_log import Actor
from engine.outreach.channels.smtp import SmtpChannel
from engine.outreach.message import Content
from workflows.outreach.conversation import deliveries_of
from workflows.outreach.facts import reasons_now
from workflows.outreach.reply import NewReply, record_reply
from workflows.outreach.send import send_message
from workflows.outreach.suppress import Wanted, suppress

ADMIN = Actor("person", "Ada", "person_1")


@pytest.fixture
async def message(send, plan):
    """An e-mail to a lead with one event, due now."""
    await send("ada", "signup")
    return await plan()


async def stored(runtime, message):
    return await runtime.outreach.messages.get(message.unit_id)


@pytest.mark.parametrize(
    ("types", "code"),
    [
        (["email.unsubscribed"], "opted-out"),
        (["email.complained"], "complained"),
        (["email.bounced"], "bounced"),
    ],
)
async def test_who_said_no_gets_nothing(runtime, send, message, attempt_unit, mail_server, types, code):  # noqa: PLR0917
    await send("ada", *types)
    await attempt_unit(message.unit_id)
    assert not mail_server.taken
    ended = await stored(runtime, message)
    assert code in [reason.code for reason in ended.withheld]
    (delivery,) = await deliveries_of(runtime, [ended])
    assert delivery.status == "withheld"


async def test_a_soft_bounce_says_nothing_about_the_next_message(send, plan, attempt_unit, mail_server):
    await send("ada", "email.bounced", type="soft")
    await attempt_unit((await plan()).unit_id)
    assert len(mail_server.taken) == 1


async def test_nothing_goes_out_after_a_reply_that_came_after_the_plan(  # noqa: PLR0917
    runtime, send, plan, message, attempt_unit, mail_server
):
    wanted = await plan(despite_reply=True)
    await record_reply(runtime, "ada", NewReply(channel="email", text="Yes!"))
    await attempt_unit(message.unit_id)
    assert not mail_server.taken
    assert [reason.code for reason in (await stored(runtime, message)).withheld] == ["replied"]
    await attempt_unit(wanted.unit_id)
    await attempt_unit((await plan(text="an answer to it")).unit_id)
    assert len(mail_server.taken) == 2


async def test_a_reply_between_the_first_look_and_the_hand_over_stops_the_message(
    runtime, message, attempt_unit, mail_server, monkeypatch
):
    ready = SmtpChannel._ready

    async def replied_meanwhile(self, to):
        connection = await ready(self, to)
        await record_reply(runtime, "ada", NewReply(channel="email", text="Yes!"))
        return connection

    monkeypatch.setattr(SmtpChannel, "_ready", replied_meanwhile)
    await attempt_unit(message.unit_id)
    assert not mail_server.taken
    assert [reason.code for reason in (await stored(runtime, message)).withheld] == ["replied"]


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted("Ada@EXAMPLE.com"),
        Wanted("ada@example.com", "email", "asked by phone"),
        Wanted("@example.com"),
        Wanted("example.com", "email"),
    ],
)
async def test_the_suppression_list_holds_for_messages_that_are_planned_already(
    runtime, message, attempt_unit, mail_server, wanted
):
    assert await suppress(runtime, ADMIN, [wanted]) == 1
    assert await suppress(runtime, ADMIN, [wanted]) == 0
    await attempt_unit(message.unit_id)
    assert not mail_server.taken
    (reason,) = (await stored(runtime, message)).withheld
    assert reason.code == "suppressed"


async def test_another_channel_or_domain_on_the_list_stops_nothing(
    runtime, message, attempt_unit, mail_server
):
    await suppress(
        runtime,
        ADMIN,
        [Wanted("ada@example.com", "whatsapp"), Wanted("@example.org"), Wanted("eve@example.com")],
    )
    await attempt_unit(message.unit_id)
    assert len(mail_server.taken) == 1


async def test_one_wrong_entry_and_nobody_is_suppressed(runtime):
    with pytest.raises(Invalid) as refused:
        await suppress(runtime, ADMIN, [Wanted("ada@example.com"), Wanted("12"), Wanted("a@b.test", "fax")])
    assert [fault.pointer for fault in refused.value.faults] == ["/1/value", "/2/scope"]
    assert await runtime.outreach.suppressions.page(after=None, limit=5) == []


async def test_without_consent_nothing_goes_out_where_it_is_required(runtime, send, plan, mail_server):
    strict = runtime.with_settings(consent_required=True)
    await send("ada", "signup")
    verdicts = []
    for said in (None, "consent.given", "consent.withdrawn"):
        if said:
            await send("ada", said, channel="email")
        message = await plan()
        (claimed,) = await runtime.outreach.messages.claim([message.unit_id], runtime.now(), HOUR)
        outcome = await send_message(strict, claimed)
        verdicts.append("withheld" if outcome.detail.startswith("withheld") else "sent")
    assert verdicts == ["withheld", "sent", "withheld"]


async def test_free_text_by_whatsapp_only_within_a_day_of_the_last_message(  # noqa: PLR0917
    runtime, send, plan, attempt_unit, clock, tmp_path
):
    await send("ada", "signup")
    cold = await plan(channel="whatsapp", to="+4915112345678")
    await attempt_unit(cold.unit_id)
    assert [reason.code for reason in (await stored(runtime, cold)).withheld] == ["window-closed"]
    await record_reply(runtime, "ada", NewReply(channel="whatsapp", text="Hi"))
    warm = await plan(channel="whatsapp", to="+4915112345678")
    assert not await runtime.outreach.suppressions.met_by("whatsapp", "phone", "+4915112345678")
    content = Content(to="+4915112345678", text="Hello")
    assert await reasons_now(runtime, await stored(runtime, warm), content) == ()
    clock.at += 25 * HOUR
    assert [one.code for one in await reasons_now(runtime, await stored(runtime, warm), content)] == [
        "window-closed"
    ]
