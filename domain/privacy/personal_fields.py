"""Properties that hold personal data, by a list, by their names and by their values; and how sealed values begin.

Field-level encryption itself is the engine's.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from domain.events.event import Json
from domain.privacy.field_names import is_personal_name
from domain.privacy.personal_spans import Span, has_personal_span, personal_spans

__all__ = [
    "DEFAULT_PERSONAL_FIELDS",
    "ERASED",
    "NO_FIELDS",
    "READ_BY_THE_FOLD",
    "SEAL",
    "SEALED_PART",
    "UNREADABLE",
    "USUAL_FIELDS",
    "PersonalFields",
    "Sealing",
    "is_sealed",
    "looks_sealed",
    "seals_whole",
]

DEFAULT_PERSONAL_FIELDS = (
    "email,emailAddress,name,firstName,middleName,lastName,fullName,givenName,familyName,surname,displayName,"
    "phone,phoneNumber,mobile,mobileNumber,telephone,fax,"
    "address,street,streetAddress,postalAddress,birthday,birthDate,dateOfBirth,"
    "ip,ipAddress,clientIp,linkedin,linkedinUrl,twitter,twitterUrl,facebook,facebookUrl,avatar,avatarUrl,photo,photoUrl,"
    "message,messageBody,messageSubject,comment,comments,note,notes,transcript,by,why"
)
"""Contact data, what a person has written or was written about, and who set a stage by hand and why."""

ERASED = "[erased]"
"""Shown in the place of a value whose key is gone."""

UNREADABLE = "[unreadable]"
"""Shown in the place of what looks sealed and is not ours: the store was tampered with."""

SEAL = "sealed:"
"""The prefix of every sealed value, and of nothing else that is stored."""

SEALED_PART = f"[{SEAL}"
"""The beginning of each sealed part of a text."""

_MAX_KNOWN = 4096
_MAX_NAME = 100
"""Characters. A longer name is in no list."""
_MAX_REMEMBERED = 200


READ_BY_THE_FOLD = ("stage", "tag")
"""Properties that the fold reads: the stage that a person set, the tag that was added."""


def is_sealed(value: Json) -> bool:
    """Whether the value is a sealed one."""
    return isinstance(value, str) and value.startswith(SEAL)


def looks_sealed(text: str) -> bool:
    """Whether a text is sealed, or has a sealed part."""
    return SEAL in text and (text.startswith(SEAL) or SEALED_PART in text)


class Sealing(Enum):
    """What a name says about the value of a property."""

    WHOLE = "sealed as a whole: the name is in the list"
    UNLESS_FLAG = "sealed as a whole, unless it is true or false: the words of the name say so"
    PARTS = "sealed where it holds an address or a number"
    NOTHING = "never looked into"


class PersonalFields:
    """Names of properties that are personal at any depth. Case, dashes, underscores and spaces make no difference.

    With `recognises`, more are personal by the words of their names, and parts of texts by what they are; but nothing
    in properties with one of the `open_names`.
    """

    def __init__(
        self, names: Iterable[str], *, recognises: bool = False, open_names: Iterable[str] = ()
    ) -> None:
        self._names = frozenset(_plain(name) for name in names) - {""}
        self._recognises = recognises
        self._open_names = frozenset(_plain(name) for name in (*open_names, *READ_BY_THE_FOLD)) - {""}
        self._known: dict[str, Sealing] = {}
        """The answers so far, for names as senders write them: every event asks again."""
        self._harmless: set[str] = set()
        """Short texts in which nothing was found lately: most values come again and again."""

    @classmethod
    def named(cls, names: str, *, recognises: bool = False, open_names: str = "") -> PersonalFields:
        """The fields in a list with commas between. An empty list makes nothing personal."""
        listed = [name for name in names.split(",") if _plain(name)]
        return cls(listed, recognises=recognises and bool(listed), open_names=open_names.split(","))

    def __bool__(self) -> bool:
        return bool(self._names)

    def __contains__(self, name: str) -> bool:
        return self.sealing(name) in {Sealing.WHOLE, Sealing.UNLESS_FLAG}

    def sealing(self, name: str) -> Sealing:
        """What is sealed of a property of this name."""
        return self._known.get(name) or self._look(name)

    def are_in(self, properties: dict[str, Json]) -> bool:
        """Whether anything in there is to be sealed: a personal field, a part of a text, or what only looks sealed."""
        known, harmless = self._known, self._harmless
        for name, value in properties.items():
            if value is None:
                continue
            sealing = known.get(name) or self._look(name)
            if sealing is not Sealing.PARTS and seals_whole(sealing, value):
                return True
            if isinstance(value, str):
                if value not in harmless and self._touches(value, sealing):
                    return True
            elif isinstance(value, (dict, list)) and self._touches(value, sealing):
                return True
        return False

    def spans(self, text: str, sealing: Sealing) -> list[Span]:
        """The parts of a text to be sealed, for a property whose name says this; those of one that looks sealed differ."""
        return personal_spans(text) if self._has_spans(text, sealing) else []

    def _has_spans(self, text: str, sealing: Sealing) -> bool:
        if not self._recognises or sealing is Sealing.NOTHING or text in self._harmless:
            return False
        if has_personal_span(text):
            return True
        if len(text) <= _MAX_REMEMBERED:
            if len(self._harmless) >= _MAX_KNOWN:
                self._harmless.clear()
            self._harmless.add(text)
        return False

    def _touches(self, value: Json, sealing: Sealing) -> bool:
        match value:
            case str():
                return looks_sealed(value) or self._has_spans(value, sealing)
            case dict():
                return self.are_in(value)
            case list():
                return any(
                    self._touches(inner, sealing) for inner in value if isinstance(inner, (str, dict, list))
                )
        return False

    def _look(self, name: str) -> Sealing:
        found = self._found(name)
        if len(self._known) < _MAX_KNOWN and len(name) <= _MAX_REMEMBERED:
            self._known[name] = found
        return found

    def _found(self, name: str) -> Sealing:
        plain = _plain(name) if len(name) <= _MAX_NAME else ""
        if plain in self._names:
            return Sealing.WHOLE
        if plain in self._open_names:
            return Sealing.NOTHING
        return Sealing.UNLESS_FLAG if self._recognises and is_personal_name(name) else Sealing.PARTS


def seals_whole(sealing: Sealing, value: Json) -> bool:
    """Whether a value that is not null is sealed as a whole, for a property whose name says this."""
    return sealing is Sealing.WHOLE or (sealing is Sealing.UNLESS_FLAG and not isinstance(value, bool))


def _plain(name: str) -> str:
    """The name without what people write in different ways: `first_name`, `First-Name` and `firstName` are one."""
    return "".join(letter for letter in name.casefold() if letter not in "-_ ")


NO_FIELDS = PersonalFields(())
"""For a rulebook that is already active: it may look into what became personal since."""

USUAL_FIELDS = PersonalFields.named(DEFAULT_PERSONAL_FIELDS, recognises=True)
"""What is personal by default."""
