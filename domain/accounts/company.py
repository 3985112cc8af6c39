"""The company of a lead, by what its events say: the group that it has joined, and the domain of its e-mail address."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from domain.accounts.account_id import account_of_domain, account_of_group
from domain.capture.captured import COMPANY_GROUP
from domain.capture.mapping import text_of
from domain.events.event import Event, Json
from domain.events.vocabulary import ACCOUNT_JOINED
from domain.instant import Millis
from domain.privacy.personal_fields import looks_sealed

__all__ = ["COMPANY_DOMAIN", "COMPANY_NAME", "GROUP_ID", "MAX_NAME_LENGTH", "Company"]

GROUP_ID = "groupId"
COMPANY_NAME, COMPANY_DOMAIN = "companyName", "companyDomain"
"""Properties of events that say something of a company, and are never encrypted as a whole."""

MAX_NAME_LENGTH = 200
"""Characters of the id of a group, and of the name of a company that is kept."""


class Company(Struct, frozen=True, gc=False, rename="camel"):
    """What a lead knows of its company; texts are empty for what nothing says.

    `group` is the group of the latest event that says one, `name` and `group_domain` the latest that one of this group said,
    `named_at` when that was. `domain` is that of the lead's own e-mail address.
    """

    group: str = ""
    name: str = ""
    group_domain: str = ""
    named_at: Millis = 0
    domain: str = ""

    @property
    def account(self) -> str:
        """The id of the account by what this lead alone says: that of its group, else of its domain, else empty."""
        if self.group:
            return account_of_group(self.group)
        return account_of_domain(self.domain) if self.domain else ""

    def evolve(self, event: Event) -> Company:
        """The company after one more event, in the order of time. Null takes a group, or a domain, back."""
        properties = event.properties
        if event.type != ACCOUNT_JOINED:
            domain, group = _said(properties, COMPANY_DOMAIN), _said(properties, COMPANY_GROUP)
            known = self if domain is None else replace(self, domain=domain.casefold())
            return known if group is None else _joined(known, group)
        group = _said(properties, GROUP_ID)
        if group is None:
            return self
        known = _joined(self, group)
        name, domain = _text(properties.get(COMPANY_NAME)), _text(properties.get(COMPANY_DOMAIN))
        if not group or not (name or domain):
            return known
        return replace(
            known,
            name=name or known.name,
            group_domain=(domain or known.group_domain).casefold(),
            named_at=event.occurred_at,
        )


def _joined(known: Company, group: str) -> Company:
    """With another group, nothing is known yet of its name."""
    return known if group == known.group else Company(group=group, domain=known.domain)


def _said(properties: Mapping[str, Json], name: str) -> str | None:
    return _text(properties[name]) if name in properties else None


def _text(value: Json) -> str | None:
    """An id or a name as text, empty for null; None for what is none, or cannot be read."""
    if value is None:
        return ""
    text = text_of(value)
    return text if text and len(text) <= MAX_NAME_LENGTH and not looks_sealed(text) else None
