"""Ceremonies of WebAuthn level 2 by py_webauthn: what a browser is asked, and whether what it answers is a proof.

Imported with the first passkey: the library costs a process several megabytes.
"""

from __future__ import annotations

import json
from typing import cast

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from domain.errors import Fault, Invalid
from domain.events.event import Json
from engine.people.person import Passkey, Person

__all__ = [
    "Options",
    "answered_challenge",
    "authentication_options",
    "registration_options",
    "verify_authentication",
    "verify_registration",
]

Options = dict[str, Json]
_WRONG = (WebAuthnException, ValueError, KeyError, TypeError)


def registration_options(rp_id: str, person: Person) -> tuple[bytes, Options]:
    """A new challenge, and what the browser needs to make a passkey for this person."""
    options = generate_registration_options(
        rp_id=rp_id,
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
    return options.challenge, cast("Options", json.loads(options_to_json(options)))


def authentication_options(rp_id: str) -> tuple[bytes, Options]:
    """A new challenge, and what the browser needs to ask for any passkey of this origin."""
    options = generate_authentication_options(
        rp_id=rp_id, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options.challenge, cast("Options", json.loads(options_to_json(options)))


def verify_registration(
    credential: Options, challenge: bytes, rp_id: str, origin: str
) -> VerifiedRegistration:
    """The passkey that the browser made. Raises `Invalid` for one that does not prove itself."""
    try:
        return verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            require_user_verification=True,
        )
    except _WRONG as error:
        raise _refused(error) from error


def verify_authentication(
    credential: Options, challenge: bytes, rp_id: str, origin: str, passkey: Passkey
) -> VerifiedAuthentication:
    """The use of this passkey. Raises `Invalid` for one that does not prove itself."""
    try:
        return verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _WRONG as error:
        raise _refused(error) from error


def answered_challenge(credential: Options) -> bytes:
    """The challenge that the browser answered. Raises `Invalid`."""
    try:
        response = cast("Options", credential["response"])
        return parse_client_data_json(base64url_to_bytes(str(response["clientDataJSON"]))).challenge
    except _WRONG as error:
        raise _refused(error) from error


def _refused(error: Exception) -> Invalid:
    return Invalid("The passkey was not accepted.", (Fault("", str(error) or type(error).__name__),))
