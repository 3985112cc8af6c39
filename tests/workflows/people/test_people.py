"""People join by invitation, prove who they are, and lose access at once when they should."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Conflict, Invalid, NotFound
from domain.instant import DAY, HOUR, MINUTE
from engine.operations.audit_log import Actor
from engine.people.passkeys import Passkeys
from engine.people.passwords import Passwords
from engine.people.proofs import Proofs
from engine.people.session_cache import SessionCache
from tests.authenticator import Authenticator
from workflows.people.accounts import change_password, change_role, deactivate, reactivate
from workflows.people.invites import accept_invite, invite, invite_first_owner
from workflows.people.proofs import new_codes
from workflows.people.sign_in import (
    Browser,
    sign_in_with_passkey,
    sign_in_with_password,
    sign_in_with_recovery_code,
)

ADMIN = Actor("command line", "test")
BROWSER = Browser("Firefox on Linux", "192.0.2.1")
PASSWORD = "correct horse battery"


@pytest.fixture
def proofs(runtime) -> Proofs:
    return Proofs(
        Passwords(memory_kib=64, passes=1), Passkeys(runtime.store.database, "http://localhost:8000")
    )


@pytest.fixture
async def owner(runtime, proofs):
    link = await invite_first_owner(runtime)
    return await accept_invite(runtime, proofs, link.token, "Ada Lovelace", PASSWORD, "ada@example.com")


async def joined(runtime, proofs, email, role="rep"):
    issued = await invite(runtime, ADMIN, email, role)
    return await accept_invite(runtime, proofs, issued.token, "Ben", PASSWORD)


async def test_the_first_owner_chooses_an_address_and_signs_in(runtime, proofs, owner):
    assert (owner.role, owner.email) == ("owner", "ada@example.com")

    welcome = await sign_in_with_password(runtime, proofs, " ADA@example.com", PASSWORD, BROWSER)

    assert welcome.person.person_id == owner.person_id
    assert await invite_first_owner(runtime) is None


async def test_the_first_link_works_for_fifteen_minutes_and_once(runtime, proofs, clock):
    link = await invite_first_owner(runtime)
    clock.at += 15 * MINUTE
    with pytest.raises(NotFound):
        await accept_invite(runtime, proofs, link.token, "Ada", PASSWORD, "ada@example.com")

    link = await invite_first_owner(runtime)
    both = await asyncio.gather(
        accept_invite(runtime, proofs, link.token, "Ada", PASSWORD, "ada@example.com"),
        accept_invite(runtime, proofs, link.token, "Eve", PASSWORD, "eve@example.com"),
        return_exceptions=True,
    )

    assert len([one for one in both if not isinstance(one, Exception)]) == 1


async def test_an_invitation_decides_address_and_role(runtime, proofs, owner, clock):
    issued = await invite(runtime, ADMIN, "Ben@Example.com ", "rep")

    ben = await accept_invite(runtime, proofs, issued.token, "Ben", PASSWORD, "other@example.com")

    assert (ben.email, ben.role) == ("ben@example.com", "rep")
    with pytest.raises(Conflict):
        await invite(runtime, ADMIN, "ben@example.com", "admin")


async def test_an_invitation_ends_after_seven_days_or_by_a_newer_one(runtime, proofs, owner, clock):
    first = await invite(runtime, ADMIN, "ben@example.com", "rep")
    second = await invite(runtime, ADMIN, "ben@example.com", "viewer")
    with pytest.raises(NotFound):
        await accept_invite(runtime, proofs, first.token, "Ben", PASSWORD)

    clock.at += 7 * DAY
    with pytest.raises(NotFound):
        await accept_invite(runtime, proofs, second.token, "Ben", PASSWORD)


@pytest.mark.parametrize("email", ["", "nobody", "a b@c.de", "@c.de", "a@b"])
async def test_what_is_no_address_is_not_invited(runtime, email):
    with pytest.raises(Invalid) as refused:
        await invite(runtime, ADMIN, email, "rep")
    assert refused.value.faults[0].pointer == "/email"


@pytest.mark.parametrize(
    ("email", "password"), [("ada@example.com", "wrong password"), ("eve@example.com", PASSWORD)]
)
async def test_an_unknown_address_and_a_wrong_password_are_refused_alike(
    runtime, proofs, owner, email, password
):
    with pytest.raises(Invalid) as refused:
        await sign_in_with_password(runtime, proofs, email, password, BROWSER)
    assert str(refused.value).endswith("the address or the proof is not right")


async def test_a_short_password_is_named(runtime, proofs):
    link = await invite_first_owner(runtime)
    with pytest.raises(Invalid) as refused:
        await accept_invite(runtime, proofs, link.token, "Ada", "short", "ada@example.com")
    assert refused.value.faults[0].pointer == "/password"


async def test_every_sign_in_has_a_token_of_its_own_and_only_its_hash_is_stored(runtime, proofs, owner):
    one = await sign_in_with_password(runtime, proofs, owner.email, PASSWORD, BROWSER)
    other = await sign_in_with_password(runtime, proofs, owner.email, PASSWORD, BROWSER)

    assert one.issued.token != other.issued.token
    stored = await runtime.store.database["personSessions"].find().to_list()
    assert one.issued.token not in str(stored)
    assert PASSWORD not in str(await runtime.store.database["people"].find().to_list())


async def test_a_passkey_signs_in_and_its_challenge_only_once(runtime, proofs, owner):
    device = Authenticator()
    options = await proofs.passkeys.registration_options(owner, runtime.now())
    made = device.create(options)
    passkey = await proofs.passkeys.register(made, "laptop", runtime.now())
    await runtime.people.accounts.add_passkey(owner.person_id, passkey)
    with pytest.raises(Invalid):
        await proofs.passkeys.register(made, "replayed", runtime.now())

    asked = await proofs.passkeys.authentication_options(runtime.now())
    used = device.get(asked)
    welcome = await sign_in_with_passkey(runtime, proofs, used, BROWSER)

    assert welcome.person.person_id == owner.person_id
    with pytest.raises(Invalid):
        await sign_in_with_passkey(runtime, proofs, used, BROWSER)


async def test_a_copied_passkey_is_refused(runtime, proofs, owner):
    device = Authenticator()
    made = device.create(await proofs.passkeys.registration_options(owner, runtime.now()))
    await runtime.people.accounts.add_passkey(
        owner.person_id, await proofs.passkeys.register(made, "laptop", runtime.now())
    )
    for _ in range(3):
        asked = await proofs.passkeys.authentication_options(runtime.now())
        await sign_in_with_passkey(runtime, proofs, device.get(asked), BROWSER)
    device.count = 0  # a copy that was made before

    asked = await proofs.passkeys.authentication_options(runtime.now())
    with pytest.raises(Invalid):
        await sign_in_with_passkey(runtime, proofs, device.get(asked), BROWSER)


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:8001"])
async def test_a_passkey_of_another_origin_is_refused(runtime, proofs, owner, origin):
    device = Authenticator(origin=origin)
    made = device.create(await proofs.passkeys.registration_options(owner, runtime.now()))

    with pytest.raises(Invalid):
        await proofs.passkeys.register(made, "laptop", runtime.now())


async def test_a_challenge_is_open_for_five_minutes(runtime, proofs, owner, clock):
    made = Authenticator().create(await proofs.passkeys.registration_options(owner, runtime.now()))
    clock.at += 5 * MINUTE

    with pytest.raises(Invalid, match="challenge is not open"):
        await proofs.passkeys.register(made, "laptop", runtime.now())


async def test_a_recovery_code_works_once(runtime, owner):
    codes = await new_codes(runtime, ADMIN, owner.person_id)

    welcome = await sign_in_with_recovery_code(runtime, owner.email, f" {codes[0].upper()} ", BROWSER)

    assert welcome.person.person_id == owner.person_id
    with pytest.raises(Invalid):
        await sign_in_with_recovery_code(runtime, owner.email, codes[0], BROWSER)
    await sign_in_with_recovery_code(runtime, owner.email, codes[1], BROWSER)


async def test_a_session_ends_when_idle_and_after_thirty_days(runtime, proofs, owner, clock):
    cache = SessionCache(runtime.people.accounts, runtime.people.sessions)
    welcome = await sign_in_with_password(runtime, proofs, owner.email, PASSWORD, BROWSER)
    token = welcome.issued.token

    assert (await cache.find(token, clock.at)).person.email == owner.email
    assert await cache.find(token, clock.at + 12 * HOUR) is None
    assert await cache.find("another token", clock.at) is None
    for _ in range(59):
        clock.at += 11 * HOUR
        await runtime.people.sessions.note_uses({welcome.issued.session.session_id: clock.at})
    await cache.refresh()
    assert await cache.find(token, clock.at) is not None
    assert await cache.find(token, welcome.issued.session.expires_at) is None


async def test_a_session_that_ends_during_a_refresh_stays_ended(runtime, proofs, owner, monkeypatch):
    cache = SessionCache(runtime.people.accounts, runtime.people.sessions)
    welcome = await sign_in_with_password(runtime, proofs, owner.email, PASSWORD, BROWSER)
    session_id, read = welcome.issued.session.session_id, runtime.people.sessions.all

    async def read_and_end():
        found = await read()
        await runtime.people.sessions.end(owner.person_id, session_id)
        cache.forget(session_id)
        return found

    monkeypatch.setattr(runtime.people.sessions, "all", read_and_end)
    await cache.refresh()

    assert cache.known(welcome.issued.token, runtime.now()) is None


async def test_a_new_role_ends_every_session(runtime, proofs, owner):
    ben = await joined(runtime, proofs, "ben@example.com")
    welcome = await sign_in_with_password(runtime, proofs, ben.email, PASSWORD, BROWSER)
    cache = SessionCache(runtime.people.accounts, runtime.people.sessions)
    assert await cache.find(welcome.issued.token, runtime.now()) is not None

    await change_role(runtime, ADMIN, ben.person_id, "admin")
    await cache.refresh()

    assert await cache.find(welcome.issued.token, runtime.now()) is None


async def test_a_deactivated_person_is_out_and_cannot_come_back(runtime, proofs, owner):
    ben = await joined(runtime, proofs, "ben@example.com")
    welcome = await sign_in_with_password(runtime, proofs, ben.email, PASSWORD, BROWSER)

    await deactivate(runtime, ADMIN, ben.person_id)

    cache = SessionCache(runtime.people.accounts, runtime.people.sessions)
    assert await cache.find(welcome.issued.token, runtime.now()) is None
    with pytest.raises(Invalid):
        await sign_in_with_password(runtime, proofs, ben.email, PASSWORD, BROWSER)
    await reactivate(runtime, ADMIN, ben.person_id)
    await sign_in_with_password(runtime, proofs, ben.email, PASSWORD, BROWSER)


async def test_the_last_owner_stays(runtime, proofs, owner):
    for attempt in (
        deactivate(runtime, ADMIN, owner.person_id),
        change_role(runtime, ADMIN, owner.person_id, "rep"),
    ):
        with pytest.raises(Conflict, match="last active owner"):
            await attempt


async def test_two_owners_cannot_remove_each_other_at_once(runtime, proofs, owner):
    ben = await joined(runtime, proofs, "ben@example.com", "owner")

    results = await asyncio.gather(
        deactivate(runtime, ADMIN, owner.person_id),
        deactivate(runtime, ADMIN, ben.person_id),
        return_exceptions=True,
    )

    assert sum(isinstance(one, Conflict) for one in results) == 1
    assert len(await runtime.people.accounts.active()) == 1


async def test_a_new_password_ends_all_other_sessions(runtime, proofs, owner):
    here = await sign_in_with_password(runtime, proofs, owner.email, PASSWORD, BROWSER)
    elsewhere = await sign_in_with_password(runtime, proofs, owner.email, PASSWORD, BROWSER)

    await change_password(
        runtime,
        proofs,
        ADMIN,
        owner.person_id,
        "another long password",
        keep_session=here.issued.session.session_id,
    )

    cache = SessionCache(runtime.people.accounts, runtime.people.sessions)
    assert await cache.find(here.issued.token, runtime.now()) is not None
    assert await cache.find(elsewhere.issued.token, runtime.now()) is None


async def test_what_changes_rights_is_in_the_audit_log(runtime, proofs, owner):
    ben = await joined(runtime, proofs, "ben@example.com")
    await change_role(runtime, ADMIN, ben.person_id, "admin")

    entries = await runtime.operations.audit.page(None, None, 10)

    assert sorted(entry.action.name for entry in entries) == [
        "person.invited",
        "person.joined",
        "person.joined",
        "person.role_changed",
    ]
    joined_by = {entry.actor for entry in entries if entry.action.name == "person.joined"}
    assert Actor("person", ben.name, ben.person_id) in joined_by
