"""`lead-engine`: every command, thin."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click
import uvloop

from domain.errors import LeadEngineError
from domain.privacy.personal_fields import PersonalFields
from engine.access.keys.key import SCOPES, Scope
from engine.local.services_file import with_running_services
from engine.operations.dead_letters import LetterState
from engine.process.logs import set_up_logs
from engine.process.redaction import passwords_in
from engine.settings import Settings, load_settings
from workflows.leads.replay import Mode

__all__ = ["cli", "main"]

P = ParamSpec("P")


def _command(body: Callable[P, int | None]) -> Callable[P, None]:
    """Run a command's body: expected failures are one message and exit code 1."""

    @wraps(body)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = body(*args, **kwargs)
        except LeadEngineError as error:
            click.echo(str(error), err=True)
            sys.exit(1)
        sys.exit(code or 0)

    return run


def _settings() -> Settings:
    settings = with_running_services(load_settings())
    secrets = [settings.api_key, *passwords_in(settings.mongodb_uri), *passwords_in(settings.redis_url)]
    set_up_logs(settings.log_level, settings.log_format, secrets)
    return settings


def _run(work: Coroutine[Any, Any, int | None]) -> int | None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="lead-engine")
def cli() -> None:
    """Lead engine: events in; score, stage, velocity, risk and next action out, each explained.

    Settings come from the environment or a file .env; `lead-engine config` lists them.
    """


@cli.command()
@_command
def up() -> int:
    """Run the whole engine here, on embedded services unless MONGODB_URI and REDIS_URL say otherwise."""
    from scripts.up import run_up

    return run_up(load_settings())


@cli.command()
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep an API key with every scope in this file, readable by its owner only; make one if need be.",
)
@_command
def setup(key_file: Path | None) -> int | None:
    """Create collections and indexes and record the rulebook. Safe to run again."""
    from scripts.setup import run_setup

    return _run(run_setup(_settings(), key_file))


@cli.command()
@_command
def api() -> None:
    """Serve the HTTP API."""
    from api.server import run_api

    run_api(_settings())


@cli.command()
@_command
def worker() -> None:
    """Process leads and automations. Run as many as you like."""
    from jobs.worker import run_worker

    run_worker(_settings())


@cli.command()
@_command
def dispatcher() -> int | None:
    """Ring for leads with new events. One is active, others stand by."""
    from jobs.dispatcher import run_dispatcher

    return _run(run_dispatcher(_settings()))


@cli.command()
@_command
def scheduler() -> int | None:
    """Keep the timers: nightly decay, due automations, leads left behind. One is active, others stand by."""
    from jobs.scheduler import run_scheduler

    return _run(run_scheduler(_settings()))


@cli.command()
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]),
    help="Moment to decay to, UTC; now if left out. Not in the future.",
)
@_command
def decay(as_of: datetime | None) -> int | None:
    """Write down what the passing of time changed: at most one event a lead and day.

    For cron; the scheduler also runs it nightly. Scores are right without it.
    """
    from scripts.decay import run_decay

    return _run(run_decay(_settings(), as_of.replace(tzinfo=UTC) if as_of else None))


@cli.command()
@click.option("--lead", "lead_id", help="Only this lead.")
@click.option("--rulebook", help="With --dry-run: the rulebook to try, by name or path of its file.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say who would move.")
@click.option("--verify", is_flag=True, help="Change nothing; exit with 1 if anything stored differs.")
@_command
def replay(lead_id: str | None, rulebook: str | None, dry_run: bool, verify: bool) -> int | None:  # noqa: FBT001
    """Rebuild leads and their history from the stored events, without firing automations.

    Goes on where a stopped one ended, while the engine runs.
    """
    from scripts.replay import run_replay

    if dry_run and verify:
        raise click.UsageError("--dry-run and --verify exclude each other")
    if rulebook and not dry_run:
        raise click.UsageError(
            "--rulebook goes with --dry-run; to switch for good, use `lead-engine rulebook activate`"
        )
    mode: Mode = "dry-run" if dry_run else "verify" if verify else "rebuild"
    return _run(run_replay(_settings(), mode, lead_id, rulebook))


