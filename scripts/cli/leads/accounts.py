"""`lead-engine accounts`: list, rebuild and verify the accounts that leads belong to."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from domain.accounts.company_domain import registered_domain
from domain.errors import Invalid
from engine.accounts.account_store import AccountFilter, search_text
from engine.process.printable import printable
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.progress import progress_bar
from workflows.accounts.verify import AccountReport, rebuild_accounts, verify_accounts

__all__ = ["accounts", "list_accounts", "rebuild", "verify"]

_MOST = 200
_SHOWN = 20


@click.group()
def accounts() -> None:
    """List accounts, rebuild them from their leads, and verify them."""


@accounts.command("list")
@click.option("--name", help="Only accounts with this at the beginning of a word of their name.")
@click.option("--domain", help="Only accounts of this domain.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, _MOST), help="Most accounts.")
@exits
def list_command(name: str | None, domain: str | None, limit: int) -> int | None:
    """List accounts, the highest score first."""
    return run(list_accounts(settings_with_logs(), name, domain, limit))


@accounts.command("rebuild")
@exits
def rebuild_command() -> int | None:
    """Work every account out again from its leads. Safe while the engine runs.

    Leads themselves are rebuilt from their events by `lead-engine replay`.
    """
    return run(rebuild(settings_with_logs()))


@accounts.command("verify")
@exits
def verify_command() -> int | None:
    """Compare every listed account with its leads; exit with 1 if any differs."""
    return run(verify(settings_with_logs()))


async def list_accounts(settings: Settings, name: str | None, domain: str | None, limit: int) -> None:
    """Print a table of accounts. Raises `Invalid` for a filter that finds nothing by its form."""
    if name is not None and not search_text(name):
        raise Invalid("--name: write the beginning of a word of the name.")
    if domain is not None and not registered_domain(domain):
        raise Invalid("--domain: write the domain of a company, such as acme.com.")
    wanted = AccountFilter(name, None if domain is None else registered_domain(domain))
    async with open_runtime(settings) as runtime:
        found = await runtime.accounts.listed.page(wanted, limit, None)
    if not found:
        print("No account is listed.")
        return
    table = Table("account", "name", "domain", "leads", "score", "surge", box=None)
    for one in found:
        table.add_row(
            printable(one.account_id),
            printable(one.name),
            printable(one.domain),
            str(one.leads),
            f"{one.score:.2f}",
            "yes" if one.has_surge else "",
        )
    console = Console(highlight=False, markup=False)
    console.print(table)


async def rebuild(settings: Settings) -> None:
    """Rebuild with a progress bar. Raises `Unavailable` while another process projects accounts."""
    async with open_runtime(settings) as runtime:
        with progress_bar() as bar:
            task = bar.add_task("Accounts", total=None)
            listed = await rebuild_accounts(runtime, lambda done: bar.update(task, completed=done))
    print(f"{listed} accounts are listed, each as its leads say.")


async def verify(settings: Settings) -> int:
    """Verify with a progress bar and print what differs. Returns the exit code: 1 on any drift."""
    async with open_runtime(settings) as runtime:
        with progress_bar() as bar:
            task = bar.add_task("Accounts", total=None)
            report = await verify_accounts(runtime, lambda done: bar.update(task, completed=done))
    _show(report)
    return 1 if report.drifts else 0


def _show(report: AccountReport) -> None:
    print(f"{report.accounts} accounts compared with their leads: {len(report.drifts)} differ.")
    for drift in report.drifts[:_SHOWN]:
        print(f"  {printable(drift.account_id)} {drift.what}")
    if len(report.drifts) > _SHOWN:
        print(f"  and {len(report.drifts) - _SHOWN} more. `lead-engine accounts rebuild` corrects them.")
    elif report.drifts:
        print("`lead-engine accounts rebuild` corrects them.")
