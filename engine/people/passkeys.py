"""Passkeys: registration and authentication, with challenges that are stored, single-use, for five minutes."""

from __future__ import annotations

from base64 import urlsafe_b64decode

from msgspec import Struct

from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.instant import Millis
from engine.people.challenge_store import ChallengeStore
from engine.people.person import Passkey, Person
from engine.store.mongo import Database

__all__ = ["Assertion", "Passkeys", "credential_id_of"]

Options = dict[str, Json]

# The ceremonies are imported where they are used: their library costs a process several megabytes.


class Assertion(Struct, frozen=True):
    """A verified use of a passkey and its counter."""

    credential_id: bytes
    sign_count: int


class Passkeys:
    """Registration and authentication ceremonies for one relying party: the console's origin."""

    def __init__(self, database: Database, origin: str) -> None:
        self._challenges = ChallengeStore(database)
        self._origin = origin
        self._rp_id = origin.split("://", 1)[-1].split(":", 1)[0].split("/", 1)[0]

    async def registration_options(self, person: Person, at: Millis) -> Options:
        """What the browser needs to make a passkey for this person."""
        from engine.people import ceremonies  # noqa: PLC0415

        challenge, options = ceremonies.registration_options(self._rp_id, person)
        await self._challenges.add(challenge, at)
        return options

    async def register(self, credential: Options, name: str, at: Millis) -> Passkey:
        """The passkey that the browser made. Raises `Invalid` for one that does not prove itself."""
        from engine.people import ceremonies  # noqa: PLC0415

        challenge = await self._use(ceremonies.answered_challenge(credential), at)
        verified = ceremonies.verify_registration(credential, challenge, self._rp_id, self._origin)
        return Passkey(
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            name=name,
            created_at=at,
        )

    async def authentication_options(self, at: Millis) -> Options:
        """What the browser needs to ask for any passkey of this origin."""
        from engine.people import ceremonies  # noqa: PLC0415

        challenge, options = ceremonies.authentication_options(self._rp_id)
        await self._challenges.add(challenge, at)
        return options

    async def authenticate(self, credential: Options, passkey: Passkey, at: Millis) -> Assertion:
        """The verified use of this passkey. Raises `Invalid` for one that does not prove itself."""
        from engine.people import ceremonies  # noqa: PLC0415

        challenge = await self._use(ceremonies.answered_challenge(credential), at)
        verified = ceremonies.verify_authentication(credential, challenge, self._rp_id, self._origin, passkey)
        return Assertion(verified.credential_id, verified.new_sign_count)

    async def _use(self, challenge: bytes, at: Millis) -> bytes:
        """The challenge, if it is one of ours that nobody has answered before."""
        if not await self._challenges.use(challenge, at):
            raise Invalid(
                "The passkey was not accepted.",
                (Fault("/response", "the challenge is not open; begin again"),),
            )
        return challenge


def credential_id_of(credential: Options) -> bytes:
    """The id of the passkey that the browser used. Raises `Invalid`."""
    try:
        text = str(credential["id"])
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, KeyError) as error:
        detail = str(error) or type(error).__name__
        raise Invalid("The passkey was not accepted.", (Fault("", detail),)) from error
