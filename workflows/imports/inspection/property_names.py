"""Names of properties for columns: those that rulebooks look at, those that are sealed, else the column's own words."""

from __future__ import annotations

import re
from collections.abc import Collection

from domain.privacy.personal_fields import PersonalFields
from workflows.imports.inspection.column_profile import ColumnProfile, header_words
from workflows.imports.inspection.vocabulary import attribute_of

__all__ = ["property_name"]

_PERSONAL = (
    (r"e ?mail", "email emailAddress"),
    (r"first ?name|given ?name|vorname", "firstName givenName"),
    (r"last ?name|surname|family ?name|nachname", "lastName surname familyName"),
    (r"mobile|cell|handy", "mobile mobileNumber"),
    (r"fax", "fax"),
    (r"phone|tel|whatsapp", "phone phoneNumber telephone"),
    (r"street|address|strasse", "street address streetAddress postalAddress"),
    (r"birth|dob", "birthday birthDate dateOfBirth"),
    (r"linkedin", "linkedin linkedinUrl"),
    (r"\bip\b", "ip ipAddress"),
    (r"message|comment|remark", "message comment comments"),
    (r"note|description", "notes note"),
    (r"^(full |contact |person |invitee |lead )?name$|\byour (full )?name\b", "name fullName displayName"),
)
_BY_KIND = {"e-mail": ["email", "emailAddress"], "phone": ["phone", "phoneNumber", "mobile", "telephone"]}
_MAX_LENGTH = 60


def property_name(profile: ColumnProfile, taken: Collection[str], sealed: PersonalFields) -> str | None:
    """A free name for the property of this column. None for a personal one, if no name that is sealed is free."""
    words = header_words(profile.name)
    attribute = attribute_of(words)
    if attribute and attribute not in taken:
        return attribute
    own = _camel_case(words)
    names = [*_usual_names(profile, " ".join(words)), own]
    free = next((name for name in names if name in sealed and name not in taken), None)
    if free or profile.is_personal:
        return free
    return own if own not in taken else None


def _usual_names(profile: ColumnProfile, text: str) -> list[str]:
    """Usual names of such a personal property; none for a column that is not personal."""
    if profile.is_personal or profile.kind in {"text", "choice"}:
        for pattern, names in _PERSONAL:
            if re.search(pattern, text):
                return names.split()
    return _BY_KIND.get(profile.kind, [])


def _camel_case(words: list[str]) -> str:
    plain = [word for word in words if word != "#"] or ["number"]
    name = plain[0] + "".join(word.capitalize() for word in plain[1:])
    return name[:_MAX_LENGTH] if name.isidentifier() else f"column{name[:_MAX_LENGTH]}"
