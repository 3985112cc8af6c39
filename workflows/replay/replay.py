"""Replay of all events: rebuilds leads, verifies them, or tries out another rulebook. Fires no automation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pymongo.errors import PyMongoError

from domain.events.applied_positions import AppliedPositions
from domain.events.log_cursor import LogCursor
from domain.leads.assess import assess
from domain.leads.fold import Folded, refold
from domain.leads.share import ALL_LEADS, Share
from domain.leads.state import initial_state
from domain.rulebooks.compiled import CompiledRulebook
from engine.capture.stored_event import StoredEvent
from engine.leads.lead_document import StoredLead, UnreadableLead
from engine.runtime import Runtime
from engine.store.mongo import Session, transact
from engine.store.prefetch import prefetch
from workflows.dispatch.reconcile import APPLIED
from workflows.leads.rebuild import rebuild_lead
from workflows.replay.checkpoint import Mark, ReplayCheckpoint, forget_checkpoints
from workflows.replay.report import Move, ReplayReport

__all__ = ["Mode", "replay"]

_LEADS_AT_A_TIME = 200
_LEADS_PER_TURN = 5
"""Leads that are folded in one turn of the event loop. What is read of the next ones arrives in pieces, one per turn."""
_MANY_EVENTS = 2_000
"""Of one lead, which are folded in a thread: a worker has other work on its event loop."""
_REBUILDS_AT_ONCE = 8
"""Transactions in flight; they touch different leads, so they do not wait for each other."""

Mode = Literal["rebuild", "verify", "dry-run"]


async def replay(
    runtime: Runtime,
    mode: Mode = "rebuild",
    *,
    lead_id: str | None = None,
    rulebook: CompiledRulebook | None = None,
    share: Share = ALL_LEADS,
    mark: Mark | None = None,
    on_progress: Callable[[ReplayReport], None] = lambda _: None,
) -> ReplayReport:
    """Replay the leads of a share, or one lead, up to the position that each has applied, while ingestion goes on.

    `rebuild` corrects in its own transaction each lead that differs, and continues from the checkpoint of a stopped one.
    With a `mark` it begins at that, whatever the mode, and what the mark raises ends it.
    `verify` lists leads whose state or history differs in any bit. `dry-run` compares with `rulebook` instead.
    Where there are several shares, call `forget_checkpoints` when all of them are done.
    """
    rules, report = rulebook or runtime.rulebook, ReplayReport()
    this = _Pass(runtime, mode, rules, await _applied(runtime), report)
    has_checkpoint = mode == "rebuild" and lead_id is None and mark is None
    if has_checkpoint:
        mark = ReplayCheckpoint(runtime, rules, share)
    after = await mark.last_lead() if mark else ""
    if lead_id is not None:
        lead_id = await runtime.identity.streams.lead_of(lead_id)
    batches = _batches(runtime, share, after) if lead_id is None else _only(lead_id)

    async def find_next() -> _Found | None:
        batch = await anext(batches, None)
        return await this.find(batch) if batch else None

    async with aclosing(prefetch(find_next)) as reading:
        async for found in reading:
            await this.work_through(found)
            if mark and found.events:
                await mark.passed(max(found.events), report)
            on_progress(report)
    if has_checkpoint and share == ALL_LEADS:
        await forget_checkpoints(runtime, rules)
    return report


async def _applied(runtime: Runtime) -> LogCursor:
    return await runtime.store.checkpoints.cursor(APPLIED, runtime.capture.log.partitions)


async def _only(lead_id: str) -> AsyncIterator[list[str]]:
    yield [lead_id]


async def _batches(runtime: Runtime, share: Share, after: str) -> AsyncIterator[list[str]]:
    """The ids of the leads of a share that have events, some at a time, in their order."""
    waiting: list[str] = []
    while page := await runtime.capture.events.lead_ids_after(after):
        after = page[-1]
        merged = (await runtime.identity.streams.membership(page)).lead_of
        waiting += [one for one in page if merged.get(one, one) == one and share.holds(one)]
        while len(waiting) >= _LEADS_AT_A_TIME:
            yield waiting[:_LEADS_AT_A_TIME]
            waiting = waiting[_LEADS_AT_A_TIME:]
    if waiting:
        yield waiting


class _Found(NamedTuple):
    """The events of some leads, and what is stored of these leads: states, and rows where these are compared."""

    events: Mapping[str, Sequence[StoredEvent]]
    stored: Mapping[str, StoredLead]
    rows: bytes


class _Replayed(NamedTuple):
    """A lead as it is stored and as its events say it should be."""

    lead_id: str
    stored: StoredLead | None
    folded: Folded


@dataclass(frozen=True)
class _Pass:
    """One replay. A lead that is not stored is folded up to the place `never_stored`."""

    runtime: Runtime
    mode: Mode
    rules: CompiledRulebook
    never_stored: LogCursor
    report: ReplayReport

    @property
    def _unstored_up_to(self) -> AppliedPositions:
        return AppliedPositions.of(self.never_stored.positions)

    async def find(self, lead_ids: Sequence[str]) -> _Found:
        """Read what is stored of these leads: the rows after the states, so that no row of a state is missing."""
        events, (leads, rows) = await asyncio.gather(
            self.runtime.capture.events.of_leads(lead_ids), self._leads_and_rows(lead_ids)
        )
        return _Found(events, leads, rows)

    async def _leads_and_rows(self, lead_ids: Sequence[str]) -> tuple[Mapping[str, StoredLead], bytes]:
        leads = await self.runtime.leads.states.get_encoded(lead_ids)
        if self.mode == "dry-run":
            return leads, b""
        compared = [lead_id for lead_id in lead_ids if self._is_current(leads.get(lead_id))]
        return leads, await self.runtime.leads.history.as_stored(compared)

    async def work_through(self, found: _Found) -> None:
        """Fold the leads, compare them, and correct what is to be corrected."""
        replayed = await self._fold(found)
        if self.mode == "dry-run":
            self._compare(replayed)
            return
        if self.mode == "verify":
            current = [lead for lead in replayed if self._is_current(lead.stored)]
            self.report.outdated += len(replayed) - len(current)
            replayed = current
        drifted = await self._drifted(replayed, found.rows)
        if self.mode == "verify":
            looked_at = {lead_id: await self._drifts_at_one_moment(lead_id) for lead_id in drifted}
            self.report.outdated += sum(drifts is None for drifts in looked_at.values())
            drifted = [lead_id for lead_id, drifts in looked_at.items() if drifts]
        self.report.drifted += drifted
        if self.mode == "rebuild":
            await self._rebuild(drifted)

    def _is_current(self, stored: StoredLead | None) -> bool:
        """Whether a lead is not one that is still to be rebuilt under these rules."""
        return stored is None or stored.is_current(self.rules.label)

    async def _fold(self, found: _Found) -> list[_Replayed]:
        """Fold each lead up to the positions it has applied."""
        result = []
        for number, (lead_id, events) in enumerate(found.events.items()):
            if number % _LEADS_PER_TURN == 0:
                await asyncio.sleep(0)
            lead = found.stored.get(lead_id)
            self.report.leads += 1
            try:
                folded = await self._folded(lead_id, events, lead.applied if lead else None)
            except PyMongoError:
                raise
            except Exception as error:  # noqa: BLE001 - one lead that cannot be folded must not end the replay
                self.report.failed[lead_id] = f"{type(error).__name__}: {error}"
                continue
            self.report.events += len(folded.rows)
            if folded.rows:
                result.append(_Replayed(lead_id, lead, folded))
        return result

    async def _folded(
        self, lead_id: str, stored: Sequence[StoredEvent], applied: AppliedPositions | None
    ) -> Folded:
        up_to = self._unstored_up_to if applied is None else applied
        if applied is not None and not AppliedPositions.of(one.position for one in stored).reaches(
            applied
        ):  # it has moved on since they were read
            stored = (await self.runtime.capture.events.of_leads([lead_id]))[lead_id]
        if len(stored) > _MANY_EVENTS:
            return await asyncio.to_thread(self._fold_events, lead_id, stored, up_to)
        return self._fold_events(lead_id, stored, up_to)

    def _fold_events(self, lead_id: str, stored: Sequence[StoredEvent], up_to: AppliedPositions) -> Folded:
        events = [event.decode() for event in stored if up_to.includes(event.position)]
        return refold(initial_state(lead_id, self.rules), events, self.rules)

    async def _drifted(self, leads: Sequence[_Replayed], rows: bytes) -> list[str]:
        """The leads whose stored state or history is not, bit for bit, what their events give."""
        right = {lead.lead_id: lead.folded.rows for lead in leads if self._is_current(lead.stored)}
        other = await self.runtime.leads.history.differing(right, rows)
        return [
            lead.lead_id
            for lead in leads
            if lead.stored is None or lead.lead_id in other or not lead.stored.holds(lead.folded.state)
        ]

    async def _drifts_at_one_moment(self, lead_id: str) -> bool | None:
        """A second look, at state, rows and events of one moment: a worker may have folded the lead again in between.

        None for a lead that is being folded in slices, whose history is corrected up to a moment only.
        """
        runtime = self.runtime

        async def look(session: Session) -> bool | None:
            if await runtime.leads.slices.get_many([lead_id], session):
                return None
            stored = (await runtime.leads.states.get_encoded([lead_id], session)).get(lead_id)
            if stored is None:
                return True
            events = (await runtime.capture.events.of_leads([lead_id], session))[lead_id]
            folded = await asyncio.to_thread(self._fold_events, lead_id, events, stored.applied)
            rows = (await runtime.leads.history.of_leads([lead_id], session)).get(lead_id, [])
            return not stored.holds(folded.state) or tuple(rows) != folded.rows

        return await transact(runtime.store.client, look)

    async def _rebuild(self, lead_ids: Sequence[str]) -> None:
        for start in range(0, len(lead_ids), _REBUILDS_AT_ONCE):
            some = lead_ids[start : start + _REBUILDS_AT_ONCE]
            await asyncio.gather(
                *(rebuild_lead(self.runtime, lead_id, up_to=self._unstored_up_to) for lead_id in some)
            )
            self.report.rebuilt += len(some)

    def _compare(self, leads: Sequence[_Replayed]) -> None:
        """Report the leads that the rules would move, of those that the active rulebook has scored."""
        active = self.runtime.rulebook
        for lead in leads:
            if lead.stored is None or not lead.stored.is_current(active.label):
                continue
            try:
                stored = lead.stored.decode()
            except UnreadableLead:
                continue
            at = max(self.runtime.now(), stored.clock)
            before, after = assess(stored, at, active), assess(lead.folded.state, at, self.rules)
            self.report.add_move(Move(lead.lead_id, before.score, after.score, before.stage, after.stage))
