"""Request bodies of the routes of people."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from api.http.json_body import JsonBody
from api.http.printable_name import PrintableName
from api.teams.hand_over import LeadsChoice
from domain.rule_language.time_zone import TimeZoneName
from domain.teams.roles import Role
from engine.people.passwords import MAX_LENGTH, MIN_LENGTH

__all__ = [
    "AcceptInvite",
    "AddPasskey",
    "ChangePassword",
    "ChangeProfile",
    "ChangeRole",
    "DeactivatePerson",
    "InvitePerson",
    "OpenInvite",
    "SetAbsence",
    "SetTeam",
    "SignIn",
    "SignInWithPasskey",
    "SignInWithRecoveryCode",
]

_Email = Annotated[str, Field(min_length=3, max_length=254, description="E-mail address of the account.")]
_Token = Annotated[str, Field(min_length=1, max_length=200, description="The token after # in the link.")]
_NewPassword = Annotated[
    str, Field(min_length=MIN_LENGTH, max_length=MAX_LENGTH, description=f"At least {MIN_LENGTH} characters.")
]


class SignIn(JsonBody):
    """Signing in by password."""

    email: _Email
    password: str = Field(min_length=1, max_length=MAX_LENGTH)


class SignInWithRecoveryCode(JsonBody):
    """Signing in by a recovery code, which then ends."""

    email: _Email
    code: str = Field(min_length=1, max_length=100)


class PasskeyCredential(JsonBody):
    """What `PublicKeyCredential.toJSON()` returns in the browser; browsers add fields of their own."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1, max_length=2000)
    raw_id: str = Field(min_length=1, max_length=2000)
    type: Literal["public-key"]
    response: dict[str, Any]


class SignInWithPasskey(JsonBody):
    """Signing in by a passkey, as the answer to the options of `POST /api/session/passkey/options`."""

    credential: PasskeyCredential


class AddPasskey(JsonBody):
    """A new passkey, as the answer to the options of `POST /api/me/passkeys/options`."""

    name: PrintableName
    credential: PasskeyCredential


class ChangeProfile(JsonBody):
    """What a person may change about the own account; what is left out stays."""

    name: PrintableName | None = None
    zone: TimeZoneName | None = Field(
        None, max_length=64, description="Name of a time zone, e.g. `Europe/Berlin`."
    )


class ChangePassword(JsonBody):
    """A new password; `current` is needed unless the person has signed in within the last ten minutes."""

    password: _NewPassword
    current: str | None = Field(None, max_length=MAX_LENGTH)


class SetAbsence(JsonBody):
    """Until when no leads are routed to the person; null ends the absence."""

    until: AwareDatetime | None = Field(description="RFC 3339 with an offset; null: the person is back.")


class SetTeam(JsonBody):
    """The team of a person; one person may lead it, or several."""

    team: PrintableName | None = Field(description="Name of the team; null: in none.")
    leads: bool = Field(False, description="Whether the person leads the team: sees and reassigns its leads.")


class ChangeRole(JsonBody):
    """Another role."""

    role: Role


class DeactivatePerson(JsonBody):
    """The end of a person's access."""

    leads: LeadsChoice | None = Field(None, description="Needed if the person has open leads or tasks.")


class InvitePerson(JsonBody):
    """An invitation, bound to an address and a role."""

    email: _Email
    role: Role


class OpenInvite(JsonBody):
    """The token of an invitation."""

    token: _Token


class AcceptInvite(JsonBody):
    """What a person who joins fills in; `email` only for the first owner, all others have it from the invitation."""

    token: _Token
    name: PrintableName
    password: _NewPassword
    email: _Email | None = None
