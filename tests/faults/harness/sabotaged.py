"""The engine's own command line with faults planted in it: `python -P sabotaged.py PART`.

The product has no hooks for tests. This wraps its functions from outside, before anything has imported them, as
SABOTAGE says, a JSON object:

- `crash`: {"at": "engine.capture.log.writer:EventWriter.append", "when": "before" or "after", "nth": 3} kills the process
- `meet`: {"after": "engine.store.checkpoints:Checkpoints.last_lead", "number": 2, "folder": an empty folder} lets no process
  go on from the first return of the function until so many processes have come so far
- `lease`: seconds after which other workers take over routing, first touches, hand-overs, sequences, campaigns and passes of this one; a minute otherwise
- `clock`: seconds by which its clock is ahead; `zone`: its time zone
- `plant`: names of functions below, each of which breaks one promise, for the controls
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import inspect
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Plant = Callable[[], None]

_MEET_SECONDS = 30


def main() -> None:
    sabotage = json.loads(os.environ["SABOTAGE"])
    if "zone" in sabotage:
        os.environ["TZ"] = sabotage["zone"]
        time.tzset()
    if "clock" in sabotage:
        _shift_clock(sabotage["clock"])
    if "lease" in sabotage:
        _shorten_leases(sabotage["lease"])
    for name in sabotage.get("plant", ()):
        PLANTS[name]()
    if "crash" in sabotage:
        _crash(**sabotage["crash"])
    if "meet" in sabotage:
        _meet(**sabotage["meet"])
    from scripts.cli import main as run  # noqa: PLC0415 - only now that everything is planted

    run()


def _shift_clock(seconds: float) -> None:
    """The engine's, and that by which Dramatiq tells whether a worker is dead."""
    for module, name in (("engine.process.clock", "now"), ("dramatiq.brokers.redis", "current_millis")):
        clock = importlib.import_module(module)
        right = getattr(clock, name)
        setattr(clock, name, functools.partial(lambda right: right() + round(seconds * 1000), right))


def _shorten_leases(seconds: float) -> None:
    """So that a test need not wait a minute after a worker was killed."""
    structs = importlib.import_module("msgspec.structs")
    for name in (
        "teams.route",
        "teams.first_touch",
        "teams.hand_over",
        "sequences.advance",
        "campaigns.jobs",
        "passes.perform",
    ):
        module = importlib.import_module(f"workflows.{name}")
        _replace(module, _POLICY=structs.replace(module._POLICY, lease=round(seconds * 1000)))


def _crash(at: str, when: str, nth: int) -> None:
    """Kill the process when the function is called, or has returned, for the nth time."""
    calls = 0

    def reached() -> None:
        nonlocal calls
        calls += 1
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    _wrap(at, before=reached if when == "before" else None, after=reached if when == "after" else None)


def _meet(after: str, number: int, folder: str) -> None:
    """Wait in the function until all are there; a process that waits alone gives up with an error."""

    def arrived() -> None:
        Path(folder, str(os.getpid())).touch()
        until = time.monotonic() + _MEET_SECONDS
        while len(list(Path(folder).iterdir())) < number:
            assert time.monotonic() < until, f"nobody else came to {after}"
            time.sleep(0.01)

    _wrap(after, before=None, after=arrived)


def owner_of(at: str) -> tuple[Any, str]:
    """Whose attribute `module:Class.function` is, and its name; there must be one."""
    module, _, path = at.partition(":")
    *owners, name = path.split(".")
    owner: Any = functools.reduce(getattr, owners, importlib.import_module(module))
    getattr(owner, name)
    return owner, name


def _replace(owner: Any, **others: Any) -> None:
    """Put others in place of what the owner has by these names, and must have: else a fault would not be planted."""
    for name, other in others.items():
        getattr(owner, name)
        setattr(owner, name, other)


def _wrap(at: str, *, before: Callable[[], None] | None, after: Callable[[], None] | None) -> None:
    owner, name = owner_of(at)
    function = getattr(owner, name)
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def wrapped(*args: Any, **kwargs: Any) -> Any:
            if before:
                before()
            result = await function(*args, **kwargs)
            if after:
                after()
            return result

    else:

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if before:
                before()
            result = function(*args, **kwargs)
            if after:
                after()
            return result

    setattr(owner, name, wrapped)


def weak_writes() -> None:
    """Writes count when one member has them in memory."""
    mongo = importlib.import_module("engine.store.mongo")
    client, concern = mongo.AsyncMongoClient, mongo.WriteConcern
    _replace(
        mongo,
        AsyncMongoClient=lambda uri, **options: client(uri, **{**options, "w": 1, "journal": False}),
        WriteConcern=lambda **_: concern(w=1, j=False),
    )


