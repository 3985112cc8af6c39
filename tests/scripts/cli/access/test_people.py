"""`lead-engine people` against a real store."""

from __future__ import annotations

import pytest

from domain.errors import Conflict, Invalid, NotFound
from engine.people.passkeys import Passkeys
from engine.people.passwords import Passwords
from engine.people.proofs import Proofs
from engine.teams.hand_over import Wish
from scripts.cli.access import people
from scripts.cli.operations.setup import run_setup
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.people.invites import accept_invite
from workflows.privacy.encrypt import append_sealed
from workflows.teams.assign import assignment


@pytest.fixture
def joined(runtime):
    """Accept the invitation whose link was printed."""
    proofs = Proofs(Passwords(memory_kib=64, passes=1), Passkeys(runtime.store.database, "http://localhost"))

    async def joined(link, email=""):
        token = link.strip().partition("#")[2]
        return await accept_invite(runtime, proofs, token, "Ada", "correct horse battery", email)

    return joined


@pytest.fixture
async def ada(settings, capsys, joined):
    await people.first_owner(settings)
    return await joined(capsys.readouterr().out, "ada@example.com")


async def test_the_link_of_the_first_owner_is_printed_until_there_is_one(settings, ada, capsys):
    assert ada.role == "owner"

    assert await people.first_owner(settings) == 1

    said = capsys.readouterr()
    assert (said.out, "people invite" in said.err) == ("", True)


async def test_a_link_alone_is_on_standard_output(settings, ada, capsys, joined):
    await people.invite_person(settings, "Ben@Example.com", "rep")

    said = capsys.readouterr()
    assert said.out.startswith("http://localhost:8000/console/join#")
    assert said.out.count("\n") == 1
    assert "ben@example.com as rep; it works once" in said.err
    assert (await joined(said.out)).role == "rep"


async def test_people_are_listed_and_lose_and_get_access(settings, ada, capsys, joined, runtime):
    await people.invite_person(settings, "ben@example.com", "rep")
    ben = await joined(capsys.readouterr().out)
    await runtime.people.sessions.start(ben.person_id, "x", "", runtime.now())

    await people.set_role(settings, "ben@example.com", "admin")
    await people.deactivate_person(settings, "ben@example.com")
    await people.list_people(settings)
    said = capsys.readouterr().out
    (row,) = [line for line in said.splitlines() if ben.person_id in line]
    assert row.split()[1:4] == ["ben@example.com", "Ada", "admin"]
    assert row.split()[-1] == "inactive"
    assert await runtime.people.sessions.of_person(ben.person_id) == []

    await people.reactivate_person(settings, "ben@example.com")
    await runtime.people.sessions.start(ben.person_id, "x", "", runtime.now())
    await people.sign_out(settings, "BEN@example.com")
    assert "1 session of ben@example.com ended" in capsys.readouterr().out
    actions = [one.action.name for one in await runtime.operations.audit.page(None, None, 3)]
    assert set(actions) == {"person.signed_out", "person.reactivated", "person.deactivated"}


async def test_what_cannot_be_done_is_said(settings, ada):
    for attempt, error in [
        (people.set_role(settings, "nobody@example.com", "rep"), NotFound),
        (people.deactivate_person(settings, "ada@example.com"), Conflict),
        (people.invite_person(settings, "ada@example.com", "rep"), Conflict),
        (people.invite_person(settings, "nobody", "rep"), Invalid),
    ]:
        with pytest.raises(error):
            await attempt


async def test_setup_prints_the_link_when_it_is_asked_to_and_nobody_has_joined(
    settings, runtime, capsys, joined
):
    await run_setup(settings, None)
    assert "first owner" not in capsys.readouterr().out
    await run_setup(settings, None, first_owner=True)
    link = capsys.readouterr().out.rpartition(" ")[2]
    assert (await joined(link, "ada@example.com")).role == "owner"
    await run_setup(settings, None, first_owner=True)
    assert "first owner" not in capsys.readouterr().out


async def test_whoever_has_leads_loses_access_together_with_a_word_on_them(
    settings, ada, capsys, joined, runtime
):
    await people.invite_person(settings, "ben@example.com", "rep")
    ben = await joined(capsys.readouterr().out)
    await ingest(runtime, [EventInput(lead_id="lead-1", type="page_view")])
    event = assignment(
        "lead-1", ben.person_id, event_id="assign:1", at=runtime.now(), properties={"by": "x", "why": ""}
    )
    await append_sealed(runtime, [event])
    await process_leads(runtime, ["lead-1"])

    assert await people.deactivate_person(settings, "ben@example.com") == 1
    assert "--leads" in capsys.readouterr().err
    with pytest.raises(Invalid, match="handed over"):
        await people.deactivate_person(settings, "ben@example.com", "routing")  # no rules are active
    with pytest.raises(NotFound):
        await people.hand_over_leads(settings, "ben@example.com", "eve@example.com", "")
    assert (await runtime.people.accounts.get(ben.person_id)).active

    await people.deactivate_person(settings, "ben@example.com", "ada@example.com", "Ben has left")
    assert "in the background" in capsys.readouterr().out
    assert not (await runtime.people.accounts.get(ben.person_id)).active
    (unit,) = await runtime.teams.hand_overs.by_due_time(None, None, 10)
    wish = Wish(to="person", owner_id=ada.person_id, why="Ben has left")
    assert (unit.person_id, unit.wish) == (ben.person_id, wish)