@cli.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--map", "mapping", type=click.Path(path_type=Path), required=True, help="How rows become events."
)
@click.option(
    "--rejects", type=click.Path(path_type=Path), help="Where bad rows go; FILE.rejects.csv if left out."
)
@click.option("--dry-run", is_flag=True, help="Check every row, store nothing.")
@_command
def import_(file: Path, mapping: Path, rejects: Path | None, dry_run: bool) -> int | None:  # noqa: FBT001
    """Turn the rows of a CSV file into events. Importing the same file again changes nothing."""
    from scripts.import_csv import run_import

    return _run(run_import(_settings(), file, mapping, rejects, dry_run))


@cli.command()
@click.option("--url", help="Where the API is; by default on HOST and PORT.")
@click.option(
    "--leads", default=200, show_default=True, type=click.IntRange(1, 100_000), help="How many leads."
)
@click.option("--seed", default=7, show_default=True, help="The same seed makes the same week.")
@_command
def demo(url: str | None, leads: int, seed: int) -> int | None:
    """Feed the running engine a simulated week and show the ten best leads."""
    from engine.access.keys.key_file import key_file_of, read_key_file
    from scripts.demo.demo import run_demo
    from scripts.terminal.welcome import local_url

    settings = _settings()
    # The key of this machine's engine is for this engine alone: never show it to another one.
    key = settings.api_key or ("" if url else read_key_file(key_file_of(settings.data_dir)))
    return _run(run_demo(url or local_url(settings), key, leads, seed))


@cli.command()
@click.argument("lead_id", metavar="LEADID")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]),
    help="Any moment, past or future, UTC; now if left out.",
)
@click.option("--rulebook", help="Other rules to apply, by name or path of their file.")
@_command
def lead(lead_id: str, as_of: datetime | None, rulebook: str | None) -> int | None:
    """Show one lead: its score and why, what to do next, and what happened last."""
    from scripts.lead import run_lead

    moment = as_of.replace(tzinfo=UTC) if as_of else None
    return _run(run_lead(_settings(), lead_id, moment, rulebook))


@cli.command()
@click.option("--stage", help="Only leads in this stage.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200), help="How many leads.")
@click.option(
    "--every", default=2.0, show_default=True, type=click.FloatRange(0.2, 3600), help="Seconds to refresh."
)
@click.option("--once", is_flag=True, help="Print once and end; so it does without a terminal.")
@_command
def top(stage: str | None, limit: int, every: float, once: bool) -> int | None:  # noqa: FBT001
    """Watch the best leads of this moment. Ctrl-C ends it."""
    from scripts.top import run_top

    try:
        return _run(run_top(_settings(), stage, limit, every, once=once))
    except KeyboardInterrupt:
        return 0


@cli.group("rulebook")
def rulebook_group() -> None:
    """Check rulebooks, read them in words, put them in force, and get their schema."""


@rulebook_group.command("check")
@click.argument("file")
@_command
def check_rulebook(file: str) -> None:
    """Say whether the rulebook in FILE is valid; if not, every fault with its line and what to write."""
    from scripts.rulebook import check

    check(file, PersonalFields.named(load_settings().personal_fields))


@rulebook_group.command("explain")
@click.argument("name_or_file", required=False)
@_command
def explain_rulebook(name_or_file: str | None) -> None:
    """Tell in words what a rulebook does; the one in force if none is named."""
    from scripts.rulebook import explain

    explain(name_or_file or load_settings().rulebook)


@rulebook_group.command("activate")
@click.argument("name_or_file")
@click.option("--wait", is_flag=True, help="Return only when every lead has been folded anew.")
@_command
def activate_rulebook(name_or_file: str, wait: bool) -> int | None:  # noqa: FBT001
    """Put a rulebook in force everywhere, without downtime and without firing automations.

    Leads are folded anew in the background. `replay --dry-run --rulebook` says before who would move.
    """
    from scripts.activate import run_activate

    return _run(run_activate(_settings(), name_or_file, wait=wait))


@rulebook_group.command("schema")
@_command
def show_rulebook_schema() -> None:
    """Print the JSON Schema of rulebooks, for editors."""
    from scripts.rulebook import schema

    schema()


@cli.group("dead-letters")
def dead_letters_group() -> None:
    """See which leads could not be folded and why, fold them again, or go on without an event."""


@dead_letters_group.command("list")
@click.option("--state", type=click.Choice(["quarantined", "retrying"]), help="Only in this state.")
@_command
def list_dead_letters(state: LetterState | None) -> int | None:
    """List the leads that could not be folded, the latest first."""
    from scripts.dead_letters import list_letters

    return _run(list_letters(_settings(), state))


@dead_letters_group.command("show")
@click.argument("lead_id", metavar="LEADID")
@_command
def show_dead_letter(lead_id: str) -> int | None:
    """Show why a lead could not be folded, and the event that holds it up."""
    from scripts.dead_letters import show

    return _run(show(_settings(), lead_id))


@dead_letters_group.command("retry")
@click.argument("lead_ids", metavar="[LEADID]...", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="Every quarantined lead.")
@_command
def retry_dead_letters(lead_ids: tuple[str, ...], everyone: bool) -> int | None:  # noqa: FBT001
    """Fold leads again, after the rulebook or the program was mended."""
    from scripts.dead_letters import retry

    return _run(retry(_settings(), lead_ids, everyone=everyone))


@dead_letters_group.command("discard")
@click.argument("lead_id", metavar="LEADID")
@click.option(
    "--event", "event_id", required=True, metavar="EVENTID", help="The event that holds the lead up."
)
@click.option("--reason", required=True, help="Why, for those who ask later; names no person.")
@_command
def discard_event(lead_id: str, event_id: str, reason: str) -> int | None:
    """Go on without an event, for good.

    The event stays stored with a mark that says who discarded it, when and why; nothing counts it any more.
    """
    from scripts.dead_letters import discard

    return _run(discard(_settings(), lead_id, event_id, reason))


@cli.command()
@click.option("--target", help="Only about this: the id of a key, a webhook endpoint or a lead.")
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="How many entries."
)
@_command
def audit(target: str | None, limit: int) -> int | None:
    """Show who changed keys, rulebooks, dead letters and webhook endpoints, and who erased data, newest first."""
    from scripts.audit import show_audit_log

    return _run(show_audit_log(_settings(), target, limit))


