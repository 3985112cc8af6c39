"""Senders, processes and a queue in which everything that can go wrong does, now and then, as the seed says."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

from pymongo.errors import PyMongoError

from domain.errors import LeadEngineError, Unavailable
from domain.events.applied_positions import AppliedPositions
from domain.events.event import NewEvent
from domain.instant import DAY, HOUR, MINUTE
from domain.privacy.personal_fields import PersonalFields
from domain.rulebooks.compiled import compile_rulebook
from engine.automations.actions.event import AppendEvent
from engine.automations.actions.tag import AddTag
from engine.automations.actions.task import CreateTask
from engine.capture.log.appender import Appender
from engine.leads.lead_locks import LeadLocks
from engine.leads.refold_budget import RefoldBudget
from engine.operations.audit_log import Actor
from engine.queue.broker import LEADS
from engine.rulebooks.library import load_rulebook
from engine.settings import Settings
from engine.work.loop import WorkLoop
from engine.work.unit import CLAIMABLE
from engine.work.wakeups import WorkWakeUps
from tests.faults.harness.memberships import Memberships
from tests.simulation.simulator import stores
from tests.simulation.simulator.faults import faults_of
from tests.simulation.simulator.loop import SimulatedLoop
from tests.simulation.simulator.memory import Client, Memory
from tests.simulation.simulator.process import BEGINNING, Process, WorkQueue
from workflows.automations.run_execution import automation_kind
from workflows.decay.decay import apply_decay
from workflows.dispatch.dispatch import dispatch_once
from workflows.dispatch.reconcile import reconcile
from workflows.identity.merge import merge, unmerge
from workflows.leads.process import process_leads
from workflows.leads.rebuild_outdated import rebuild_outdated

__all__ = ["World"]

TYPES = ("page_view", "email_open", "download", "signup", "demo_request")
LATELY = (0, MINUTE, 5 * HOUR, 8 * DAY)
LONG_AGO = (8 * DAY, 9 * DAY, 20 * DAY)
"""How old events are when they are sent."""
QUIET = 0.2
"""Share of worlds whose leads have done nothing for a week, so that their scores decay."""
MERGES = 0.4
"""Share of worlds in which people merge and un-merge leads meanwhile."""
CALM_SECONDS = 300.0
"""Simulated time in which everything must be applied once nothing goes wrong any more."""
KINDS = ("api", "api", "dispatcher", "dispatcher", "worker", "worker", "scheduler")
LEAD_IDS = ("lead-0", "lead-1", "lead-2")
PERSON = Actor("key", "tests", "k1")
MERGE_SECONDS = 30.0
MAX_TRIES = 100
POLL_SECONDS = 2.0
FAILURE = 0.02
"""Share of calls to the database and the queue that fail, before calm."""


@cache
def _rulebook():
    return compile_rulebook(load_rulebook("classic"))


@cache
def _settings() -> Settings:
    return Settings(
        _env_file=None, fold_batch_leads=2, execution_lease_seconds=5, execution_backoff_seconds=0.1
    )


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """What the engine has to say of all that goes wrong on purpose."""
    loggers = [logging.getLogger(name) for name in ("workflows", "engine")]
    before = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


class Nothing:
    """A store of what no world has: nothing is found, and what is written is not looked at."""

    async def drop(self, *_: object) -> None: ...

    async def end(self, *_: object) -> None: ...

    async def add(self, *_: object) -> None: ...

    async def settle(self, *_: object) -> None: ...


class NobodysCompany:
    """The changes of accounts in worlds in which nobody says a company."""

    async def add(self, accounts: Collection[str], session: object = None) -> None:
        assert not accounts


class World:
    """Everything there is in one run. `plants` change parts of it for controls."""

    def __init__(self, seed: int, plants: tuple[Callable[[World], None], ...] = ()) -> None:
        self.chance = random.Random(seed)
        self.loop = SimulatedLoop()
        self.memory = Memory()
        self.queue: list[tuple[str, list[str]]] = []
        self.processes: list[Process] = []
        self.acknowledged: dict[str, int] = {}
        self.broken: list[str] = []
        self.turmoil = FAILURE
        self.is_quiet = self.chance.random() < QUIET
        self.has_merges = self.chance.random() < MERGES
        self.without_isolation = ""
        self.stores = SimpleNamespace(**{name: getattr(stores, name) for name in stores.__all__})
        self.process_leads, self.dispatch, self.reconcile = process_leads, dispatch_once, reconcile
        self.work_queue: type[WorkQueue] = WorkQueue
        self.client: type[Client] = Client
        self.rulebook = _rulebook()
        for plant in plants:
            plant(self)

    def wire(self, process: Process, now: Callable[[], int]) -> Any:
        """What `open_runtime` does, with other parts."""
        made = {name: store(self.memory, process) for name, store in vars(self.stores).items()}
        client = self.client(self.memory, process, isolated=process.kind != self.without_isolation)
        appender = Appender(
            client,
            made["EventStore"],
            batch_events=5,
            linger_seconds=0.002,
            queue_events=1000,
        )
        work_queue = self.work_queue(self, process)
        return SimpleNamespace(
            settings=_settings(),
            rulebook=self.rulebook,
            now=now,
            work_queue=work_queue,
            store=SimpleNamespace(client=client, checkpoints=made["Checkpoints"]),
            capture=SimpleNamespace(
                appender=appender,
                events=made["EventStore"],
                log=made["EventStore"],
                writer=made["EventStore"],
                notifications=SimpleNamespace(publish=lambda: None),
            ),
            sequences=SimpleNamespace(enrolments=SimpleNamespace(is_any_active=_none_is_active)),
            leads=SimpleNamespace(
                states=made["LeadStore"],
                history=made["HistoryStore"],
                locks=LeadLocks(),
                checkpoints=Nothing(),  # no lead here has the thousand events that it takes
                slices=Nothing(),  # nor the five thousand
                refolds=RefoldBudget(5000),  # which no web page here spends
                notifications=SimpleNamespace(publish=self.publish),
            ),
            identity=SimpleNamespace(streams=made["StreamStore"]),
            accounts=SimpleNamespace(changes=NobodysCompany()),
            automations=SimpleNamespace(
                executions=made["ExecutionStore"],
                tasks=made["TaskStore"],
                task_owners=Nothing(),  # no lead here has an owner
                actions={"task": CreateTask(made["TaskStore"]), "tag": AddTag(), "event": AppendEvent()},
            ),
            work=SimpleNamespace(wake_ups=WorkWakeUps(work_queue)),
            operations=SimpleNamespace(dead_letters=made["DeadLetters"], audit=Nothing()),
            privacy=SimpleNamespace(fields=PersonalFields(())),
            teams=SimpleNamespace(routing=SimpleNamespace(current=None)),  # nobody to give leads to
        )

    def publish(self, applied: Mapping[str, AppliedPositions]) -> None:
        """A process publishes how far leads have been applied: subscribers must be able to read it by then."""
        for position in itertools.chain.from_iterable(one.positions for one in applied.values()):
            stream_id = self.memory.get("events", position)["leadId"]
            lead_id, *_ = self.memory.get("leadStreams", stream_id) or (stream_id,)
            state = self.memory.get("leads", lead_id)
            if state is None or not state.applied.includes(position):
                self.broken.append(f"{lead_id} was published to be at {position} before it was")

    def start(self, kind: str) -> Process:
        process = Process(self, kind)
        process.runtime.capture.appender.start()
        for work in WORK.get(kind, ()):
            process.tasks.append(self.loop.create_task(work(self, process)))
        self.processes.append(process)
        return process

    def run(self) -> list[str]:
        """Live from beginning to end. Returns every broken promise."""
        with _silence():
            faults: list[str] = self.loop.run(self._live())
        return faults + [f"nobody looked at: {failure}" for failure in self.loop.failures]

    async def _live(self) -> list[str]:
        """Send, work, crash; then in calm catch up."""
        self.enqueued = asyncio.Event()
        for kind in KINDS:
            self.start(kind)
        senders = [self.loop.create_task(self._send(number)) for number in range(3)]
        if self.has_merges:
            senders += [self.loop.create_task(self._merge_and_unmerge()) for _ in range(2)]
        await asyncio.gather(*senders, self._crash_now_and_then())
        if self.is_quiet:
            self.start("decay")
            self.start("decay")
            await self._crash_now_and_then()
        self.turmoil = 0.0
        return await self._catch_up() + self.broken + faults_of(self)

    async def _send(self, sender: int) -> None:
        """Send a few events, old and new, each until it is acknowledged, some of them twice."""
        chance = self.chance
        for number in range(chance.randint(1, 4)):
            await asyncio.sleep(chance.random())
            at = BEGINNING + round(self.loop.time() * 1000)
            events = [
                NewEvent(
                    event_id=f"{sender}-{number}-{item}",
                    lead_id=chance.choice(LEAD_IDS),
                    type=chance.choice(TYPES),
                    occurred_at=at
                    - chance.choice(LONG_AGO if self.is_quiet else LATELY)
                    - chance.randrange(1000),
                    received_at=at,
                    body_hash="body",
                )
                for item in range(chance.randint(1, 2))
            ]
            for _ in range(chance.choice((1, 1, 1, 2))):
                await self._send_until_acknowledged(events)

    async def _send_until_acknowledged(self, events: list[NewEvent]) -> None:
        for _ in range(MAX_TRIES):
            api = self.chance.choice([one for one in self.processes if one.kind == "api" and not one.dead])
            try:
                results = await api.runtime.capture.appender.append(events)
            except Unavailable:
                await asyncio.sleep(1)
                continue
            for result in results:
                if self.acknowledged.setdefault(result.event_id, result.position) != result.position:
                    self.broken.append(f"{result.event_id} was acknowledged at two positions")
                if result.status == "conflict":
                    self.broken.append(f"{result.event_id} was called a conflict")
            return
        self.broken.append(f"{events[0].event_id} was never taken")

    async def _merge_and_unmerge(self) -> None:
        """People say which leads are one, and which are not; what fails is said once more, or not."""
        chance = self.chance
        for _ in range(chance.randint(1, 4)):
            await asyncio.sleep(chance.random())
            part, whole = chance.sample(LEAD_IDS, 2)
            is_merge = chance.random() < 0.6
            for _ in range(chance.randint(1, 3)):
                alive = [one for one in self.processes if one.kind == "api" and not one.dead]
                runtime = chance.choice(alive).runtime
                try:
                    async with asyncio.timeout(MERGE_SECONDS):  # the process may die
                        if is_merge:
                            await merge(runtime, PERSON, part, whole, "one person")
                        else:
                            await unmerge(runtime, PERSON, part, "two people")
                    break
                except (LeadEngineError, PyMongoError, TimeoutError):
                    await asyncio.sleep(chance.random())

    async def _crash_now_and_then(self) -> None:
        for _ in range(self.chance.randint(0, 4)):
            await asyncio.sleep(self.chance.random() * 1.5)
            victim = self.chance.choice([one for one in self.processes if not one.dead])
            replacement = self.start(victim.kind) if victim.kind == "api" else None
            victim.die()
            if replacement is None:
                await asyncio.sleep(self.chance.random())
                self.start(victim.kind)

    async def _work(self, worker: Process) -> None:
        while not worker.dead:
            if not self.queue:
                self.enqueued.clear()
                await self.enqueued.wait()
                continue
            message = self.queue.pop(self.chance.randrange(len(self.queue)))
            queue, ids = message
            try:
                if queue == LEADS:
                    await self.process_leads(worker.runtime, ids)
                else:
                    worker.runtime.work.wake_ups.wake_here(ids[0])
            except (PyMongoError, Unavailable):
                if self.chance.random() < 0.7:  # else its retries are used up
                    await asyncio.sleep(self.chance.random())
                    self.queue.append(message)
                    self.enqueued.set()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                self.broken.append(f"a worker raised {type(error).__name__}: {error}")

    async def _work_due(self, worker: Process) -> None:
        kind = automation_kind(worker.runtime)
        loop = WorkLoop(
            kind,
            worker.runtime.now,
            poll_seconds=POLL_SECONDS,
            max_pass_seconds=None,
            jitter=self.chance.random,
        )
        with worker.runtime.work.wake_ups.registered(kind.name, loop.wake):
            await loop.run()

    async def _dispatch(self, dispatcher: Process) -> None:
        while not dispatcher.dead:
            try:
                if await self.dispatch(dispatcher.runtime):
                    continue
            except (Unavailable, PyMongoError):
                pass
            await asyncio.sleep(1)

    async def _schedule(self, scheduler: Process) -> None:
        while not scheduler.dead:
            with contextlib.suppress(LeadEngineError, PyMongoError):
                await self.reconcile(scheduler.runtime)
                await rebuild_outdated(scheduler.runtime)
            await asyncio.sleep(2)

    async def _decay(self, job: Process) -> None:
        """One pass. One that fails is made up for on another day."""
        with contextlib.suppress(LeadEngineError, PyMongoError):
            await apply_decay(job.runtime)
        job.is_done = True

    async def _catch_up(self) -> list[str]:
        for _ in itertools.repeat(None, int(CALM_SECONDS)):
            if not (open_still := self._open_still()):
                return []
            await asyncio.sleep(1)
        return [f"never done: {sorted(open_still)[:3]}"]

    def _open_still(self) -> set[str]:
        events, leads = self.memory.all("events"), self.memory.all("leads")
        memberships = Memberships(doc for _, doc in sorted(events.items()))
        stored = defaultdict(list)
        for at, doc in events.items():
            stored[memberships.lead_of(doc["leadId"])].append(at)
        behind = {
            lead
            for lead, positions in stored.items()
            if lead not in leads or leads[lead].applied != AppliedPositions.of(positions)
        }
        behind |= {lead for lead, state in leads.items() if state.rulebook != self.rulebook.label}
        jobs = {one.kind for one in self.processes if not (one.dead or one.is_done)}
        executions = self.memory.all("executions").values()
        return behind | jobs | {one.unit_id for one in executions if one.state in CLAIMABLE}


WORK = {
    "worker": (World._work, World._work, World._work_due),  # two messages at a time
    "dispatcher": (World._dispatch,),
    "scheduler": (World._schedule,),
    "decay": (World._decay,),
}


async def _none_is_active() -> bool:
    """No lead here is enrolled in a sequence."""
    return False
