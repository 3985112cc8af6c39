"""Shares of all leads are complete and disjoint, and each continues from a checkpoint of its own."""

from __future__ import annotations

import pytest

from domain.leads.share import ALL_LEADS, Share
from workflows.replay import replay as module
from workflows.replay.checkpoint import forget_checkpoints
from workflows.replay.replay import replay
from workflows.replay.report import Move, ReplayReport

LEADS = [f"lead-{n:02}" for n in range(24)]


@pytest.fixture
async def populated(runtime, send, apply):
    for lead in LEADS:
        await send(lead, "page_view", "signup")
    await apply(*LEADS)


@pytest.mark.parametrize("shares", [1, 2, 3, 7])
def test_every_lead_is_in_exactly_one_share(shares):
    ids = [*LEADS, "", "ü", "\N{PILE OF POO}", *(f"anonymous-{n}" for n in range(500))]
    holders = [[Share(number, shares).holds(lead) for number in range(shares)] for lead in ids]
    assert [sum(held) for held in holders] == [1] * len(ids)
    assert all(sum(column) > len(ids) / shares / 2 for column in zip(*holders, strict=True))


def test_the_share_of_a_lead_is_the_same_in_every_process_and_release():
    held = [Share(0, 2).holds(lead) for lead in LEADS[:8]]
    assert held == [False, False, False, False, True, True, True, False]


async def test_the_shares_together_replay_what_one_replay_of_all_leads_does(runtime, populated, tamper):
    await tamper("activities", 99, "lead-03")
    whole = await replay(runtime, "verify")
    reports = [await replay(runtime, "verify", share=Share(number, 3)) for number in range(3)]
    assert all(report.leads for report in reports)
    assert ReplayReport.sum_of(reports) == whole
    assert whole.drifted == ["lead-03"]


async def test_a_stopped_share_continues_from_its_own_checkpoint_and_a_finished_one_has_nothing_left(
    runtime, populated, tamper, monkeypatch
):
    monkeypatch.setattr(module, "_LEADS_AT_A_TIME", 5)
    await tamper("rulebook", "older@1")

    def stop(report):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await replay(runtime, share=Share(0, 2), on_progress=stop)
    theirs = await replay(runtime, share=Share(1, 2))
    rest = await replay(runtime, share=Share(0, 2))
    assert rest.leads + theirs.leads + 5 == len(LEADS)
    assert (await replay(runtime, "verify")).drifted == []

    await forget_checkpoints(runtime, runtime.rulebook)
    assert (await replay(runtime, share=Share(0, 2))).leads == rest.leads + 5


async def test_checkpoints_of_another_rulebook_stay(runtime, populated):
    checkpoints = runtime.store.checkpoints
    label = runtime.rulebook.label  # classic@2
    kept = (f"replay:{label}0", f"replay:{label}0:1/2", "dispatcher")
    for name in (*kept, f"replay:{label}", f"replay:{label}:1/2", f"replay:{label}:2/2"):
        await checkpoints.advance_lead(name, "lead-03")
    await forget_checkpoints(runtime, runtime.rulebook)
    assert [await checkpoints.last_lead(name) for name in kept] == ["lead-03"] * 3
    assert await checkpoints.last_lead(f"replay:{label}") == ""
    assert await checkpoints.last_lead(f"replay:{label}:2/2") == ""


async def test_leads_are_found_page_by_page_however_many_events_one_of_them_has(
    runtime, populated, send, apply, monkeypatch
):
    await send("lead-05", *(["page_view"] * 40))
    await apply("lead-05")
    monkeypatch.setattr("engine.capture.event_store._LEAD_IDS_FROM_EVENTS", 7)
    monkeypatch.setattr(module, "_LEADS_AT_A_TIME", 5)
    report = await replay(runtime, "verify", share=ALL_LEADS)
    assert (report.leads, report.events, report.drifted) == (24, 24 * 2 + 40, [])


def test_a_sum_of_reports_keeps_the_largest_moves_and_names_drifted_leads_in_order():
    moves = [Move(f"lead-{n}", 0.0, float(n), "cold", "warm") for n in range(1, 16)]
    first, second = ReplayReport(leads=1, drifted=["b"]), ReplayReport(leads=2, drifted=["a"])
    for move in moves:
        (first if move.score_after % 2 else second).add_move(move)
    total = ReplayReport.sum_of([first, second])
    assert (total.leads, total.drifted, total.changed_stage) == (3, ["a", "b"], 15)
    assert [move.score_after for move in total.moves] == [float(n) for n in range(15, 5, -1)]