@cli.group("keys")
def keys_group() -> None:
    """Make API keys, see when they were used, replace and revoke them."""


@keys_group.command("create")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    required=True,
    help="ingest sends events, read reads leads, manage changes how the engine works. May be repeated.",
)
@click.option(
    "--origin", "origins", multiple=True, help="For web pages of this origin only. May be repeated."
)
@_command
def create_key(name: str, scopes: tuple[Scope, ...], origins: tuple[str, ...]) -> int | None:
    """Make a key and print it. It is shown this once: only its hash is stored."""
    from scripts.keys import create

    return _run(create(_settings(), name, scopes, origins))


@keys_group.command("list")
@_command
def list_keys() -> int | None:
    """List all keys, revoked ones too, with when they were last used."""
    from scripts.keys import list_all

    return _run(list_all(_settings()))


@keys_group.command("rotate")
@click.argument("key_id", metavar="ID")
@click.option(
    "--overlap-hours",
    default=24.0,
    show_default=True,
    type=click.FloatRange(0, 720),
    help="Hours for which the old key works beside the new one.",
)
@_command
def rotate_key(key_id: str, overlap_hours: float) -> int | None:
    """Print a new key under the same id. The old one ends after some hours."""
    from scripts.keys import rotate

    return _run(rotate(_settings(), key_id, overlap_hours))


@keys_group.command("revoke")
@click.argument("key_id", metavar="ID")
@_command
def revoke_key(key_id: str) -> int | None:
    """End a key for good, within seconds everywhere."""
    from scripts.keys import revoke

    return _run(revoke(_settings(), key_id))


@cli.group("personal-data")
def personal_data_group() -> None:
    """Give a person what is held on them, or erase what is personal of it."""


@personal_data_group.command("export")
@click.argument("lead_id", metavar="LEADID")
@_command
def export_lead(lead_id: str) -> int | None:
    """Print everything that is held on a lead, as one JSON document."""
    from scripts.personal_data import export

    return _run(export(_settings(), lead_id))


@personal_data_group.command("erase")
@click.argument("lead_id", metavar="LEADID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_command
def erase_lead(lead_id: str, yes: bool) -> int | None:  # noqa: FBT001
    """Destroy the key of a lead's personal fields: nobody can read them any more. Its scores stay."""
    from scripts.personal_data import erase

    if not yes:
        click.confirm(f"Erase the personal data of {lead_id!r} for good?", abort=True, err=True)
    return _run(erase(_settings(), lead_id))


@cli.command()
@_command
def config() -> None:
    """List every setting: its value, its default and what it is for."""
    from scripts.config import show_config

    show_config(load_settings())


def main() -> None:
    """The entry point of the `lead-engine` command."""
    cli(prog_name="lead-engine")


if __name__ == "__main__":
    main()
