"""One contract for the stores on MongoDB and for those of the simulation: what it finds holds for both or for neither."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from msgspec.structs import replace
from pymongo.errors import PyMongoError

from domain.automations.firing import Firing
from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from domain.events.event import NewEvent
from domain.events.log_cursor import LogCursor
from domain.events.partition import position_in
from domain.identity.membership import Merge
from domain.instant import SECOND
from domain.leads.fold import fold
from domain.leads.state import initial_state
from engine.capture.codec import EncodedEvent, encode
from engine.capture.log.event_log import Span
from engine.capture.log.subscription import Subscription
from engine.capture.log.writer import EventIdConflict, PositionConflict
from engine.leads.lead_document import Shown, StateWrite
from engine.leads.lead_store import StateConflict
from engine.store.mongo import transact
from engine.work.outcome import Outcome, Settlement
from tests.simulation.simulator.process import BEGINNING
from tests.simulation.simulator.world import World


class Undone(Exception):
    """Ends a transaction without a commit."""


def _events(*named: tuple[str, str]) -> list[EncodedEvent]:
    return [
        encode(
            NewEvent(
                event_id=event_id,
                lead_id=lead_id,
                type="signup",
                occurred_at=BEGINNING,
                received_at=BEGINNING,
                body_hash=f"body of {event_id}",
            )
        )
        for event_id, lead_id in named
    ]


async def _append(runtime, *named: tuple[str, str]) -> int:
    async def after_the_last(session):
        first = (await runtime.capture.writer.newest([0], session))[0] + 1
        await runtime.capture.writer.append(_events(*named), range(first, first + len(named)), session)
        return first

    return await transact(runtime.store.client, after_the_last)


async def _folded(runtime, lead_id: str):
    """What the stored events of a lead give."""
    stored = await runtime.capture.events.after({lead_id: NOTHING_APPLIED}, 100)
    return fold(
        initial_state(lead_id, runtime.rulebook), [event.decode() for event in stored], runtime.rulebook
    )


async def _write(runtime, state, read_at: int | None) -> None:
    change = StateWrite(state, read_at, Shown(state.assessment, None))
    await transact(runtime.store.client, lambda session: runtime.leads.states.write([change], session))


async def positions_have_no_hole_whatever_is_undone(runtime):
    assert await _append(runtime, ("e1", "ada"), ("e2", "bob")) == 1
    with pytest.raises(EventIdConflict) as refused:
        await _append(runtime, ("e3", "ada"), ("e1", "ada"))
    assert refused.value.stored == 0

    async def undone(session):
        await runtime.capture.writer.append(_events(("e4", "ada")), [3], session)
        raise Undone

    with pytest.raises(Undone):
        await transact(runtime.store.client, undone)
    assert await runtime.capture.log.last_position() == 2
    assert await _append(runtime, ("e5", "ada")) == 3
    known = await runtime.capture.writer.known({"e1", "e3", "e5"}, [0], None)
    assert {name: tuple(one) for name, one in known.items()} == {
        (0, "e1"): (1, "ada", "body of e1"),
        (0, "e5"): (3, "ada", "body of e5"),
    }


async def what_is_appended_without_a_transaction_is_stored_up_to_what_is_refused(runtime):
    await runtime.capture.writer.append(_events(("e1", "ada"), ("e2", "bob")), [1, 2])
    assert await runtime.capture.log.last_position() == 2
    for refusal, first, stored, events in (
        (PositionConflict, 2, 0, (("e3", "ada"), ("e4", "ada"))),
        (EventIdConflict, 3, 0, (("e1", "ada"), ("e4", "ada"))),
        (EventIdConflict, 3, 2, (("e3", "ada"), ("e4", "ada"), ("e2", "bob"), ("e5", "ada"))),
    ):
        with pytest.raises(refusal) as refused:
            await runtime.capture.writer.append(_events(*events), range(first, first + len(events)))
        assert refused.value.stored == stored
    known = await runtime.capture.writer.known({"e1", "e2", "e3", "e4", "e5"}, [0], None)
    assert {name: one.position for (_, name), one in known.items()} == {"e1": 1, "e2": 2, "e3": 3, "e4": 4}
    assert await runtime.capture.log.last_position() == 4


async def events_are_found_by_position_and_by_lead(runtime):
    await _append(runtime, ("e1", "ada"), ("e2", "bob"), ("e3", "ada"))
    leads_after = Subscription(runtime.capture.log).leads_after
    everything, two = {"ada": Span(1, 3), "bob": Span(2, 2)}, {"ada": Span(1, 1), "bob": Span(2, 2)}
    assert await leads_after(LogCursor((0,)), 100) == (everything, LogCursor((3,)))
    assert await leads_after(LogCursor((1,)), 1) == ({"bob": Span(2, 2)}, LogCursor((2,)))
    assert await leads_after(LogCursor((3,)), 100) == ({}, LogCursor((3,)))
    assert await leads_after(LogCursor((0,)), 100, up_to=LogCursor((2,))) == (two, LogCursor((2,)))
    assert await runtime.capture.events.last_of_lead("ada") == 3
    found = await runtime.capture.events.after({"ada": AppliedPositions(1), "bob": NOTHING_APPLIED}, 100)
    assert [(event.position, event.lead_id) for event in found] == [(3, "ada"), (2, "bob")]
    assert [event.position for event in await runtime.capture.events.of_lead("ada")] == [1, 3]
    assert [
        event.position for event in await runtime.capture.events.of_lead("ada", up_to=AppliedPositions(2))
    ] == [1]


async def the_first_of_two_appenders_wins_and_the_other_goes_on_after_it(runtime):
    firsts = await asyncio.gather(
        *(_append(runtime, (f"e{number}", "ada"), (f"f{number}", "ada")) for number in range(5))
    )
    assert sorted(firsts) == [1, 3, 5, 7, 9]


async def a_lead_is_written_only_over_what_was_read(runtime):
    await _append(runtime, ("e1", "ada"), ("e2", "ada"))
    state = (await _folded(runtime, "ada")).state
    await _write(runtime, state, None)
    assert await runtime.leads.states.get_many(["ada", "bob"]) == {"ada": state}
    assert await runtime.leads.states.positions(["ada", "bob"]) == {"ada": AppliedPositions(2)}
    for stale in (None, AppliedPositions(1), AppliedPositions(3)):
        with pytest.raises(StateConflict):
            await _write(runtime, state, stale)
    await _write(runtime, state, AppliedPositions(2))


async def a_transaction_sees_one_moment_of_the_store(runtime):
    await _append(runtime, ("e1", "ada"))

    async def look_twice(session):
        first = await runtime.capture.events.after({"ada": NOTHING_APPLIED}, 100, session)
        if await runtime.capture.log.last_position() == 1:
            await _append(runtime, ("e2", "ada"))
        return first, await runtime.capture.events.after({"ada": NOTHING_APPLIED}, 100, session)

    first, second = await transact(runtime.store.client, look_twice)
    assert [event.position for event in first] == [event.position for event in second] == [1]


async def history_has_one_row_an_event(runtime):
    await _append(runtime, ("e1", "ada"), ("e2", "ada"))
    rows = (await _folded(runtime, "ada")).rows
    await transact(runtime.store.client, lambda session: runtime.leads.history.add(rows[:1], session))
    with pytest.raises(PyMongoError):
        await transact(runtime.store.client, lambda session: runtime.leads.history.add(rows, session))
    assert (await runtime.leads.history.of_leads(["ada"]))["ada"] == [rows[0]]
    await transact(
        runtime.store.client, lambda session: runtime.leads.history.correct(rows[:1], rows, session)
    )
    assert (await runtime.leads.history.of_leads(["ada"]))["ada"] == list(rows)


async def an_execution_is_added_once_and_is_one_workers_at_a_time(runtime):
    at, lease, executions = BEGINNING, 5 * SECOND, runtime.automations.executions
    done = Outcome(verdict="done"), Settlement("done", at)
    firing = Firing(
        lead_id="ada",
        rule_id="rule",
        date_bucket="2026-11-22",
        cause_position=1,
        action={"type": "tag", "tag": "hot"},
        facts={},
    )

    async def add():
        return await transact(runtime.store.client, lambda session: executions.add([firing], at, session))

    async def due(until):
        return [one.unit_id for one in await executions.soonest(until, 10)]

    (identity,) = await add()
    assert await add() == []
    assert await due(at - 1) == []
    assert await due(at) == [identity]
    (first,) = await executions.claim([identity], at, lease)
    assert await executions.claim([identity], at, lease) == []
    (second,) = await executions.claim([identity], at + lease, lease)
    assert [len(one.attempts) for one in (first, second)] == [1, 2]
    assert not await executions.finish(first, *done), "too late, the second attempt has begun"
    await executions.release(first, at)
    assert await due(at + lease) == []
    await executions.release(second, at + lease)
    (third,) = await executions.claim([identity], at + lease, lease)
    assert await executions.finish(third, *done)
    assert await due(at + 3 * lease) == []
    assert await executions.claim([identity], at + 3 * lease, lease) == []


async def a_checkpoint_never_goes_back(runtime):
    begin, other = LogCursor.start(2), position_in(1, 4)
    assert await runtime.store.checkpoints.cursor("mark", 2) == begin
    for position in (5, 3):
        await runtime.store.checkpoints.advance("mark", begin.moved_to([position]))
    await runtime.store.checkpoints.advance("mark", begin.moved_to([other]))
    assert await runtime.store.checkpoints.cursor("mark", 2) == LogCursor((5, other))
    assert await runtime.store.checkpoints.last_lead("pass") == ""
    await runtime.store.checkpoints.advance_lead("pass", "bob")
    assert await runtime.store.checkpoints.last_lead("pass") == "bob"
    await runtime.store.checkpoints.clear("pass")
    assert await runtime.store.checkpoints.last_lead("pass") == ""


async def a_merged_stream_is_part_of_a_lead_until_it_is_parted(runtime):
    """Its events are then those of the lead, which are in the order of positions over all streams."""
    streams, events, at = runtime.identity.streams, runtime.capture.events, BEGINNING
    await _append(runtime, ("e1", "ada"), ("e2", "web"), ("e3", "ada"), ("e4", "tab"))

    async def merge(part, into):
        one = Merge(part, into, at)
        await transact(runtime.store.client, lambda session: streams.merge(part, one, session))
        return one

    first, second = await merge("tab", "web"), await merge("web", "ada")
    assert await streams.of_lead("tab") == ("ada", "tab", "web")
    assert (await streams.membership(["tab"])).leads(["tab", "bob"]) == ["ada", "bob"]
    assert sorted(await streams.merges_of("ada"), key=lambda one: one.stream) == [first, second]
    found = await events.after({"ada": AppliedPositions(1)}, 10)
    assert [(one.position, one.lead_id, one.stream_id) for one in found] == [
        *((2, "ada", "web"), (3, "ada", "ada"), (4, "ada", "tab")),
    ]
    assert [one.position for one in (await events.of_leads(["ada"]))["ada"]] == [1, 2, 3, 4]
    newest = partial(events.newest_of_streams, ["ada", "web"], 1)
    assert await transact(runtime.store.client, newest) == AppliedPositions(3)
    assert [(one.position, one.lead_id) for one in await events.of_lead("ada")] == [
        (position, "ada") for position in range(1, 5)
    ]
    undo = partial(streams.unmerge, second, ("web", "tab"), at + 1)
    await transact(runtime.store.client, undo)
    assert [await streams.lead_of(one) for one in ("ada", "tab", "web")] == ["ada", "web", "web"]
    assert await streams.merges_of("web") == [first]
    assert [one.position for one in await events.after({"ada": NOTHING_APPLIED}, 10)] == [1, 3]


async def a_lead_that_is_to_be_folded_again_has_applied_its_position(runtime):
    await _append(runtime, ("e1", "ada"))
    state = (await _folded(runtime, "ada")).state
    await _write(runtime, state, None)
    empty = initial_state("bob", runtime.rulebook)
    shown = Shown(state.assessment, None)

    async def restart(session):
        await runtime.leads.states.restart(StateWrite(state, None, shown), AppliedPositions(7), session)
        await runtime.leads.states.restart(StateWrite(empty, None, shown), AppliedPositions(8), session)

    await transact(runtime.store.client, restart)
    assert await runtime.leads.states.positions(["ada", "bob"]) == {
        "ada": AppliedPositions(7),
        "bob": AppliedPositions(8),
    }
    assert sorted(await runtime.leads.states.stale_under(runtime.rulebook.label, 10)) == ["ada", "bob"]
    await _write(runtime, state, AppliedPositions(7))
    assert await runtime.leads.states.stale_under(runtime.rulebook.label, 10) == ["bob"]
    await transact(runtime.store.client, partial(runtime.leads.states.remove, "ada"))
    assert await runtime.leads.states.positions(["ada", "bob"]) == {"bob": AppliedPositions(8)}


async def positions_of_two_partitions_are_compared_in_both(runtime):
    await _append(runtime, ("e1", "ada"))
    state = (await _folded(runtime, "ada")).state
    elsewhere = position_in(1, 4)
    before, moved = AppliedPositions.of([1, elsewhere]), AppliedPositions.of([2, elsewhere])
    both = replace(state, position=elsewhere, elsewhere=(1,))
    await _write(runtime, both, None)
    assert await runtime.leads.states.get_many(["ada"]) == {"ada": both}
    assert await runtime.leads.states.positions(["ada"]) == {"ada": before}
    await _write(runtime, replace(both, elsewhere=(2,)), before)
    for stale in (before, AppliedPositions(elsewhere), AppliedPositions(2)):
        with pytest.raises(StateConflict):
            await _write(runtime, both, stale)
    assert await runtime.leads.states.positions(["ada"]) == {"ada": moved}
    shown = Shown(state.assessment, None)

    async def restart(session):
        await runtime.leads.states.restart(StateWrite(state, None, shown), AppliedPositions(3), session)

    await transact(runtime.store.client, restart)
    assert await runtime.leads.states.positions(["ada"]) == {"ada": AppliedPositions(3)}


CONTRACT = (
    positions_of_two_partitions_are_compared_in_both,
    positions_have_no_hole_whatever_is_undone,
    what_is_appended_without_a_transaction_is_stored_up_to_what_is_refused,
    events_are_found_by_position_and_by_lead,
    the_first_of_two_appenders_wins_and_the_other_goes_on_after_it,
    a_lead_is_written_only_over_what_was_read,
    a_transaction_sees_one_moment_of_the_store,
    history_has_one_row_an_event,
    an_execution_is_added_once_and_is_one_workers_at_a_time,
    a_checkpoint_never_goes_back,
    a_merged_stream_is_part_of_a_lead_until_it_is_parted,
    a_lead_that_is_to_be_folded_again_has_applied_its_position,
)


@pytest.mark.parametrize("promise", CONTRACT, ids=lambda promise: promise.__name__)
async def test_on_mongodb(runtime, promise):
    await promise(runtime)


@pytest.mark.parametrize("promise", CONTRACT, ids=lambda promise: promise.__name__)
def test_in_memory(promise):
    world = World(0)
    world.turmoil = 0

    async def keep():
        await promise(world.start("api").runtime)

    world.loop.run(keep())
