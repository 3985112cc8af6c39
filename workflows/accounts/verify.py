"""Verification and rebuild of listed accounts: each compared with the leads that it stands for, or made again from them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from msgspec import Struct

from domain.accounts.account_id import account_of_domain, group_of
from domain.errors import NotFound
from engine.accounts.account_store import StoredAccount
from engine.runtime import Runtime
from workflows.accounts.project import LEASE, project_accounts, project_waiting
from workflows.accounts.read_account import read_account
from workflows.sole_projector import in_batches, sole_projector

__all__ = ["AccountDrift", "AccountReport", "rebuild_accounts", "verify_accounts"]

_BATCH = 200
_COMPARED = ("name", "domain", "members", "leads", "score", "has_surge")

Progress = Callable[[int], None]
"""Called with the number of accounts that are done."""


class AccountDrift(Struct, frozen=True):
    """A listed account that is not what its leads say, and in what."""

    account_id: str
    what: str


class AccountReport(Struct, frozen=True):
    """How many accounts were compared, and those that differ."""

    accounts: int
    drifts: tuple[AccountDrift, ...]


async def rebuild_accounts(runtime: Runtime, on_progress: Progress = lambda _: None) -> int:
    """Work out every account from its leads; remove those without. Returns how many are listed then.

    Raises `Unavailable` while another process projects accounts for longer than a minute.
    """
    async with sole_projector(runtime, LEASE, "accounts"):
        done = 0
        async for accounts in in_batches(_all_accounts(runtime), _BATCH):
            await project_accounts(runtime, accounts)
            await runtime.store.leases.take(LEASE)
            done += len(accounts)
            on_progress(done)
        await project_waiting(runtime)
    return sum([1 async for _ in runtime.accounts.listed.scan()])


async def verify_accounts(runtime: Runtime, on_progress: Progress = lambda _: None) -> AccountReport:
    """Compare every listed account, as of when it was worked out, with its leads; waiting changes are projected first.

    Raises `Unavailable` as `rebuild_accounts` does.
    """
    drifts: list[AccountDrift] = []
    async with sole_projector(runtime, LEASE, "accounts"):
        await project_waiting(runtime)
        compared = 0
        async for listed in runtime.accounts.listed.scan():
            if what := await _difference(runtime, listed):
                drifts.append(AccountDrift(listed.account_id, what))
            compared += 1
            if compared % _BATCH == 0:
                await runtime.store.leases.take(LEASE)
                on_progress(compared)
        async for accounts in in_batches(runtime.leads.members.all_accounts(), _BATCH):
            known = await runtime.accounts.listed.get_many(accounts)
            drifts += [AccountDrift(one, "is not listed") for one in accounts if one not in known]
    return AccountReport(compared, tuple(drifts))


async def _difference(runtime: Runtime, listed: StoredAccount) -> str:
    members = await _members(runtime, listed.account_id)
    try:
        reading = await read_account(runtime, listed.account_id, members, at=listed.scored_at)
    except NotFound:
        return "has no leads"
    found = reading.account
    different = [name for name in _COMPARED if getattr(listed, name) != getattr(found, name)]
    return f"differs in {', '.join(different)}" if different else ""


async def _members(runtime: Runtime, account: str) -> Sequence[str]:
    """The parts of the account: the domain of a group is one of them if no other group claims it."""
    if not group_of(account):
        return (account,)
    domain = (await runtime.leads.members.name([account])).domain
    claiming = await runtime.accounts.listed.claiming([domain]) if domain else []
    groups = {one.account_id for one in claiming if group_of(one.account_id)}
    return (account, account_of_domain(domain)) if groups == {account} else (account,)


async def _all_accounts(runtime: Runtime) -> AsyncIterator[str]:
    """The accounts of all leads, and then those that are listed."""
    async for account in runtime.leads.members.all_accounts():
        yield account
    async for listed in runtime.accounts.listed.scan():
        yield listed.account_id
