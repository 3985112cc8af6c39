"""A preview says what a rulebook would do to leads; what was previewed is what happens."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter

import pytest

from domain.errors import Conflict, Invalid
from domain.leads.assess import assess
from domain.rule_lab.sample import ALL, end_of_round, place_of
from engine.operations.audit_log import ENGINE
from engine.rule_lab.preview_store import PreviewMoved
from tests.workflows.rule_lab.conftest import LEADS, rules
from workflows.leads.rebuild_outdated import rebuild_outdated
from workflows.privacy.erase import erase_personal_data
from workflows.rule_lab.background import work_on_previews
from workflows.rule_lab.publish import Limits, preview_for, publish_preview, roll_back_rulebook
from workflows.rule_lab.run_preview import run_preview
from workflows.rule_lab.start import CLAIM, Wanted, start_preview


async def stages(runtime):
    found = await runtime.leads.states.get_many(await runtime.leads.states.ids_after("", 1000))
    return {
        lead: assess(state, max(runtime.now(), state.clock), runtime.rulebook).stage
        for lead, state in found.items()
    }


async def all_leads(runtime, preview, *tags):
    return await runtime.rule_lab.leads.page(preview.preview_id, tags, None, 1000)


async def test_what_was_previewed_is_what_happens(runtime, leads, preview):
    before = await stages(runtime)
    done = await run_preview(runtime, await preview(rules(2, visit=9)))
    executions = await runtime.store.database["automationExecutions"].count_documents({})
    rows = {one.lead_id: one for one in await all_leads(runtime, done)}
    assert {lead: one.now.stage for lead, one in rows.items()} == before
    previous = await publish_preview(runtime, ENGINE, done, done.digest, Limits())
    while await rebuild_outdated(runtime):
        pass
    after = await stages(runtime)
    assert previous == "mine@1"
    assert {lead: one.then.stage for lead, one in rows.items()} == after
    moved = {lead for lead, one in rows.items() if one.moved != "not"}
    assert moved == {lead for lead in before if before[lead] != after[lead]}
    assert 0 < len(moved) < LEADS
    assert await runtime.store.database["automationExecutions"].count_documents({}) == executions


async def test_every_number_has_its_leads(runtime, leads, preview):
    done = await run_preview(runtime, await preview(rules(2, visit=9)))
    figures = done.progress.figures
    assert (done.progress.state, figures.leads, figures.failed, done.progress.of) == ("done", LEADS, 0, LEADS)
    for moved, ended in figures.ended.items():
        for name, number in ended.items():
            assert len(await all_leads(runtime, done, f"moved:{moved}", f"ended:{name}")) == number
    for pair, number in figures.stages.items():
        assert len(await all_leads(runtime, done, f"stages:{pair}")) == number
    for rule, alerts in figures.alerts.items():
        assert len(await all_leads(runtime, done, f"then:{rule}")) == alerts.leads_then
        found = await all_leads(runtime, done, f"new:{rule}")
        assert sum(Counter(one.new_alerts)[rule] for one in found) == alerts.new
        assert Counter(one.ended for one in found) == alerts.ended_new
        lost = await all_leads(runtime, done, f"lost:{rule}")
        assert Counter(one.ended for one in lost) == alerts.ended_lost
    assert figures.alerts["call"].new > 0
    assert figures.alerts["call"].ended_new["won"] > 0
    largest = (await all_leads(runtime, done))[0]
    assert sum(one.points for one in largest.now.reasons) == pytest.approx(largest.now.score, abs=1e-3)
    assert sum(one.points for one in largest.then.reasons) == pytest.approx(largest.then.score, abs=1e-3)
    assert done.progress.ranking.auc_then < done.progress.ranking.auc_now  # a demo says more than visits do


async def test_the_control_the_same_rules_move_nobody(runtime, leads, preview):
    done = await run_preview(runtime, await preview(rules(2)))
    figures = done.progress.figures
    assert (set(figures.ended), figures.difference) == ({"not"}, 0)
    assert all((one.new, one.lost) == (0, 0) and one.now == one.then for one in figures.alerts.values())
    assert figures.alerts["quiet"].now > 0  # the passing of time is simulated
    ranking = done.progress.ranking
    assert (ranking.auc_now, ranking.interval) == (ranking.auc_then, (0, 0))


async def test_samples_are_nested_and_each_round_doubles_them(runtime, leads, preview):
    seen = []
    await run_preview(runtime, await preview(rules(2, visit=9)), lambda one: seen.append(one.shown.leads))
    places = sorted(map(place_of, leads))
    first = places[10]
    sizes = [sum(place < end_of_round(first, n) for place in places) for n in range(10)]
    assert sizes[0] == 10
    assert set(seen[1:]) <= {*sizes, LEADS}
    assert seen[-1] == LEADS
    assert place_of("lead-000") < ALL


async def test_a_preview_that_was_killed_goes_on_to_the_same_figures(runtime, leads, preview, monkeypatch):
    monkeypatch.setattr("workflows.rule_lab.run_preview._LEADS_AT_A_TIME", 7)
    whole = await run_preview(runtime, await preview(rules(2, visit=9)))
    running, kills = await preview(rules(3, visit=9)), 0
    while running.progress.state == "running":
        steps = 0

        def killed(_):
            nonlocal steps
            steps += 1
            if steps == 2:
                raise asyncio.CancelledError

        try:
            await run_preview(runtime, running, killed)
        except asyncio.CancelledError:
            kills += 1
        running = await runtime.rule_lab.previews.get(running.preview_id)
    assert kills > 2
    assert running.progress.figures == whole.progress.figures
    assert running.progress.ranking == whole.progress.ranking
    assert len(await all_leads(runtime, running)) == LEADS


async def test_two_processes_never_count_a_lead_twice(runtime, leads, preview):
    begun = await preview(rules(2, visit=9))
    results = await asyncio.gather(*(run_preview(runtime, begun) for _ in range(2)), return_exceptions=True)
    assert any(isinstance(one, PreviewMoved) for one in results)
    assert await work_on_previews(runtime) in {0, 1}
    found = await runtime.rule_lab.previews.get(begun.preview_id)
    assert (found.progress.figures.leads, found.progress.state) == (LEADS, "done")


async def test_publishing_demands_what_was_previewed(runtime, leads, preview):
    begun = await preview(rules(2, visit=9))
    with pytest.raises(Conflict, match="not come to the end of its sample"):
        await publish_preview(runtime, ENGINE, begun, begun.digest, Limits())
    with pytest.raises(Conflict, match="not come to the end of its sample"):
        await preview_for(runtime, begun.digest)
    done = await run_preview(runtime, begun)
    with pytest.raises(Conflict, match="not of 0000"):
        await publish_preview(runtime, ENGINE, done, "0000", Limits())
    with pytest.raises(Conflict, match="No preview has this digest"):
        await preview_for(runtime, "0000")
    with pytest.raises(Invalid) as refused:
        await publish_preview(runtime, ENGINE, done, done.digest, Limits(0.001, 0.001))
    assert [fault.pointer for fault in refused.value.faults] == ["/mostMoved", "/mostAlertsADay"]
    assert runtime.rulebook.label == "mine@1"
    await publish_preview(runtime, ENGINE, done, done.digest, Limits(1, 1000), note="more for visits")
    with pytest.raises(Conflict, match="somebody was faster"):
        await publish_preview(runtime, ENGINE, done, done.digest, Limits())
    (entry, *_) = await runtime.operations.audit.page("mine@2", None, 10)
    assert (entry.action.before, entry.action.after["digest"]) == ({"rulebook": "mine@1"}, done.digest)
    assert (entry.action.after["leads"], entry.action.after["note"]) == (LEADS, "more for visits")


async def test_a_rollback_goes_back_and_forth(runtime, leads, preview):
    done = await run_preview(runtime, await preview(rules(2, visit=9)))
    await publish_preview(runtime, ENGINE, await preview_for(runtime, done.digest), done.digest, Limits())
    rulebook, before = await roll_back_rulebook(runtime, ENGINE)
    assert (rulebook.label, before, runtime.rulebook.label) == ("mine@1", "mine@2", "mine@1")
    assert (await roll_back_rulebook(runtime, ENGINE))[0].label == "mine@2"


async def test_a_version_that_had_other_rules_is_refused_and_one_under_way_is_not_begun_again(
    runtime, leads, preview
):
    with pytest.raises(Conflict, match="raise its version"):
        await preview(rules(1, visit=9))
    first = await preview(rules(2, visit=9))
    assert await preview(rules(2, visit=9)) == first
    for version in (3, 4):
        await preview(rules(version))
    with pytest.raises(Conflict, match="under way"):
        await preview(rules(5))


async def test_a_deleted_preview_and_the_oldest_ones_are_removed_with_their_leads(
    runtime, leads, preview, monkeypatch
):
    monkeypatch.setattr("workflows.rule_lab.background.KEPT", 1)
    old, new = [await run_preview(runtime, await preview(rules(n))) for n in (2, 3)]
    running = await preview(rules(4))
    await runtime.rule_lab.previews.delete(running.preview_id)
    with pytest.raises(PreviewMoved):
        await run_preview(runtime, running)
    await work_on_previews(runtime)
    left = await runtime.rule_lab.previews.page(None, 10)
    assert len(left) == 1
    assert {len(await all_leads(runtime, one)) for one in (old, new)} == {0, LEADS}


async def test_an_erased_person_is_in_no_preview(runtime, leads, preview):
    done = await run_preview(runtime, await preview(rules(2, visit=9)))
    await erase_personal_data(runtime, ENGINE, "lead-003")
    assert "lead-003" not in {one.lead_id for one in await all_leads(runtime, done)}
    assert len(await all_leads(runtime, done)) == LEADS - 1


async def test_what_a_process_has_claimed_is_left_to_it_until_the_claim_ends(runtime, leads):
    begun = await start_preview(runtime, ENGINE, rules(2), "", Wanted(), claim=True)
    assert await work_on_previews(runtime) == 0
    later = dataclasses.replace(runtime, now=lambda: runtime.now() + CLAIM)
    assert await work_on_previews(later) == 1
    assert (await runtime.rule_lab.previews.get(begun.preview_id)).progress.figures.leads == LEADS
