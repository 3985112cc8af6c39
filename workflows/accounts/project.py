"""The projection of accounts: listed accounts follow the leads that changed, in whatever order and however often.

An account is worked out whole from its leads, and a change is removed only after that. Two accounts depend on each other by a
domain: leads that say nothing but `acme.com` belong to the group that claims `acme.com`, if exactly one does.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Collection, Iterable

from domain.accounts.account_id import account_of_domain, domain_of, group_of
from domain.errors import NotFound
from engine.runtime import Runtime
from workflows.accounts.read_account import read_account

__all__ = ["LEASE", "project_accounts", "project_changes", "project_waiting"]

LEASE = "accounts"
"""Held by the process that projects: of two at a time the one that has read earlier could write later."""

_CHANGES = 1000
"""Changes that are read together."""
_AT_A_TIME = 8
"""Accounts that are worked out at a time."""


async def project_changes(runtime: Runtime) -> int:
    """Project the accounts of waiting changes, unless another process does. Returns how many accounts."""
    if not await runtime.store.leases.take(LEASE):
        return 0
    try:
        return await project_waiting(runtime)
    finally:
        await runtime.store.leases.release(LEASE)


async def project_waiting(runtime: Runtime) -> int:
    """The same for a caller that holds the lease. Under a steady flow of changes it ends all the same."""
    projected = 0
    while True:
        changes, accounts = await runtime.accounts.changes.first(_CHANGES)
        if not changes:
            return projected
        await project_accounts(runtime, accounts)
        await runtime.accounts.changes.done(changes)
        await runtime.store.leases.take(LEASE)
        projected += len(accounts)
        if len(changes) < _CHANGES:
            return projected


async def project_accounts(runtime: Runtime, accounts: Collection[str]) -> None:
    """Work these accounts out, and those that depend on them by a domain.

    The changed groups are written last: as long as theirs are not, a repetition finds the domains that they claimed before.
    """
    changed = {one for one in accounts if group_of(one)}
    claims = await _claims(runtime, changed)
    domains = {domain_of(one) for one in accounts if domain_of(one)}
    domains |= {domain for domain in (*claims.now.values(), *claims.before.values()) if domain}
    claimants = await _claimants(runtime, domains, claims.now)
    others = {one for groups in claimants.values() for one in groups} - changed
    domain_of_group = claims.now | {one: domain for domain, groups in claimants.items() for one in groups}

    def members(group: str) -> tuple[str, ...]:
        domain = domain_of_group.get(group, "")
        is_alone = domain and claimants[domain] == {group}
        return (group, account_of_domain(domain)) if is_alone else (group,)

    await _each(_project_domain(runtime, one, claimants[one]) for one in sorted(domains))
    await _each(_project(runtime, one, members(one)) for one in sorted(others))
    await _each(_project(runtime, one, members(one)) for one in sorted(changed))


class _Claims:
    """The domains that groups claim by what their leads say now, and those that the list has of them."""

    def __init__(self) -> None:
        self.now: dict[str, str] = {}
        self.before: dict[str, str] = {}


async def _claims(runtime: Runtime, groups: Collection[str]) -> _Claims:
    claims = _Claims()
    listed = await runtime.accounts.listed.get_many(groups)
    for group in groups:
        claims.before[group] = listed[group].domain if group in listed else ""

    async def read(group: str) -> None:
        claims.now[group] = (await runtime.leads.members.name([group])).domain

    await _each(read(group) for group in sorted(groups))
    return claims


async def _claimants(runtime: Runtime, domains: Collection[str], now: dict[str, str]) -> dict[str, set[str]]:
    """The groups that claim each of these domains: as listed, but for those in `now`."""
    claimants: dict[str, set[str]] = defaultdict(set)
    for account in await runtime.accounts.listed.claiming(domains):
        if group_of(account.account_id) and account.account_id not in now:
            claimants[account.domain].add(account.account_id)
    for group, domain in now.items():
        if domain in domains:
            claimants[domain].add(group)
    return claimants


async def _project_domain(runtime: Runtime, domain: str, claimants: Collection[str]) -> None:
    account = account_of_domain(domain)
    if len(claimants) == 1:  # its leads are those of the group
        await runtime.accounts.listed.remove(account)
    else:
        await _project(runtime, account, (account,))


async def _project(runtime: Runtime, account: str, members: tuple[str, ...]) -> None:
    """Write one account as it is by its leads, or remove it if it has none."""
    try:
        reading = await read_account(runtime, account, members)
    except NotFound:
        await runtime.accounts.listed.remove(account)
    else:
        await runtime.accounts.listed.write(reading.account)


async def _each(work: Iterable[Awaitable[None]]) -> None:
    """Await all of it, some at a time."""
    room = asyncio.Semaphore(_AT_A_TIME)

    async def one(step: Awaitable[None]) -> None:
        async with room:
            await step

    await asyncio.gather(*map(one, work))
