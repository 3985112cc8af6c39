"""`lead-engine replay`: rebuild, verify or try out all leads from their events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import click
from rich.console import Console
from rich.table import Table

from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from engine.passes.report import PassReport
from engine.process.gc_tuning import freeze_heap
from engine.rulebooks.library import load_rulebook
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.cli.passes.replay_processes import ReplayTask, replay_in_processes
from scripts.terminal.long_pass import follow_pass, is_complete
from scripts.terminal.progress import progress_bar
from workflows.passes.control import start_pass
from workflows.passes.replay_share import summary_of
from workflows.replay.checkpoint import forget_checkpoints
from workflows.replay.replay import Mode, replay
from workflows.replay.report import ReplayReport

__all__ = ["replay_command", "replay_on_workers", "run_replay"]

_SHOWN = 10


@click.command("replay")
@click.option("--lead", "lead_id", help="Only this lead.")
@click.option("--rulebook", help="With --dry-run: the rulebook to try, by name or path of its file.")
@click.option("--dry-run", is_flag=True, help="Change nothing; show which leads would move.")
@click.option("--verify", is_flag=True, help="Change nothing; exit with 1 if anything stored differs.")
@click.option(
    "--processes",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="How many processes share the leads, by a hash of their ids.",
)
@click.option(
    "--on-workers",
    is_flag=True,
    help="Let the workers share the leads, in PASS_SHARES shares. Ctrl-C leaves it to them.",
)
@exits
def replay_command(  # noqa: PLR0917 - the options
    lead_id: str | None,
    rulebook: str | None,
    dry_run: bool,  # noqa: FBT001
    verify: bool,  # noqa: FBT001
    processes: int,
    on_workers: bool,  # noqa: FBT001
) -> int | None:
    """Rebuild leads and their history from the stored events, without firing automations.

    Safe while the engine runs. A rebuild that was stopped continues from its checkpoints, if it is started with the
    same number of processes. With --on-workers it goes on by itself, whichever worker stops, and this command shows how
    far it is; started again it shows the same one. `lead-engine passes` lists, shows and stops them.
    """
    if lead_id and processes > 1:
        raise click.UsageError("--lead and --processes exclude each other: one lead is one process's work")
    if dry_run and verify:
        raise click.UsageError("--dry-run and --verify exclude each other")
    if rulebook and not dry_run:
        raise click.UsageError(
            "--rulebook goes with --dry-run; to switch for good, use `lead-engine rulebook activate`"
        )
    if on_workers and (lead_id or dry_run or processes > 1):
        raise click.UsageError("--on-workers goes with --verify alone, or with nothing")
    mode: Mode = "dry-run" if dry_run else "verify" if verify else "rebuild"
    if on_workers:
        return run(replay_on_workers(settings_with_logs(), "verify" if verify else "rebuild"))
    return run(run_replay(ReplayTask(settings_with_logs(), mode, rulebook), lead_id, processes))


async def run_replay(task: ReplayTask, lead_id: str | None = None, processes: int = 1) -> int:
    """Replay with a progress bar and print the report. Returns the exit code: 1 on drift or failure, else 0."""
    fields = task.settings.personal
    rules = compile_rulebook(load_rulebook(task.rulebook, fields)) if task.rulebook else None
    async with open_runtime(task.settings) as runtime:
        if processes > 1:
            report = await _replay_in_processes(runtime, task, processes)
        else:
            report = await _replay(runtime, task.mode, lead_id, rules)
        discarded = await runtime.capture.discards.count()
    summary = summary_of(report)
    _show(summary, task.mode, discarded, report.failed)
    if task.mode == "dry-run":
        _show_moves(Console(), report)
    return _exit_code(summary, task.mode)


async def replay_on_workers(settings: Settings, does: Literal["verify", "rebuild"]) -> int:
    """Begin a pass on the workers, or find the one that is under way, follow it and print its report.

    Returns the exit code: 1 on drift or failure, if it was stopped, or if a share was given up; else 0.
    """
    async with open_runtime(settings) as runtime:
        one = await follow_pass(runtime, await start_pass(runtime, does))
        discarded = await runtime.capture.discards.count()
    _show(one.report, does, discarded, one.report.failed)
    return _exit_code(one.report, does) if is_complete(one) else 1


def _exit_code(summary: PassReport, mode: Mode) -> int:
    return 1 if summary["failed"] or (mode == "verify" and summary["drifted"]) else 0


def _show(summary: PassReport, mode: Mode, discarded: int, failed: Mapping[str, str]) -> None:
    console = Console()
    console.print(f"{summary['leads']} leads replayed from {summary['events']} events.")
    if discarded:
        console.print(f"Of all events, {discarded} were discarded by an operator and do not count.")
    for lead_id, reason in list(failed.items())[:_SHOWN]:
        console.print(f"Lead {lead_id} cannot be folded: {reason}", markup=False)
    if mode == "verify":
        _show_drift(console, summary)
    elif mode == "rebuild":
        console.print(f"{summary['rebuilt']} differed and were rebuilt.")


async def _replay_in_processes(runtime: Runtime, task: ReplayTask, processes: int) -> ReplayReport:
    with progress_bar() as bar:
        bar_id = bar.add_task("Leads", total=await runtime.leads.lists.count())
        report = await replay_in_processes(
            task, processes, on_progress=lambda leads: bar.update(bar_id, completed=leads)
        )
    if task.mode == "rebuild":
        await forget_checkpoints(runtime, runtime.rulebook)
    return report


async def _replay(
    runtime: Runtime, mode: Mode, lead_id: str | None, rules: CompiledRulebook | None
) -> ReplayReport:
    freeze_heap()
    with progress_bar() as bar:
        task = bar.add_task("Leads", total=1 if lead_id else await runtime.leads.lists.count())
        return await replay(
            runtime,
            mode,
            lead_id=lead_id,
            rulebook=rules,
            on_progress=lambda so_far: bar.update(task, completed=so_far.leads),
        )


def _show_drift(console: Console, summary: PassReport) -> None:
    if summary["outdated"]:
        console.print(
            f"{summary['outdated']} are still to be rebuilt under the active rulebook; they were left out."
        )
    console.print(f"{summary['drifted']} drifted from what their events say.")
    for lead_id in summary.drifted[:_SHOWN]:
        console.print(f"  {lead_id}", markup=False)
    if summary["drifted"] > _SHOWN:
        console.print(f"  and {summary['drifted'] - _SHOWN} more")


def _show_moves(console: Console, report: ReplayReport) -> None:
    console.print(f"{report.changed_stage} would change stage. Nothing was changed.")
    if report.moves:
        table = Table(
            "Lead", "Score", "would be", "Stage", "would be", title="These move most", title_justify="left"
        )
        for move in report.moves:
            table.add_row(
                move.lead_id,
                f"{move.score_before:.2f}",
                f"{move.score_after:.2f}",
                move.stage_before,
                move.stage_after,
            )
        console.print(table)
