"""A draft becomes a message exactly once, by any caller, however often it is approved, and whatever dies in between."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Conflict, Invalid, NotFound
from engine.operations.audit_log import Actor
from engine.outreach.message import Author
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.drafts import decide
from workflows.drafts.create import NewDraft, create_draft
from workflows.drafts.decide import approve_draft, edit_draft, reject_draft
from workflows.outreach.suppress import Wanted, suppress
from workflows.work.loops import drain

ME, YOU = Actor("person", "Sam", "p_1"), Actor("person", "Kim", "p_2")
FOLLOW_UP = NewDraft(purpose="follow-up", channel="email")


async def send(runtime, kind="signup", **properties):
    await ingest(runtime, [check_event({"leadId": "ada", "type": kind, "properties": properties})])


@pytest.fixture
async def draft(runtime):
    await send(runtime, email="ada@example.com", firstName="Ada")
    return await create_draft(runtime, Author("person", "p_1"), "ada", FOLLOW_UP, None)


async def messages(runtime):
    return await runtime.outreach.messages.page(after=None, limit=100)


async def test_nothing_is_sent_until_somebody_approves(runtime, draft):
    await drain(runtime)
    assert await messages(runtime) == []
    approved, message = await approve_draft(runtime, ME, draft.draft_id)
    await drain(runtime)
    (sent,) = await messages(runtime)
    assert (sent.unit_id, sent.state, sent.author) == (message.unit_id, "done", Author("person", "p_1"))
    assert (approved.state, approved.message_id) == ("approved", sent.unit_id)
    (mail,) = runtime.outreach.outbox.glob("*.eml")
    assert "Hello Ada," in mail.read_text()


async def test_many_approvals_at_once_and_later_are_one_message(runtime, draft):
    results = await asyncio.gather(
        *(approve_draft(runtime, actor, draft.draft_id) for actor in (ME, YOU) * 4), return_exceptions=True
    )
    done = [one for one in results if not isinstance(one, BaseException)]
    assert done
    assert all(isinstance(one, Conflict) for one in results if isinstance(one, BaseException))
    await approve_draft(runtime, YOU, draft.draft_id)
    await drain(runtime)
    assert len(await messages(runtime)) == 1


async def _die(*args, **kwargs):
    raise KeyboardInterrupt


@pytest.mark.parametrize("step", ["before", "after"])
async def test_an_approval_that_dies_half_way_is_finished_by_the_next_one(runtime, draft, monkeypatch, step):
    if step == "before":
        monkeypatch.setattr(decide, "plan_message", _die)
    else:
        monkeypatch.setattr(runtime.drafts.store, "planned", _die)
    with pytest.raises(KeyboardInterrupt):
        await approve_draft(runtime, ME, draft.draft_id)
    assert (await runtime.drafts.store.get(draft.draft_id)).state == "approving"
    monkeypatch.undo()
    approved, message = await approve_draft(runtime, YOU, draft.draft_id)
    assert approved.decided_by == Author("person", "p_1") == message.author, "who approved is who it was"
    assert [one.unit_id for one in await messages(runtime)] == [message.unit_id]


async def test_the_control_approving_without_the_record_sends_twice(runtime, draft):
    """Planned by the present caller instead of the recorded one, two approvals are two messages."""
    for actor in (ME, YOU):
        await decide._planned(
            runtime, decide.replace(draft, decided_by=decide._author(actor), state="approving")
        )
    assert len(await messages(runtime)) == 2


async def test_what_was_edited_meanwhile_is_not_approved_unseen(runtime, draft):
    edited = await edit_draft(runtime, YOU, draft.draft_id, text="Hello", revision=1)
    assert (edited.revision, edited.edited_by) == (2, Author("person", "p_2"))
    with pytest.raises(Conflict, match="its revision is 2"):
        await approve_draft(runtime, ME, draft.draft_id, 1)
    with pytest.raises(Conflict, match="its revision is 2"):
        await edit_draft(runtime, ME, draft.draft_id, text="Hi", revision=1)
    await approve_draft(runtime, ME, draft.draft_id, 2)


async def test_of_two_edits_at_once_one_is_refused(runtime, draft):
    results = await asyncio.gather(
        *(edit_draft(runtime, ME, draft.draft_id, text=f"text {n}", revision=1) for n in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "Draft"]


@pytest.mark.parametrize("change", [{"text": " "}, {"subject": " "}, {"to": "nobody"}])
async def test_an_edit_that_could_not_be_sent_is_refused(runtime, draft, change):
    with pytest.raises(Invalid) as refused:
        await edit_draft(runtime, ME, draft.draft_id, **change)
    assert [fault.pointer for fault in refused.value.faults] == [f"/{next(iter(change))}"]
    assert (await runtime.drafts.store.get(draft.draft_id)).revision == 1


async def test_what_is_decided_stays_decided(runtime, draft):
    rejected = await reject_draft(runtime, ME, draft.draft_id, "too formal")
    assert (rejected.state, rejected.why, rejected.decided_by) == (
        "rejected",
        "too formal",
        Author("person", "p_1"),
    )
    for change in (
        approve_draft(runtime, ME, draft.draft_id),
        reject_draft(runtime, ME, draft.draft_id, ""),
        edit_draft(runtime, ME, draft.draft_id, text="x"),
    ):
        with pytest.raises(Conflict, match="is rejected"):
            await change
    assert await messages(runtime) == []


async def test_a_draft_whose_message_cannot_be_planned_waits_on(runtime):
    await send(runtime)
    draft = await create_draft(runtime, Author("person", "p_1"), "ada", FOLLOW_UP, None)
    with pytest.raises(Invalid) as refused:
        await approve_draft(runtime, ME, draft.draft_id)
    assert [fault.pointer for fault in refused.value.faults] == ["/to"]
    assert (await runtime.drafts.store.get(draft.draft_id)).state == "waiting"
    await edit_draft(runtime, ME, draft.draft_id, to="ada@example.com")
    await approve_draft(runtime, ME, draft.draft_id)


async def test_a_recipient_who_is_suppressed_gets_no_draft_and_no_message_of_an_approved_one(runtime, draft):
    await suppress(runtime, ME, [Wanted("ada@example.com", why="asked by phone")])
    with pytest.raises(Conflict, match="asked by phone"):
        await create_draft(runtime, Author("person", "p_1"), "ada", FOLLOW_UP, None)
    await approve_draft(runtime, ME, draft.draft_id)
    await drain(runtime)
    (withheld,) = await messages(runtime)
    assert [reason.code for reason in withheld.withheld] == ["suppressed"]


async def test_a_lead_that_has_unsubscribed_gets_no_draft(runtime, draft):
    await send(runtime, "email.unsubscribed")
    with pytest.raises(Conflict, match="unsubscribed"):
        await create_draft(runtime, Author("person", "p_1"), "ada", FOLLOW_UP, None)


async def test_every_decision_is_audited_without_its_content(runtime, draft):
    await edit_draft(runtime, ME, draft.draft_id, text="a secret text")
    await approve_draft(runtime, YOU, draft.draft_id)
    entries = await runtime.operations.audit.page(draft.draft_id, None, 10)
    assert {(entry.action.name, entry.actor.id) for entry in entries} == {
        ("draft.edited", "p_1"),
        ("draft.approved", "p_2"),
    }
    assert "secret" not in str(entries)


async def test_an_unknown_lead_or_draft_is_not_found(runtime):
    with pytest.raises(NotFound):
        await create_draft(runtime, Author("person", "p_1"), "nobody", FOLLOW_UP, None)
    with pytest.raises(NotFound):
        await approve_draft(runtime, ME, "draft_none")
