"""`lead-engine api`, `worker`, `dispatcher` and `scheduler`: the long-running processes of an engine."""

from __future__ import annotations

import click

from engine.process.lean_imports import import_clients_leanly
from scripts.cli.command import exits, run, settings_with_logs

__all__ = ["api", "dispatcher", "scheduler", "worker"]

# Each process imports only its own part: what another one needs would cost memory for as long as it runs.


@click.command()
@exits
def api() -> None:
    """Serve the HTTP API."""
    import_clients_leanly()
    from api.server import run_api

    run_api(settings_with_logs())


@click.command()
@exits
def worker() -> None:
    """Score leads, run automations and send webhooks; any number of workers.

    Work comes from the queues in Redis; WORKER_PROCESSES and WORKER_THREADS say how much of it at a time.
    """
    import_clients_leanly()
    from jobs.worker import run_worker

    run_worker(settings_with_logs())


@click.command()
@exits
def dispatcher() -> int | None:
    """Enqueue leads with new events; one is active, others stand by, or share the partitions of the log.

    A catch-up subscription to the event log with its checkpoint in MongoDB. Which dispatcher is active is decided by
    a lease, so a standby takes over within seconds when the active one is gone.
    """
    import_clients_leanly()
    from jobs.dispatcher import run_dispatcher

    return run(run_dispatcher(settings_with_logs()))


@click.command()
@exits
def scheduler() -> int | None:
    """Run periodic jobs: decay, due automations, reconciliation; one is active, others stand by.

    Decay runs every night. Due automations and webhook deliveries are enqueued, leads whose messages were lost are
    enqueued again, and leads scored by an earlier rulebook are rebuilt.
    """
    import_clients_leanly()
    from jobs.scheduler import run_scheduler

    return run(run_scheduler(settings_with_logs()))
