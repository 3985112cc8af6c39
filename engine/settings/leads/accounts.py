"""Settings of accounts."""

from __future__ import annotations

from pydantic import Field

from engine.settings.section import Section

__all__ = ["AccountSettings"]


class AccountSettings(Section):
    """Accounts: which company a lead belongs to."""

    company_facts: bool = Field(
        True,
        description="Keep in the open with an event what it says of a company: the domain of an e-mail address, the name and domain of a group.",
    )
    free_mail_domains: str = Field(
        "mailbox.org,tutanota.com,tuta.com,tuta.io,hey.com,sfr.fr,privaterelay.appleid.com,users.noreply.github.com,mozmail.com,duck.com",
        description="Domains of e-mail addresses that are those of no company, beside the thousands of the built-in list, separated by commas.",
    )

    @property
    def further_free_mail(self) -> frozenset[str]:
        """The domains in the list, in lower case."""
        return frozenset(filter(None, (one.strip().casefold() for one in self.free_mail_domains.split(","))))
