"""Names of properties that hold personal data, and the prefix of their values once they are encrypted (sealed).

Field-level encryption itself is the engine's.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.events.event import Json

__all__ = [
    "DEFAULT_PERSONAL_FIELDS",
    "ERASED",
    "NO_FIELDS",
    "SEAL",
    "UNREADABLE",
    "USUAL_FIELDS",
    "PersonalFields",
    "is_sealed",
]

DEFAULT_PERSONAL_FIELDS = (
    "email,emailAddress,name,firstName,middleName,lastName,fullName,givenName,familyName,surname,displayName,"
    "phone,phoneNumber,mobile,mobileNumber,telephone,fax,"
    "address,street,streetAddress,postalAddress,birthday,birthDate,dateOfBirth,"
    "ip,ipAddress,clientIp,linkedin,linkedinUrl,twitter,twitterUrl,facebook,facebookUrl,avatar,avatarUrl,photo,photoUrl,"
    "message,messageBody,comment,comments,note,notes,transcript,by,why"
)
"""Contact data, what a person has written or was written about, and who set a stage by hand and why."""

ERASED = "[erased]"
"""Shown in the place of a value whose key is gone."""

UNREADABLE = "[unreadable]"
"""Shown in the place of what looks sealed and is not ours: the store was tampered with."""

SEAL = "sealed:"
"""The prefix of every sealed value, and of nothing else that is stored."""

_MAX_KNOWN = 4096
_MAX_NAME = 100
"""Characters. A longer name is no personal field."""


def is_sealed(value: Json) -> bool:
    """Whether the value is a sealed one."""
    return isinstance(value, str) and value.startswith(SEAL)


class PersonalFields:
    """Names of properties that are personal at any depth. Case, dashes, underscores and spaces make no difference."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(_plain(name) for name in names) - {""}
        self._known: dict[str, bool] = {}
        """The answers so far, for names as senders write them: every event asks again."""

    @classmethod
    def named(cls, names: str) -> PersonalFields:
        """The fields in a list with commas between."""
        return cls(names.split(","))

    def __bool__(self) -> bool:
        return bool(self._names)

    def __contains__(self, name: str) -> bool:
        known = self._known.get(name)
        return self._look(name) if known is None else known

    def are_in(self, value: dict[str, Json] | list[Json]) -> bool:
        """Whether anything in there is to be sealed: a personal field that is not null, or what only looks sealed."""
        if isinstance(value, list):
            return any(self._is_touched_by(inner) for inner in value)
        known = self._known
        for name, inner in value.items():
            personal = known.get(name)
            if personal is None:
                personal = self._look(name)
            if personal:
                if inner is not None:
                    return True
            elif isinstance(inner, str):
                if inner.startswith(SEAL):
                    return True
            elif isinstance(inner, (dict, list)) and self.are_in(inner):
                return True
        return False

    def _is_touched_by(self, inner: Json) -> bool:
        return is_sealed(inner) or (isinstance(inner, (dict, list)) and self.are_in(inner))

    def _look(self, name: str) -> bool:
        if len(name) > _MAX_NAME:
            return False
        found = _plain(name) in self._names
        if len(self._known) < _MAX_KNOWN:
            self._known[name] = found
        return found


def _plain(name: str) -> str:
    """The name without what people write in different ways: `first_name`, `First-Name` and `firstName` are one."""
    return "".join(letter for letter in name.casefold() if letter not in "-_ ")


NO_FIELDS = PersonalFields(())
"""For a rulebook that is already active: it may look into what became personal since."""

USUAL_FIELDS = PersonalFields.named(DEFAULT_PERSONAL_FIELDS)
"""The default of the setting PERSONAL_FIELDS."""
