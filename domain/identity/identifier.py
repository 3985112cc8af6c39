"""Identifiers of people: their kinds, the normal form of a value, and which of several is the strongest.

E-mail addresses are read by email-validator, telephone numbers by phonenumbers; nothing is looked up on the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from domain.events.identifiers import is_blank, normalised_id

__all__ = [
    "ANONYMOUS_ID",
    "EMAIL",
    "MAX_IDENTIFIERS",
    "PHONE",
    "USER_ID",
    "Identifier",
    "NotAnIdentifier",
    "normalised",
    "normalised_all",
    "require_kind",
    "strongest_first",
]

USER_ID, EMAIL, PHONE, ANONYMOUS_ID = "userId", "email", "phone", "anonymousId"

MAX_IDENTIFIERS = 10
"""Identifiers of one event."""
_MAX_LENGTH = 320
"""Characters of a value, as sent."""
_PROVIDER_KIND = re.compile(r"[a-z][A-Za-z]{0,37}Id")
_STRENGTH = {USER_ID: 0, EMAIL: 2, PHONE: 3, ANONYMOUS_ID: 4}
_PROVIDER_STRENGTH = 1
_PLACEHOLDERS = frozenset(
    {
        *("0", "-1", "n/a", "na", "nan", "nil", "none", "null", "undefined", "unknown", "true", "false"),
        *("anonymous", "anonymous_id", "anonymousid", "guest", "not_authenticated", "test_user"),
        *("id", "user", "user_id", "userid", "distinct_id", "distinctid", "email", "phone"),
        *("[object object]", "{}", "[]", "00000000-0000-0000-0000-000000000000"),
    }
)
"""What programs send in place of an id that they do not have: one of them would make one lead of many people."""


class Identifier(NamedTuple):
    """What one person is known by: a kind, and a value in its normal form."""

    kind: str
    value: str


class NotAnIdentifier(ValueError):
    """The value, or the kind, identifies nobody. The text says why, and never quotes the value."""


def require_kind(kind: str) -> None:
    """Raise `NotAnIdentifier` if there is no such kind."""
    if kind not in _STRENGTH and not _PROVIDER_KIND.fullmatch(kind):
        raise NotAnIdentifier(
            "is no kind of identifier: write userId, anonymousId, email, phone, or the name of a system's id that ends "
            "with Id, such as hubspotId"
        )


@lru_cache(maxsize=8192)
def normalised(kind: str, value: str, region: str = "") -> Identifier:
    """The identifier in its normal form, equal for every way to write it. Raises `NotAnIdentifier`.

    E-mail addresses are compared without regard to case. Telephone numbers are in E.164; one without a country code is of
    `region` (two letters, ISO 3166), or refused if that is empty.
    """
    require_kind(kind)
    text = normalised_id(value)
    if not text or is_blank(text):
        raise NotAnIdentifier("must not be empty")
    if len(text) > _MAX_LENGTH:
        raise NotAnIdentifier(f"must not be longer than {_MAX_LENGTH} characters")
    if any(ord(letter) < ord(" ") or letter == "\x7f" for letter in text):
        raise NotAnIdentifier("must be visible text without control characters")
    if kind == EMAIL:
        return Identifier(kind, _email(text))
    if kind == PHONE:
        return Identifier(kind, _phone(text, region))
    if text.casefold() in _PLACEHOLDERS:
        raise NotAnIdentifier("stands for no id: leave the identifier out if there is none")
    return Identifier(kind, text)


def normalised_all(identifiers: Mapping[str, str], region: str = "") -> tuple[Identifier, ...]:
    """The identifiers in their normal form, strongest first. Raises `NotAnIdentifier`."""
    return strongest_first(normalised(kind, value, region) for kind, value in identifiers.items())


def strongest_first(identifiers: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """A user's id before ids of other systems, before e-mail, telephone and anonymous ids."""
    found = tuple(identifiers)
    return found if len(found) == 1 else tuple(sorted(found, key=_strength))


def _strength(identifier: Identifier) -> tuple[int, str]:
    return _STRENGTH.get(identifier.kind, _PROVIDER_STRENGTH), identifier.kind


def _email(text: str) -> str:
    try:
        # Top-level domain `test` is for trials, and no address of a person is lost by taking it.
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise NotAnIdentifier(f"is not an e-mail address: {_without_quotation(str(error), text)}") from None
    return found.normalized.casefold()


def _without_quotation(reason: str, text: str) -> str:
    return "it is malformed" if text in reason else reason


def _phone(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        if not region and not text.startswith("+"):
            raise NotAnIdentifier(
                "must begin with + and the code of the country, since PHONE_REGION is not set"
            ) from None
        raise NotAnIdentifier("is not a telephone number") from None
    if number.extension:
        raise NotAnIdentifier("has an extension: one number of many people identifies nobody")
    if not phonenumbers.is_possible_number(number):
        raise NotAnIdentifier("is not a telephone number: it has too few or too many digits")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