def no_transactions() -> None:
    """What belongs together is written one by one."""
    mongo = importlib.import_module("engine.store.mongo")

    async def transact(_: Any, body: Callable[[Any], Any]) -> Any:
        return await body(None)

    _replace(mongo, transact=transact)


def early_answers() -> None:
    """Senders are answered a moment before their events are committed."""
    positions = importlib.import_module("engine.capture.log.positions")
    store = importlib.import_module("engine.capture.log.writer").EventWriter
    append = store.append
    committing: set[asyncio.Task[None]] = set()

    def begin(work: Any) -> None:
        committing.add(task := asyncio.create_task(work))
        task.add_done_callback(committing.discard)

    async def append_later(self: Any, events: Any, positions: Any, session: Any = None) -> None:
        if session is not None:
            await append(self, events, positions, session)
            return
        await asyncio.gather(*committing)

        async def store_it() -> None:
            await asyncio.sleep(0.5)
            await append(self, events, positions)

        begin(store_it())

    async def transact(client: Any, body: Callable[[Any], Any]) -> Any:
        await asyncio.gather(*committing)
        session = client.start_session()
        await session.start_transaction()
        result = await body(session)

        async def commit() -> None:
            await asyncio.sleep(0.5)
            await session.commit_transaction()
            await session.end_session()

        begin(commit())
        return result

    _replace(positions, transact=transact)
    _replace(store, append=append_later)


def positions_handed_out() -> None:
    """Positions are given away for good before the events are stored."""
    store = importlib.import_module("engine.capture.log.writer").EventWriter
    append, newest = store.append, store.newest
    given = 0

    async def append_at(self: Any, events: Any, positions: Any, session: Any = None) -> None:
        nonlocal given
        given = max(given, *positions)
        await append(self, events, positions, session)

    async def newest_given(self: Any, partitions: Any, session: Any = None) -> dict[int, int]:
        return {one: max(given, at) for one, at in (await newest(self, partitions, session)).items()}

    _replace(store, append=append_at, newest=newest_given)


def newest_by_timestamp() -> None:
    """An event older than the newest one of its lead is passed over."""
    lead = importlib.import_module("domain.leads.fold")
    late = importlib.import_module("domain.leads.late")
    structs = importlib.import_module("msgspec.structs")
    fold = lead.fold

    def newest(state: Any, events: Any, rulebook: Any) -> Any:
        rows, fired = (), ()
        for event in events:
            if event.occurred_at < state.clock:
                state = structs.replace(state, position=event.position)
                continue
            step = fold(state, [event], rulebook)
            state, rows, fired = step.state, rows + step.rows, fired + step.firings
        return lead.Folded(state, rows, fired)

    _replace(late, has_late=lambda *_: False)
    _replace(lead, fold=newest)


def all_or_nothing() -> None:
    """A batch of leads of which one cannot be folded fails as a whole."""
    process = importlib.import_module("workflows.leads.process")
    apply_events = importlib.import_module("workflows.leads.apply_events")
    arrived_events = importlib.import_module("workflows.leads.fold_arrived")

    def fold_all(state: Any, arrived: Any, start: Any, rulebook: Any) -> Any:
        if arrived.failure is not None:
            raise ValueError(arrived.failure.reason)
        folded = arrived_events._fold(state, arrived.events, start, rulebook)
        return arrived_events.FoldedArrived(folded, None)

    _replace(apply_events, fold_arrived=fold_all)
    _replace(process, apply_events=apply_events._commit)


def no_leases() -> None:
    """Every process holds every lease."""
    leases = importlib.import_module("engine.store.leases")

    async def take(*_: Any) -> bool:
        return True

    _replace(leases.Leases, take=take)


def effects_without_a_key() -> None:
    """Each attempt of an automation makes a task of its own."""
    task_store = importlib.import_module("engine.automations.task_store")
    structs = importlib.import_module("msgspec.structs")
    create = task_store.TaskStore.create

    async def create_another(self: Any, task: Any) -> None:
        await create(self, structs.replace(task, task_id=os.urandom(8).hex()))

    _replace(task_store.TaskStore, create=create_another)


def hand_over_unrecorded() -> None:
    """Messages are given away before it is recorded that they are."""
    message_store = importlib.import_module("engine.outreach.message_store")

    async def hand_over(self: Any, message: Any) -> bool:
        return True

    _replace(message_store.MessageStore, hand_over=hand_over)


