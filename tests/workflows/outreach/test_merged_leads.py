"""Messages of leads that are one person: what one stream says stops messages to the other."""

from __future__ import annotations

from engine.operations.audit_log import Actor
from workflows.identity.merge import merge, unmerge

ADMIN = Actor("person", "Ada", "person_1")


async def test_who_said_no_under_one_id_gets_nothing_under_another(
    runtime, send, plan, attempt_unit, mail_server
):
    await send("ada", "signup")
    await send("web-17", "email.unsubscribed")
    message = await plan("ada")
    await merge(runtime, ADMIN, "web-17", "ada", "the same person")
    await attempt_unit(message.unit_id)
    assert not mail_server.taken
    withheld = await runtime.outreach.messages.get(message.unit_id)
    assert [reason.code for reason in withheld.withheld] == ["contact-forbidden", "opted-out"]
    await unmerge(runtime, ADMIN, "web-17", "two people")
    await attempt_unit((await plan("ada")).unit_id)
    assert len(mail_server.taken) == 1


async def test_a_message_to_an_absorbed_id_goes_to_the_address_of_the_person(
    runtime, send, plan, attempt_unit, mail_server
):
    await send("ada", "form", email="ada@example.com")
    await send("web-17", "page_view")
    await merge(runtime, ADMIN, "web-17", "ada", "the same person")
    message = await plan("web-17", to=None)
    await attempt_unit(message.unit_id)
    assert [to for to, _ in mail_server.taken] == ["ada@example.com"]
    streams = await runtime.identity.streams.of_lead("ada")
    found = await runtime.outreach.messages.page(lead_id=streams, after=None, limit=5)
    assert [one.unit_id for one in found] == [message.unit_id]
