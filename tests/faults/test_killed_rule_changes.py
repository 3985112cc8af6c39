"""A preview, a publication and a rollback are killed at any step: nothing is half done, and what was previewed happens."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from domain.leads.assess import assess
from engine.automations.execution_store import EXECUTIONS
from engine.leads.lead_document import LEADS as LEAD_DOCUMENTS
from engine.operations.audit_log import AUDIT_LOG, ENGINE
from engine.rule_lab.preview import Progress
from tests.workflows.rule_lab.conftest import LEADS, RULES, rules, store_leads
from workflows.intelligence.intelligence import read_lead
from workflows.leads.rebuild_outdated import rebuild_outdated
from workflows.replay.replay import replay
from workflows.rule_lab.publish import Limits, publish_preview, roll_back_rulebook
from workflows.rule_lab.run_preview import run_preview
from workflows.rule_lab.shadow import follow_shadow, start_shadow
from workflows.rule_lab.start import Wanted, start_preview

CHALLENGER = rules(2, visit=9)
LAB, STORES = "workflows.rule_lab", "engine.rule_lab"
SWITCH, ACTIVE = f"{STORES}.switch_store:SwitchStore", "engine.rulebooks.active:ActiveRulebook.activate"

PREVIEW = {
    "stored, nothing counted": (f"{STORES}.preview_store:PreviewStore.add", "after", 1),
    "leads counted": (f"{LAB}.run_preview:_counted", "after", 1),
    "compared, not stored": (f"{LAB}.run_preview:compare_leads", "after", 2),
    "leads stored, not counted": (f"{STORES}.preview_leads:PreviewLeads.add", "after", 2),
    "stored and counted, not committed": (f"{STORES}.preview_store:PreviewStore.move_on", "after", 3),
    "a step committed": (f"{LAB}.run_preview:_step", "after", 2),
    "ranked, round not ended": (f"{LAB}.run_preview:rank_leads", "after", 2),
    "round ended": (f"{LAB}.run_preview:_ended", "after", 1),
}
PUBLISH = {
    "recorded, not active": ("engine.rulebooks.library:RulebookLibrary.publish", "after", 1),
    "active, not committed": (ACTIVE, "after", 1),
    "active, no lead switched": (f"{LAB}.publish:activate_rulebook", "after", 1),
    "replaced, not kept": ("pymongo.asynchronous.collection:AsyncCollection.bulk_write", "after", 1),
    "switched, not committed": (f"{SWITCH}.swap", "after", 2),
    "some leads switched": (f"{LAB}.switch_states:_swap", "after", 2),
    "all leads switched": (f"{LAB}.publish:switch_to_challenger", "after", 1),
}
ROLLBACK = {
    "active, not committed": (ACTIVE, "after", 1),
    "active, no lead given back": (f"{LAB}.publish:activate_rulebook", "after", 1),
    "leads given back, not committed": (f"{SWITCH}.swap", "after", 2),
    "some leads given back": (f"{LAB}.switch_states:_swap", "after", 2),
    "all leads given back": (f"{LAB}.publish:switch_back", "after", 1),
}


async def killed(engine, point, *arguments, plant=()):
    """Run `lead-engine rulebook`, which is killed at a step."""
    at, when, nth = point
    sabotage = {"crash": {"at": at, "when": when, "nth": nth}, "plant": [*plant, "small_rule_lab_steps"]}
    await engine.start("rulebook", arguments=arguments, sabotage=sabotage)
    assert await engine.ended("rulebook") == -9
    await engine.truth.rulebooks.active.refresh()


@pytest.fixture
def file(tmp_path):
    """The rules that are tried, as a person writes them."""
    path = tmp_path / "mine.yaml"
    path.write_text(RULES.format(version=2, visit=9, demo=30))
    return str(path)


async def preview_after_a_crash(engine, file, point, plant=()):
    """Kill a preview at a step, and let another process go on with it. Returns it, and how far it was."""
    truth = engine.truth
    await store_leads(truth, datetime.now(UTC))
    await killed(engine, PREVIEW[point], "preview", file, "--all", "--sample", "10", plant=plant)
    (stopped,) = await truth.rule_lab.previews.running(2)
    return await run_preview(truth, stopped), stopped


async def leads_of(truth, preview):
    """The compared leads by their ids; each is there once."""
    found = await truth.rule_lab.leads.page(preview.preview_id, (), None, 10 * LEADS)
    assert len({one.lead_id for one in found}) == len(found)
    return {one.lead_id: one for one in found}


async def never_killed(truth, preview):
    """The same preview, which nothing disturbs."""
    again = replace(preview, preview_id="prv_again", step=0, progress=Progress())
    await truth.rule_lab.previews.add(again, CHALLENGER, 0)
    return await run_preview(truth, again)


async def check_preview(new_engine, file, point):
    async with new_engine() as engine:
        truth = engine.truth
        done, stopped = await preview_after_a_crash(engine, file, point)
        assert stopped.progress.state == "running"
        assert done.progress.state == "done"
        assert done.progress.figures.leads == LEADS
        right = await never_killed(truth, done)
        assert done.progress == right.progress  # bit for bit
        assert await leads_of(truth, done) == await leads_of(truth, right)


async def stages(truth, at):
    """The stage of each lead at a moment, as what is stored of it says."""
    label, found = truth.rulebook.label, await truth.leads.states.get_many(await lead_ids(truth))
    assert {one.rulebook for one in found.values()} == {label}
    return {lead: assess(state, max(at, state.clock), truth.rulebook).stage for lead, state in found.items()}


async def lead_ids(truth):
    return await truth.leads.states.ids_after("", 10 * LEADS)


async def activations(truth):
    """The labels that the audit log says became active, the oldest first."""
    log = AUDIT_LOG.of(truth.store.database).find({"action": "rulebook.activated"}).sort("at", 1)
    return [doc["target"] async for doc in log]


async def settle(truth):
    """What runs in the background until nothing is left to do; then a replay finds nothing amiss."""
    while await follow_shadow(truth) or await rebuild_outdated(truth):
        pass
    report = await replay(truth, mode="verify")
    assert (report.drifted, report.failed, report.outdated) == ([], {}, 0)


async def previewed(truth):
    """A challenger has folded all leads, and its rules were previewed. Returns the preview and what it says of each lead."""
    await store_leads(truth, datetime.now(UTC))
    await start_shadow(truth, ENGINE, CHALLENGER, "", 30)
    while await follow_shadow(truth):
        pass
    preview = await start_preview(truth, ENGINE, CHALLENGER, "", Wanted(sample=LEADS))
    done = await run_preview(truth, preview)
    return done, await leads_of(truth, done)


def side(rows, name):
    """The stage of each lead on one side of a preview."""
    return {lead: getattr(one, name).stage for lead, one in rows.items()}


async def check_reads(truth, at, right):
    """Each lead is read right at once, whatever is stored of it."""
    for lead_id, stage in right.items():
        read = await read_lead(truth, lead_id)
        assert read.rules.label == truth.rulebook.label
        assert assess(read.state, max(at, read.state.clock), read.rules).stage == stage, lead_id


async def check_publication(new_engine, file, point):
    async with new_engine() as engine:
        truth = engine.truth
        preview, rows = await previewed(truth)
        at, now, then = preview.window.at, side(rows, "now"), side(rows, "then")
        assert now != then
        await killed(engine, PUBLISH[point], "publish", file, "--expect", preview.digest)
        if truth.rulebook.label == "mine@1":
            assert await activations(truth) == ["mine@1"]
            assert await stages(truth, at) == now
            await publish_preview(truth, ENGINE, preview, preview.digest, Limits())
        assert await activations(truth) == ["mine@1", "mine@2"]
        await check_reads(truth, at, then)
        await settle(truth)
        assert await stages(truth, at) == then
        assert await EXECUTIONS.of(truth.store.database).count_documents({}) == 0


async def check_rollback(new_engine, point):
    async with new_engine() as engine:
        truth = engine.truth
        preview, rows = await previewed(truth)
        at, now, then = preview.window.at, side(rows, "now"), side(rows, "then")
        await publish_preview(truth, ENGINE, preview, preview.digest, Limits())
        await killed(engine, ROLLBACK[point], "rollback")
        if truth.rulebook.label == "mine@2":
            assert await activations(truth) == ["mine@1", "mine@2"]
            assert await stages(truth, at) == then
            await roll_back_rulebook(truth, ENGINE)
        assert await activations(truth) == ["mine@1", "mine@2", "mine@1"]
        await check_reads(truth, at, now)
        await settle(truth)
        assert await stages(truth, at) == now
        assert await EXECUTIONS.of(truth.store.database).count_documents({}) == 0


@pytest.mark.long
@pytest.mark.parametrize("point", PREVIEW)
async def test_a_preview_says_the_same_wherever_it_is_killed(new_engine, file, point):
    await check_preview(new_engine, file, point)


async def test_a_preview_says_the_same_though_it_is_killed_at_one_of_the_steps(new_engine, file, seed):
    await check_preview(new_engine, file, random.Random(seed).choice(sorted(PREVIEW)))


@pytest.mark.long
async def test_control_without_transactions_leads_are_compared_twice(new_engine, file):
    async with new_engine() as engine:
        truth = engine.truth
        done, _ = await preview_after_a_crash(
            engine, file, "leads stored, not counted", plant=["no_transactions"]
        )
        stored = await truth.rule_lab.leads.page(done.preview_id, (), None, 10 * LEADS)
        assert len(stored) > done.progress.figures.leads == LEADS


@pytest.mark.long
@pytest.mark.parametrize("point", PUBLISH)
async def test_the_same_leads_move_wherever_publishing_is_killed(new_engine, file, point):
    await check_publication(new_engine, file, point)


async def test_the_same_leads_move_though_publishing_is_killed_at_one_of_the_steps(new_engine, file, seed):
    await check_publication(new_engine, file, random.Random(seed).choice(sorted(PUBLISH)))


@pytest.mark.long
async def test_control_without_transactions_rules_become_active_that_nobody_activated(new_engine, file):
    async with new_engine() as engine:
        truth = engine.truth
        preview, _ = await previewed(truth)
        point = PUBLISH["active, not committed"]
        await killed(engine, point, "publish", file, "--expect", preview.digest, plant=["no_transactions"])
        assert truth.rulebook.label == "mine@2"
        assert await activations(truth) == ["mine@1"]


@pytest.mark.long
@pytest.mark.parametrize("point", ROLLBACK)
async def test_every_lead_is_what_it_was_wherever_a_rollback_is_killed(new_engine, point):
    await check_rollback(new_engine, point)


async def test_every_lead_is_what_it_was_though_a_rollback_is_killed_at_one_of_the_steps(new_engine, seed):
    await check_rollback(new_engine, random.Random(seed).choice(sorted(ROLLBACK)))


@pytest.mark.long
@pytest.mark.parametrize("plant", [[], ["no_transactions"]], ids=["right", "control"])
async def test_what_a_lead_was_is_kept_whenever_it_is_switched(new_engine, file, plant):
    async with new_engine() as engine:
        truth = engine.truth
        preview, _ = await previewed(truth)
        before = await LEAD_DOCUMENTS.of(truth.store.database).find().to_list()
        await killed(
            engine, PUBLISH["replaced, not kept"], "publish", file, "--expect", preview.digest, plant=plant
        )
        await roll_back_rulebook(truth, ENGINE)
        is_back = await LEAD_DOCUMENTS.of(truth.store.database).find().to_list() == before
        assert is_back == (not plant)
