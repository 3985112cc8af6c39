"""Another rulebook is put in force without downtime, without wrong reads, and without firing anything."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Conflict, NotFound
from domain.rulebooks.rulebook import Rulebook
from engine.operations.audit_log import ENGINE
from engine.rulebooks.library import load_rulebook
from engine.runtime import open_runtime
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads.process import process_leads
from workflows.leads.rebuild_outdated import rebuild_outdated
from workflows.replay.replay import replay
from workflows.rulebooks.activate import activate_rulebook, apply_rulebook_setting


def changed(rulebook: Rulebook, *, version: int, points: float) -> Rulebook:
    """The rulebook with other points for its first rule."""
    content = rulebook.model_dump(by_alias=True, exclude_none=True)
    content["version"] = version
    content["score"]["rules"][0]["points"] = points
    return Rulebook.model_validate(content)


@pytest.fixture
async def scored(runtime, send, apply):
    """Five leads of one demo request and three page views each, scored by `classic`."""
    leads = [f"lead-{n}" for n in range(5)]
    for lead in leads:
        await send(lead, "demo_request", "page_view", "page_view", "page_view")
    await apply(*leads)
    runtime.work_queue.due.clear()
    return leads


async def test_every_process_follows_an_activation(runtime, settings):
    async with open_runtime(settings, work_queue=runtime.work_queue, now=runtime.now) as other:
        await activate_rulebook(runtime, ENGINE, load_rulebook("standard"))
        assert runtime.rulebook.label == "standard@3"
        assert other.rulebook.label == "classic@2"
        await other.rulebooks.active.refresh()
        assert other.rulebook.label == "standard@3"


async def test_reads_are_right_before_a_lead_has_been_rebuilt(runtime, scored):
    await activate_rulebook(runtime, ENGINE, changed(runtime.rulebook.document, version=3, points=10))
    found = await read_intelligence(runtime, "lead-0")
    assert (found.score, found.rulebook) == (60, ("classic", 3))
    assert (await runtime.leads.states.get("lead-0")).rulebook == "classic@2"


async def test_a_verification_during_a_switch_calls_no_lead_drifted_that_only_waits(runtime, scored, tamper):
    await activate_rulebook(runtime, ENGINE, changed(runtime.rulebook.document, version=3, points=50))
    report = await replay(runtime, "verify")
    assert (report.outdated, report.drifted) == (5, [])
    await rebuild_outdated(runtime)
    await tamper("activities", 99, "lead-3")
    report = await replay(runtime, "verify")
    assert (report.outdated, report.drifted) == (0, ["lead-3"])


async def test_leads_are_rebuilt_in_the_background_and_nothing_fires(runtime, scored):
    await activate_rulebook(runtime, ENGINE, changed(runtime.rulebook.document, version=3, points=50))
    assert await rebuild_outdated(runtime) == 5
    assert await rebuild_outdated(runtime) == 0
    assert {(await runtime.leads.states.get(lead)).assessment.score for lead in scored} == {180}
    assert runtime.work_queue.due == []
    assert (await replay(runtime, "verify")).drifted == []


async def test_events_that_arrive_during_a_switch_are_applied_once_under_the_new_rules(runtime, scored, send):
    async def live() -> None:
        for _ in range(10):
            await send("lead-0", "page_view")
            await process_leads(runtime, ["lead-0"])

    async def switch() -> None:
        await asyncio.sleep(0.05)
        await activate_rulebook(runtime, ENGINE, changed(runtime.rulebook.document, version=3, points=10))
        while await rebuild_outdated(runtime):
            pass

    await asyncio.gather(live(), switch())
    await rebuild_outdated(runtime)
    assert (await runtime.leads.states.get("lead-0")).assessment.score == 30 + 13 * 10
    assert (await replay(runtime, "verify")).drifted == []


async def test_a_name_and_version_keeps_its_rules_for_ever(runtime):
    await activate_rulebook(runtime, ENGINE, changed(runtime.rulebook.document, version=3, points=10))
    with pytest.raises(Conflict, match="raise its version to 4"):
        await activate_rulebook(runtime, ENGINE, changed(runtime.rulebook.document, version=3, points=11))
    assert runtime.rulebook.document.score.rules[0].points == 10


async def test_an_activated_rulebook_outlives_a_restart_until_the_setting_changes(runtime, settings):
    await apply_rulebook_setting(runtime, ENGINE, load_rulebook("classic"))
    await activate_rulebook(runtime, ENGINE, changed(runtime.rulebook.document, version=3, points=10))
    async with open_runtime(settings, work_queue=runtime.work_queue) as restarted:
        await apply_rulebook_setting(restarted, ENGINE, load_rulebook("classic"))
        assert restarted.rulebook.label == "classic@3"
        await apply_rulebook_setting(restarted, ENGINE, load_rulebook("standard"))
        assert restarted.rulebook.label == "standard@3"


async def test_a_release_with_a_newer_built_in_rulebook_activates_it_where_the_one_before_is_active(
    runtime, settings
):
    await apply_rulebook_setting(runtime, ENGINE, load_rulebook("standard@1"))
    assert runtime.rulebook.label == "standard@1"
    await apply_rulebook_setting(runtime, ENGINE, load_rulebook("standard"))
    assert runtime.rulebook.label == "standard@3"


async def test_a_release_with_a_newer_built_in_rulebook_leaves_another_active_one_alone(runtime, settings):
    await apply_rulebook_setting(runtime, ENGINE, load_rulebook("standard@1"))
    mine = changed(runtime.rulebook.document, version=1, points=10).model_copy(update={"name": "mine"})
    await activate_rulebook(runtime, ENGINE, mine)
    await apply_rulebook_setting(runtime, ENGINE, load_rulebook("standard"))
    assert runtime.rulebook.label == "mine@1"


async def test_what_an_earlier_release_published_is_the_same_without_the_fields_that_came_since(runtime):
    rulebook = load_rulebook("classic@1")
    await runtime.rulebooks.library.publish(rulebook)
    published = runtime.store.database["rulebooks"]
    await published.update_one({"_id": "classic@1"}, {"$unset": {"content.outcome": 1, "content.contact": 1}})
    await runtime.rulebooks.library.publish(rulebook)
    changed_since = {"$set": {"content.stages.steps.1.from": 12}}
    await published.update_one({"_id": "classic@1"}, changed_since)
    with pytest.raises(Conflict):
        await runtime.rulebooks.library.publish(rulebook)


@pytest.mark.parametrize("label", ["classic@1", "classic@2", "standard@1", "standard@2", "standard@3"])
async def test_every_version_that_ships_can_be_read_though_it_was_never_active(runtime, label):
    assert (await runtime.rulebooks.library.find(label)).label == label


async def test_published_rulebooks_are_found_by_name_and_by_version(runtime):
    mine = changed(runtime.rulebook.document, version=1, points=10).model_copy(update={"name": "mine"})
    await activate_rulebook(runtime, ENGINE, mine)
    await activate_rulebook(
        runtime, ENGINE, changed(mine, version=2, points=20).model_copy(update={"name": "mine"})
    )
    assert (await runtime.rulebooks.library.find("mine")).label == "mine@2"
    assert (await runtime.rulebooks.library.find("mine@1")).document.score.rules[0].points == 10
    for name in ("nobody", "mine@7", "../../etc/passwd", "$where"):
        with pytest.raises(NotFound):
            await runtime.rulebooks.library.find(name)


async def test_one_can_ask_what_would_be_without_some_events(runtime, scored):
    assert (await read_intelligence(runtime, "lead-0", without=("page_*",))).score == 30
    assert (await read_intelligence(runtime, "lead-0", without=("demo_request", "page_view"))).score == 0
    assert (await read_intelligence(runtime, "lead-0", without=("page",))).score == 33


async def test_leads_that_cannot_be_rebuilt_get_a_dead_letter_and_block_no_other(runtime, scored):
    await runtime.store.database["events"].update_one({"leadId": "lead-0"}, {"$unset": {"type": 1}})
    await activate_rulebook(runtime, ENGINE, changed(runtime.rulebook.document, version=3, points=50))
    for _ in range(runtime.settings.fold_attempts):
        await rebuild_outdated(runtime)
    assert await rebuild_outdated(runtime) == 0
    (letter,) = await runtime.operations.dead_letters.page(None, None, 100)
    assert (letter.lead_id, letter.state) == ("lead-0", "quarantined")
    assert {(await runtime.leads.states.get(lead)).assessment.score for lead in scored[1:]} == {180}
