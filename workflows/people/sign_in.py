"""Signing in by password, passkey or recovery code. Each makes a session with a new token; failures say nothing."""

from __future__ import annotations

from msgspec import Struct

from domain.errors import Fault, Invalid
from domain.events.event import Json
from engine.operations.audit_log import Actor, AuditAction
from engine.people.one_time import secret_hash
from engine.people.passkeys import credential_id_of
from engine.people.person import Passkey, Person
from engine.people.proofs import Proofs
from engine.people.session_store import IssuedSession
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = [
    "Browser",
    "SignInFailed",
    "Welcome",
    "sign_in_with_passkey",
    "sign_in_with_password",
    "sign_in_with_recovery_code",
    "start_session",
]


class SignInFailed(Invalid):
    """Signing in was refused. It says nothing about which part of the proof was wrong."""

    code = "sign-in-failed"


class Browser(Struct, frozen=True):
    """What a session is listed by: the browser's own description, and the address it came from."""

    device: str
    address: str


class Welcome(Struct, frozen=True):
    """A person who has just signed in, and the new session."""

    person: Person
    issued: IssuedSession


async def sign_in_with_password(
    runtime: Runtime, proofs: Proofs, email: str, password: str, browser: Browser
) -> Welcome:
    """A new session. Raises `Invalid`, the same and after the same time for an unknown address and a wrong password."""
    person = await runtime.people.accounts.by_email(email)
    if not await proofs.passwords.verify(person.password_hash if person else "", password):
        raise _refused()
    return await start_session(runtime, person, browser, by="password")


async def sign_in_with_passkey(
    runtime: Runtime, proofs: Proofs, credential: dict[str, Json], browser: Browser
) -> Welcome:
    """A new session. Raises `Invalid` for a passkey that is unknown, was copied, or does not prove itself."""
    credential_id = credential_id_of(credential)
    person = await runtime.people.accounts.by_credential(credential_id)
    passkey = _passkey_of(person, credential_id)
    if person is None or passkey is None:
        raise _refused()
    used = await proofs.passkeys.authenticate(credential, passkey, runtime.now())
    if not await runtime.people.accounts.passkey_used(
        person.person_id, used.credential_id, used.sign_count, runtime.now()
    ):
        raise _refused()
    return await start_session(runtime, person, browser, by="passkey")


async def sign_in_with_recovery_code(runtime: Runtime, email: str, code: str, browser: Browser) -> Welcome:
    """A new session for a code that was not used before. Raises `Invalid`."""
    person = await runtime.people.accounts.by_email(email)
    hashed = secret_hash("".join(code.split()).lower())
    if person is None or not await runtime.people.accounts.use_recovery_hash(person.person_id, hashed):
        raise _refused()
    return await start_session(runtime, person, browser, by="recovery code")


async def start_session(runtime: Runtime, person: Person | None, browser: Browser, *, by: str) -> Welcome:
    """A session with a token of its own, whatever the browser had before. Raises `Invalid` for an inactive account.

    The account is read again in the transaction, so that deactivating it, or changing its password, at the same moment
    ends the session too.
    """
    if person is None:
        raise _refused()
    actor = Actor("person", person.name, person.person_id)

    async def start(session: Session) -> tuple[Welcome, AuditAction]:
        current = await runtime.people.accounts.change(person.person_id, {"lastSignInBy": by}, session)
        if not current.active or current.password_hash != person.password_hash:
            raise _refused()
        issued = await runtime.people.sessions.start(
            person.person_id, browser.device, browser.address, runtime.now(), session
        )
        facts: dict[str, Json] = {"by": by, "device": issued.session.device}
        return Welcome(current, issued), AuditAction("person.signed_in", person.person_id, after=facts)

    return await audited(runtime, actor, start)


def _passkey_of(person: Person | None, credential_id: bytes) -> Passkey | None:
    passkeys = person.passkeys if person else ()
    return next((one for one in passkeys if one.credential_id == credential_id), None)


def _refused() -> SignInFailed:
    return SignInFailed("Signing in failed.", (Fault("", "the address or the proof is not right"),))
