"""`lead-engine sequences enrol`: the leads of a filter are enrolled, or it is only counted what would become of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import click

from api.leads.lead_filters import unknown_names
from domain.errors import Fault, Invalid
from engine.leads.lead_pages import LeadFilter, LeadOrder
from engine.outreach.message import Author
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from workflows.accounts.read_account import members_of
from workflows.sequences.enrol_many import MAX_LEADS, EnrolMany, enrol_many

__all__ = ["enrol_command", "run_enrol"]

_MOST = 100_000


@click.command("enrol")
@click.argument("name")
@click.option("--stage", help="Only leads in this stage.")
@click.option("--risk", help="Only leads with this risk.")
@click.option("--outcome", help="Only leads with this outcome.")
@click.option("--status", help="Only leads with this status.")
@click.option("--min-score", type=float, help="Only leads with at least this score.")
@click.option("--owner", help="Only leads of this person, by id, or none for unassigned ones.")
@click.option("--tag", help="Only leads with this tag.")
@click.option("--account", help="Only leads of this account, such as domain:acme.com.")
@click.option(
    "--limit",
    type=click.IntRange(1, _MOST),
    default=MAX_LEADS,
    show_default=True,
    help="Most leads, the best first, whether or not they may be enrolled.",
)
@click.option("--why", default="", help="The reason, as it is shown beside each enrolment.")
@click.option("--dry-run", is_flag=True, help="Only count what would become of the leads.")
@exits
def enrol_command(
    name: str,
    owner: str | None,
    account: str | None,
    limit: int,
    why: str,
    *,
    dry_run: bool,
    **filters: Any,
) -> int | None:
    """Enrol the leads of a filter in the active version of a sequence; repeating it enrols nobody twice."""
    owners = None if owner is None else (None if owner == "none" else owner,)
    wanted = LeadFilter(owners=owners, **filters)
    return run(run_enrol(settings_with_logs(), name, wanted, limit, why, account=account, dry_run=dry_run))


async def run_enrol(
    settings: Settings,
    name: str,
    wanted: LeadFilter,
    limit: int,
    why: str,
    *,
    dry_run: bool,
    account: str | None = None,
) -> None:
    """Enrol the leads, and print how many, and the refusals by reason.

    Raises `Invalid` for a name in the filter that the rulebook does not have, `NotFound` for a sequence that is not active.
    """
    author = Author("command line", current_actor().name)
    counts, reasons = Counter[str](), Counter[str]()
    async with open_runtime(settings) as runtime:
        _require_known_names(runtime, wanted)
        if account is not None:
            wanted = wanted._replace(accounts=(await members_of(runtime, account))[1])
        label = (await runtime.sequences.library.active(name)).label
        async for some in _pages(runtime, wanted, limit):
            call = EnrolMany(sequence=name, lead_ids=some, why=why, dry_run=dry_run)
            results = await enrol_many(runtime, author, call)
            counts.update(one.status for one in results)
            reasons.update(one.refusal.code for one in results if one.refusal is not None)
    print(f"{label}: {counts.total()} leads{', nothing is stored (dry run)' if dry_run else ''}")
    for status in ("enrolled", "held-out", "refused"):
        print(f"  {counts[status]:>7} {status}")
    for reason, number in reasons.most_common():
        print(f"  {number:>7}   {reason}")


async def _pages(runtime: Runtime, wanted: LeadFilter, limit: int) -> AsyncIterator[list[str]]:
    """The ids of the leads, the best first, in lists as long as a call takes."""
    after: tuple[float, str] | None = None
    while limit > 0:
        size = min(limit, MAX_LEADS)
        page = await runtime.leads.lists.page(wanted, LeadOrder("score", True, after), size + 1)
        found = page.leads[:size]
        if found:
            yield [one.lead_id for one in found]
        last = found[-1] if len(page.leads) > size else page.resume
        if last is None:
            return
        after, limit = (last.score, last.lead_id), limit - len(found)


def _require_known_names(runtime: Runtime, wanted: LeadFilter) -> None:
    unknown = unknown_names(
        runtime, stage=wanted.stage, risk=wanted.risk, outcome=wanted.outcome, status=wanted.status
    )
    if faults := tuple(Fault(f"--{name}", detail) for name, detail in unknown):
        raise Invalid("Nobody was enrolled.", faults)