def sequences_without_a_record() -> None:
    """What a sequence does has ids of the attempt, not of the step, so that it is not known to be done."""
    carry_out = importlib.import_module("workflows.sequences.carry_out")
    plan = carry_out.plan_message

    async def plan_message(runtime: Any, author: Any, lead_id: str, new: Any, key: str) -> Any:
        return await plan(runtime, author, lead_id, new, None)

    _replace(carry_out, plan_message=plan_message)


def campaigns_without_a_record() -> None:
    """The message of a campaign to a lead has a random id, so that it is not known to be planned."""
    turn = importlib.import_module("workflows.campaigns.turn")
    plan = turn.plan_message

    async def plan_message(runtime: Any, author: Any, lead_id: str, new: Any, key: str) -> Any:
        return await plan(runtime, author, lead_id, new, None)

    _replace(turn, plan_message=plan_message)


def small_batches() -> None:
    """A pass saves its progress after every five leads."""
    _replace(importlib.import_module("workflows.replay.replay"), _LEADS_AT_A_TIME=5)
    _replace(importlib.import_module("workflows.passes.progress"), _SAVE_SECONDS=0.0)


def short_pages() -> None:
    """All leads are read some hundred events at a time."""
    _replace(importlib.import_module("engine.capture.event_store"), _LEAD_IDS_FROM_EVENTS=300)


def small_rule_lab_steps() -> None:
    """A preview compares seven leads at a time, and twenty are switched at a time."""
    _replace(importlib.import_module("workflows.rule_lab.run_preview"), _LEADS_AT_A_TIME=7)
    _replace(importlib.import_module("workflows.rule_lab.switch_states"), _LEADS_AT_A_TIME=20)


def reports_without_marks() -> None:
    """What a share has found is saved, and not how far it is."""
    store = importlib.import_module("engine.passes.share_store").PassShareStore
    save = store.save

    async def save_report(self: Any, unit: Any, after: str, report: Any) -> bool:
        return await save(self, unit, unit.after, report)

    _replace(store, save=save_report)


def assignments_without_a_key() -> None:
    """Each attempt to route a lead or to hand it over appends an event of its own."""
    for name in ("route", "hand_over"):
        module = importlib.import_module(f"workflows.teams.{name}")
        assignment = module.assignment

        def assign(*args: Any, assignment: Any = assignment, **kwargs: Any) -> Any:
            return assignment(*args, **{**kwargs, "event_id": f"assign:{os.urandom(8).hex()}"})

        _replace(module, assignment=assign)


def merged_streams_overlooked() -> None:
    """Leads that are folded again after a merge are folded from the events of one stream."""
    store = importlib.import_module("engine.capture.event_store").EventStore

    async def own_stream(_: Any, lead_id: str, known_at: Any = None) -> tuple[str]:
        return (lead_id,)

    _replace(store, _of=own_stream)


def random_decay_ids() -> None:
    """The decay job gives its events new ids at each run."""
    decay = importlib.import_module("domain.leads.time_changes")
    _replace(decay, time_event_id=lambda lead_id, _: f"time:{lead_id}:{os.urandom(8).hex()}")


def deaf_to_sigterm() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def standing_still() -> None:
    """Soon after it has begun to be watched, the event loop of the process never turns again."""
    watchdog = importlib.import_module("engine.process.watchdog")
    watched_loop = watchdog.watched_loop

    def standing(seconds: float) -> Any:
        asyncio.get_running_loop().call_later(1, time.sleep, 3600)
        return watched_loop(seconds)

    _replace(watchdog, watched_loop=standing)


def poisonous_events() -> None:
    """Folding a `poison.raise` raises, folding a `poison.kill` kills the process."""
    lead = importlib.import_module("domain.leads.fold")
    step = lead.step

    def poisoned(state: Any, event: Any, rulebook: Any) -> Any:
        if event.type == "poison.raise":
            raise ZeroDivisionError("this event is poison")
        if event.type == "poison.kill":
            os.kill(os.getpid(), signal.SIGKILL)
        return step(state, event, rulebook)

    _replace(lead, step=poisoned)


PLANTS: dict[str, Plant] = {
    plant.__name__: plant
    for plant in (
        weak_writes,
        no_transactions,
        early_answers,
        positions_handed_out,
        newest_by_timestamp,
        all_or_nothing,
        no_leases,
        effects_without_a_key,
        hand_over_unrecorded,
        assignments_without_a_key,
        sequences_without_a_record,
        campaigns_without_a_record,
        small_batches,
        short_pages,
        small_rule_lab_steps,
        reports_without_marks,
        merged_streams_overlooked,
        random_decay_ids,
        deaf_to_sigterm,
        poisonous_events,
        standing_still,
    )
}


if __name__ == "__main__":
    main()
