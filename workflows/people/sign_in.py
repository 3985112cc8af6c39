"""Signing in by password, passkey or recovery code. Each makes a session with a new token; failures say nothing."""

from __future__ import annotations

from msgspec import Struct

from domain.errors import Fault, Invalid
from domain.events.event import Json
from engine.people.one_time import new_recovery_codes, secret_hash
from engine.people.passkeys import credential_id_of
from engine.people.person import Passkey, Person
from engine.people.proofs import Proofs
from engine.people.session_store import IssuedSession
from engine.runtime import Runtime

__all__ = [
    "Browser",
    "Welcome",
    "new_codes",
    "sign_in_with_passkey",
    "sign_in_with_password",
    "sign_in_with_recovery_code",
    "start_session",
]


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
    return await start_session(runtime, person, browser)


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
    return await start_session(runtime, person, browser)


async def sign_in_with_recovery_code(runtime: Runtime, email: str, code: str, browser: Browser) -> Welcome:
    """A new session for a code that was not used before. Raises `Invalid`."""
    person = await runtime.people.accounts.by_email(email)
    hashed = secret_hash("".join(code.split()).lower())
    if person is None or not await runtime.people.accounts.use_recovery_hash(person.person_id, hashed):
        raise _refused()
    return await start_session(runtime, person, browser)


async def start_session(runtime: Runtime, person: Person | None, browser: Browser) -> Welcome:
    """A session with a token of its own, whatever the browser had before. Raises `Invalid` for an inactive account."""
    if person is None or not person.active:
        raise _refused()
    issued = await runtime.people.sessions.start(
        person.person_id, browser.device, browser.address, runtime.now()
    )
    return Welcome(person, issued)


async def new_codes(runtime: Runtime, person_id: str) -> list[str]:
    """Ten new recovery codes, shown once; all earlier ones end."""
    codes = new_recovery_codes()
    await runtime.people.accounts.set_recovery_hashes(person_id, [secret_hash(code) for code in codes])
    return codes


def _passkey_of(person: Person | None, credential_id: bytes) -> Passkey | None:
    passkeys = person.passkeys if person else ()
    return next((one for one in passkeys if one.credential_id == credential_id), None)


def _refused() -> Invalid:
    return Invalid("Signing in failed.", (Fault("", "the address or the proof is not right"),))
