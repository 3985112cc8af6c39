"""Passkeys (WebAuthn level 2) by py_webauthn; challenges are stored, single-use, for five minutes."""

from __future__ import annotations

import json
from typing import cast

from msgspec import Struct
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.instant import Millis
from engine.people.challenge_store import ChallengeStore
from engine.people.person import Passkey, Person
from engine.store.mongo import Database

__all__ = ["Assertion", "Passkeys", "credential_id_of"]

Options = dict[str, Json]


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
        options = generate_registration_options(
            rp_id=self._rp_id,
            rp_name="Lead engine",
            user_id=person.person_id.encode(),
            user_name=person.email,
            user_display_name=person.name,
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in person.passkeys
            ],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
        )
        await self._challenges.add(options.challenge, at)
        return cast("Options", json.loads(options_to_json(options)))

    async def register(self, credential: Options, name: str, at: Millis) -> Passkey:
        """The passkey that the browser made. Raises `Invalid` for one that does not prove itself."""
        challenge = await self._use(credential, at)
        try:
            verified = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise _refused(error) from error
        return Passkey(
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            name=name,
            created_at=at,
        )

    async def authentication_options(self, at: Millis) -> Options:
        """What the browser needs to ask for any passkey of this origin."""
        options = generate_authentication_options(
            rp_id=self._rp_id, user_verification=UserVerificationRequirement.REQUIRED
        )
        await self._challenges.add(options.challenge, at)
        return cast("Options", json.loads(options_to_json(options)))

    async def authenticate(self, credential: Options, passkey: Passkey, at: Millis) -> Assertion:
        """The verified use of this passkey. Raises `Invalid` for one that does not prove itself."""
        challenge = await self._use(credential, at)
        try:
            verified = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise _refused(error) from error
        return Assertion(verified.credential_id, verified.new_sign_count)

    async def _use(self, credential: Options, at: Millis) -> bytes:
        """The challenge that the browser answered, if it is one of ours that nobody has answered before."""
        try:
            response = cast("Options", credential["response"])
            data = parse_client_data_json(base64url_to_bytes(str(response["clientDataJSON"])))
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise _refused(error) from error
        if not await self._challenges.use(data.challenge, at):
            raise Invalid(
                "The passkey was not accepted.",
                (Fault("/response", "the challenge is not open; begin again"),),
            )
        return data.challenge


def credential_id_of(credential: Options) -> bytes:
    """The id of the passkey that the browser used. Raises `Invalid`."""
    try:
        return base64url_to_bytes(str(credential["id"]))
    except (ValueError, KeyError) as error:
        raise _refused(error) from error


def _refused(error: Exception) -> Invalid:
    return Invalid("The passkey was not accepted.", (Fault("", str(error) or type(error).__name__),))
