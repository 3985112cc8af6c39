"""What an event says of a company, read before its personal fields are encrypted and kept in the open with it.

The domain of a company is not personal; the address that it was read from is, and so is a free-mail address as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.accounts.company import COMPANY_DOMAIN, COMPANY_NAME, MAX_NAME_LENGTH
from domain.accounts.company_domain import domain_of_email, domain_of_website
from domain.events.event import Json
from domain.events.vocabulary import ACCOUNT_JOINED
from domain.identity.identifier import EMAIL

__all__ = ["company_facts"]

_ADDRESSES = (
    *("email", "workEmail", "work_email", "businessEmail", "business_email", "companyEmail", "company_email"),
    *("emailAddress", "email_address", "Email", "e-mail", "E-Mail"),
)
"""Properties that hold the address of the lead."""
_ADDRESS_NAMES = frozenset(_ADDRESSES)
_WEBSITES = ("domain", "website", "url")
"""Properties of a group that hold the address of its website."""


def company_facts(
    type_: str,
    identifiers: Mapping[str, str] | None,
    properties: Mapping[str, Json] | None,
    further_free_mail: frozenset[str] = frozenset(),
) -> dict[str, Json]:
    """The properties to add to an event: `companyName`, `companyDomain`. None of those that its sender has given.

    Of a group they are its own, by its name and website; of any other event the domain of the lead's e-mail address.
    """
    said = properties or {}
    if type_ == ACCOUNT_JOINED:
        facts = {COMPANY_NAME: _name(said), COMPANY_DOMAIN: _website(said, further_free_mail)}
    elif identifiers and (address := identifiers.get(EMAIL)):
        facts = {COMPANY_DOMAIN: domain_of_email(address, further_free_mail)}
    elif said and not _ADDRESS_NAMES.isdisjoint(said):
        facts = {COMPANY_DOMAIN: _address(said, further_free_mail)}
    else:
        return {}
    return {name: value for name, value in facts.items() if value and name not in said}


def _name(said: Mapping[str, Json]) -> str:
    name = said.get("name")
    text = name.strip() if isinstance(name, str) else ""
    return text if len(text) <= MAX_NAME_LENGTH else ""


def _website(said: Mapping[str, Json], further_free_mail: frozenset[str]) -> str:
    texts = (said.get(name) for name in _WEBSITES)
    found = (domain_of_website(text, further_free_mail) for text in texts if isinstance(text, str))
    return next(filter(None, found), "")


def _address(said: Mapping[str, Json], further_free_mail: frozenset[str]) -> str:
    texts = (said.get(name) for name in _ADDRESSES)
    found = (domain_of_email(text, further_free_mail) for text in texts if isinstance(text, str))
    return next(filter(None, found), "")
