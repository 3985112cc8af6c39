"""The id of an account: `group:` and the id of a group, or `domain:` and the domain of a company."""

from __future__ import annotations

__all__ = ["account_of_domain", "account_of_group", "domain_of", "group_of"]

_GROUP, _DOMAIN = "group:", "domain:"


def account_of_group(group: str) -> str:
    return f"{_GROUP}{group}"


def account_of_domain(domain: str) -> str:
    return f"{_DOMAIN}{domain}"


def group_of(account_id: str) -> str:
    """The id of the group; empty for the account of a domain."""
    return account_id.removeprefix(_GROUP) if account_id.startswith(_GROUP) else ""


def domain_of(account_id: str) -> str:
    """The domain; empty for the account of a group."""
    return account_id.removeprefix(_DOMAIN) if account_id.startswith(_DOMAIN) else ""
