"""Every query of the product uses an index, also for its order, as MongoDB's profiler records."""

from __future__ import annotations

import itertools

from domain.analytics.message_result import MessageResult
from domain.events.applied_positions import AppliedPositions
from domain.rulebooks.compiled import compile_rulebook
from domain.teams.visibility import VisibleLeads
from engine.accounts.account_store import AccountFilter
from engine.leads.lead_pages import LeadFilter, LeadOrder
from engine.operations.audit_log import ENGINE
from engine.rulebooks.library import load_rulebook
from workflows.accounts.list_accounts import find_accounts
from workflows.accounts.project import project_changes
from workflows.accounts.verify import verify_accounts
from workflows.analytics.project import follow_results
from workflows.analytics.verify import rebuild_results, verify_results
from workflows.decay.decay import apply_decay
from workflows.dispatch.dispatch import dispatch_once
from workflows.dispatch.reconcile import reconcile
from workflows.identity.index_names import index_names, index_stream_names
from workflows.intelligence.best_leads import best_leads
from workflows.intelligence.score_history import read_score_history
from workflows.intelligence.timeline import read_timeline
from workflows.leads.rebuild_outdated import rebuild_outdated
from workflows.replay.replay import replay
from workflows.rule_lab.background import work_on_previews
from workflows.rule_lab.shadow import follow_shadow
from workflows.rulebooks.activate import activate_rulebook
from workflows.work.loops import drain

LEADS = 30
SORTS = ("score", "velocity", "lastActivityAt")


async def test_no_query_scans_a_collection_or_sorts_in_memory(api):
    await _fill(api)
    await _begin_profiling(api)
    await _read_over_http(api)
    await _read_by_owner_and_tag(api)
    await _read_screens(api)
    await _work(api)
    await _preview(api)
    assert await _slow_plans(api) == []


async def test_the_control_a_query_without_an_index_is_noticed(api):
    await _fill(api)
    await _begin_profiling(api)
    await api.runtime.store.database["leads"].find({"nextAction": "monitor"}).sort("tags").to_list()
    (found,) = await _slow_plans(api)
    assert "COLLSCAN" in found


async def _fill(api):
    kinds = ("page_view", "email_open", "download", "signup", "demo_request")
    await api.http.post("/api/webhook-endpoints", json={"url": "https://example.com/hook"})
    await api.store(
        *[
            {"leadId": f"lead-{number}", "type": kind, "eventId": f"{number}-{kind}"}
            for number in range(LEADS)
            for kind in kinds[: 1 + number % 5]
        ]
    )
    await api.store(
        *(
            {"leadId": f"lead-{number}", "type": "tag.added", "properties": {"tag": "vip"}}
            for number in range(0, LEADS, 4)
        )
    )
    await api.store(*({"leadId": f"lead-{number}", "type": "message.sent"} for number in range(0, LEADS, 3)))
    named = {"type": "lead.updated", "properties": {"name": "Ada Lovelace"}}
    await api.store(*({"leadId": f"lead-{number}", **named} for number in range(0, LEADS, 5)))
    await index_names(api.runtime)
    results = [
        MessageResult(
            message_id=f"msg_{number}",
            lead_id=f"lead-{number}",
            stream_id=f"lead-{number}",
            sequence="welcome",
            version=1,
            step="1",
            campaign="spring",
            at=api.clock.at - number,
            planned_at=api.clock.at,
            fate="sent",
            sent_at=api.clock.at - number,
            won_at=api.clock.at,
        )
        for number in range(LEADS)
    ]
    await api.runtime.analytics.results.write(results)
    await dispatch_once(api.runtime)
    await api.work()
    await api.http.post(
        "/api/sequences/activate", json={"text": "name: mine\nversion: 1\nsteps: [{end: here}]\n"}
    )
    for lead_id in ("poisoned-1", "poisoned-2"):
        for _ in range(api.runtime.settings.fold_attempts):
            await api.runtime.operations.dead_letters.record_failure(
                lead_id, 1, "evt-1", "It cannot be folded.", api.runtime.now()
            )


async def _begin_profiling(api):
    database = api.runtime.store.database
    await database.command({"profile": 0})
    await database["system.profile"].drop()
    await database.create_collection("system.profile", capped=True, size=64 * 1024 * 1024)
    await database.command({"profile": 2})


async def _preview(api):
    """A preview of a rulebook, and the leads behind its numbers, page by page."""
    body = {"name": "standard", "version": 2, "sample": 5}
    begun = (await api.http.post("/api/rulebooks/preview", json=body)).json()
    await work_on_previews(api.runtime)
    path = f"/api/previews/{begun['id']}"
    await api.get("/api/previews")
    for found in (
        {},
        {"moved": "not"},
        {"moved": "up", "ended": "open"},
        {"automation": "x", "fired": "new"},
    ):
        page = await api.get(f"{path}/leads", limit=7, **found)
        if page["nextCursor"]:
            await api.get(f"{path}/leads", limit=7, cursor=page["nextCursor"], **found)
    await api.http.delete(path)
    await work_on_previews(api.runtime)
    await api.http.put("/api/rulebooks/shadow", json={"name": "standard", "version": 2})
    await api.store({"leadId": "lead-1", "type": "page_view"})
    await follow_shadow(api.runtime)
    await api.get("/api/rulebooks/shadow")
    await api.http.delete("/api/rulebooks/shadow")


async def _slow_plans(api):
    """What was not answered by an index, each kind once. Nothing can be indexed in MongoDB's own answers."""
    database = api.runtime.store.database
    await database.command({"profile": 0})
    entries = await database["system.profile"].find({"planSummary": {"$exists": True}}).to_list()
    await database["system.profile"].drop()
    assert entries
    return sorted(
        {
            f"{entry['ns'].partition('.')[2]}: {entry['planSummary']} for {_query(entry['command'])}"
            for entry in entries
            if "COLLSCAN" in entry["planSummary"] or entry.get("hasSortStage")
        }
    )


def _query(command):
    said = {name: command[name] for name in ("filter", "q", "query", "pipeline", "sort") if name in command}
    return str(said)[:300]


async def _read_by_owner_and_tag(api):
    for who, stage, least, sort, falling in itertools.product(
        ((None, "vip"), ("none", "vip"), ("p1", "vip"), ("none", None)),
        (None, "warm"),
        (None, 1),
        SORTS,
        (True, False),
    ):
        owner, tag = who
        query = {"owner": owner, "tag": tag, "stage": stage, "minScore": least}
        await _pages(api, "/api/leads", {**query, "sort": f"{'-' * falling}{sort}"})
    await api.get("/api/lead-counts", tag="vip")
    for status, falling in itertools.product(("new", "contacted"), (True, False)):
        await _pages(api, "/api/leads", {"status": status, "sort": f"{'-' * falling}score"})
    async with api.signed_in("rep", "saves-views@example.com") as rep:
        saved = await rep.http.post("/api/views", json={"name": "Fair", "sharedWith": "everyone"})
        path = f"/api/views/{saved.json()['id']}"
        for call in (("get", "/api/views"), ("get", path), ("delete", path)):
            assert (await rep.http.request(*call)).status_code < 300


async def _read_over_http(api):
    for stage, risk, outcome, least, sort, falling in itertools.product(
        (None, "warm"), (None, "low"), (None, "open"), (None, 1), SORTS, (True, False)
    ):
        order = f"{'-' * falling}{sort}"
        query = {"stage": stage, "risk": risk, "outcome": outcome, "minScore": least, "sort": order}
        await _pages(api, "/api/leads", query)
    await _pages(api, "/api/leads", {"name": "Ada Lovelace"})
    await _of_accounts(api)
    for query in ({}, {"all": True}):
        await _pages(api, "/api/leads/lead-4/history", query)
    await _pages(api, "/api/leads/lead-4/events", {})
    behind = (await api.get("/api/event-log", limit=2))["cursor"]
    await api.get("/api/event-log", limit=2, cursor=behind)
    for lead, rule, state in itertools.product(
        (None, "lead-4"), (None, "answer-demo-request"), (None, "done")
    ):
        await _pages(api, "/api/automations/executions", {"leadId": lead, "ruleId": rule, "state": state})
    for lead, state in itertools.product((None, "lead-4"), (None, "open")):
        await _pages(api, "/api/tasks", {"leadId": lead, "state": state})
    for state in (None, "quarantined"):
        await _pages(api, "/api/dead-letters", {"state": state})
    await _pages(api, "/api/webhook-endpoints", {})
    endpoint = (await api.get("/api/webhook-endpoints"))["items"][0]["id"]
    for state in (None, "pending"):
        await _pages(api, f"/api/webhook-endpoints/{endpoint}/deliveries", {"state": state})
    for query in (
        {},
        {"asOf": api.at(hours=-1)},
        {"knownAt": api.at()},
        {"after": 3},
        {"rulebook": "standard"},
    ):
        await api.http.get("/api/leads/lead-4/intelligence", params=query)
    await api.store({"leadId": "lead-4", "type": "page_view", "properties": {"email": "ada@example.com"}})
    assert (await api.http.get("/api/leads/lead-4/export")).status_code == 200
    assert (await api.http.delete("/api/leads/lead-4/personal-data")).json()["keys"] == 1
    for kind, state in itertools.product((None, "automation"), (None, "dead", "done")):
        await _pages(api, "/api/work", {"kind": kind, "state": state})
    await _of_a_team(api)
    for path in ("/api/leads/lead-4", "/metrics", "/health/ready"):
        assert (await api.http.get(path)).status_code == 200


async def _of_accounts(api):
    """Accounts of groups and domains, as listed and as a rep sees them who sees some of the leads."""
    said = {"groupId": "g", "name": "Acme", "domain": "acme.com"}
    await api.store(
        {"leadId": "lead-1", "type": "account.joined", "properties": said},
        {"leadId": "lead-2", "type": "account.joined", "properties": {**said, "groupId": "h"}},
        *(
            {"leadId": f"lead-{n}", "type": "page_view", "properties": {"email": "a@acme.com"}}
            for n in (3, 5)
        ),
    )
    await api.work()
    await project_changes(api.runtime)
    assert (await verify_accounts(api.runtime)).drifts == ()
    for query in ({}, {"name": "acme"}, {"domain": "acme.com"}, {"name": "acme", "domain": "acme.com"}):
        await _pages(api, "/api/accounts", query)
        await find_accounts(
            api.runtime, VisibleLeads(frozenset({"p1"})), AccountFilter(**query), 2, (99.0, "x")
        )
    await _pages(api, "/api/accounts/domain:acme.com/leads", {})
    for owner, stage, sort in itertools.product((None, "none"), (None, "warm"), SORTS):
        query = {"account": "group:g", "owner": owner, "stage": stage, "sort": f"-{sort}"}
        await _pages(api, "/api/leads", query)
    for path in ("/api/accounts/group:g", "/api/accounts/domain:acme.com/intelligence"):
        assert (await api.http.get(path)).status_code == 200


async def _of_a_team(api):
    """Leads of some owners, and what a rep sees who sees the leads of a team only."""
    for owner, stage, sort in itertools.product(("none", "person_1"), (None, "warm"), SORTS):
        await _pages(api, "/api/leads", {"owner": owner, "stage": stage, "sort": f"-{sort}"})
    async with api.signed_in("rep") as ben:
        people = api.runtime.people.accounts
        await people.change(ben.person.person_id, {"team": "North"})
        await api.authenticator.context.sessions.refresh()
        await people.ids_of_team("North")
        visible = tuple(sorted((None, ben.person.person_id, "person_2"), key=str))
        for stage, falling in itertools.product((None, "warm"), (True, False)):
            after = None
            for _ in range(3):
                wanted = LeadFilter(stage=stage, owners=visible)
                order = LeadOrder("score", descending=falling, after=after)
                page = (await api.runtime.leads.lists.page(wanted, order, 2)).leads
                after = (page[-1].score, page[-1].lead_id) if page else after
        await ben.http.post("/api/leads/lead-4/claim")
        for path in ("/api/people", "/api/me/sessions", "/api/me"):
            assert (await ben.http.get(path)).status_code == 200
    assert (await api.http.get("/api/invites")).status_code == 200
    await _routing(api)


async def _routing(api):
    """Rules, a routed lead, one that waits, and the timer of the first contact."""
    runtime = api.runtime
    rep = (await runtime.people.accounts.by_email("rep@example.com")).person_id
    always = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "opens": "00:00", "closes": "24:00"}
    pool = {"id": "sales", "members": [{"rep": rep, "capacity": 1, "hours": always}]}
    rules = {"rules": [{"id": "all", "pool": "sales"}], "pools": [pool]}
    assert (await api.http.post("/api/routing/simulate", json={"rules": rules})).status_code == 200
    assert (await api.http.post("/api/routing/versions", json={"rules": rules})).status_code == 201
    assert (await api.http.post("/api/routing/versions/1/activate")).status_code == 200
    try:
        new = [f"new-{number}" for number in range(3)]
        await api.store(*[{"leadId": lead_id, "type": "page_view"} for lead_id in new])
        await api.work()
        for _ in range(3):
            await drain(runtime)
            await api.work()
            api.wait(minutes=2)
        await runtime.teams.touches.add("d", new[0], rep, api.clock.at, api.clock.at, api.clock.at)
        for path in ("/api/routing/decisions", "/api/routing/versions"):
            await _pages(api, path, {})
        for path in ("/api/routing/active", "/api/work?kind=routing"):
            assert (await api.http.get(path)).status_code == 200
    finally:
        await api.http.post("/api/routing/deactivate")


async def _read_screens(api):
    for kind in (None, "activity", "reply", "task,automation"):
        await _pages(api, "/api/leads/lead-4/timeline", {"kind": kind})
    await _pages(api, "/api/rulebooks", {})
    await _pages(api, "/api/sequences", {})
    for state in (None, "draft"):
        await _pages(api, "/api/campaigns", {"state": state})
    await api.http.get("/api/campaigns/none/leads", params={"result": "waiting"})
    for by, row in {
        "step": {},
        "channel": {"sequence": "welcome@1"},
        "campaign": {"campaign": "spring"},
    }.items():
        await api.get("/api/outreach/analytics", by=by, **row)
        for measure in ("withheld", "conversions"):
            await _pages(api, "/api/outreach/analytics/leads", {"by": by, "measure": measure, **row})
    for active in ("true", "false"):
        await _pages(api, "/api/sequences/mine/1/enrolments", {"active": active})
    await _pages(api, "/api/leads/lead-4/enrolments", {})
    await api.get("/api/leads/lead-4/calendar")
    await api.get("/api/leads/lead-4/curve")
    await api.get("/api/leads", ids="lead-4,lead-5")
    for owner in ({}, {"owner": "none"}):
        await api.get("/api/lead-counts", **owner)
    await api.get("/api/ops")
    for owner in (None, "none", "person_x"):
        await api.http.get("/api/queue", params={} if owner is None else {"owner": owner})
        await _pages(api, "/api/conversations", {"owner": owner})


async def _pages(api, path, query):
    """The first page and the one after it."""
    given = {name: value for name, value in query.items() if value is not None}
    page = await api.get(path, limit=1, **given)
    if page["nextCursor"]:
        await api.get(path, limit=1, cursor=page["nextCursor"], **given)


async def _work(api):
    runtime = api.runtime
    await api.store(*[{"leadId": f"lead-{number}", "type": "email_open"} for number in range(LEADS)])
    await dispatch_once(runtime)
    await api.work()
    await reconcile(runtime)
    await follow_results(runtime)
    await rebuild_results(runtime)
    await verify_results(runtime)
    await index_names(runtime)
    await index_stream_names(runtime, "lead-5")
    await drain(runtime)
    await best_leads(runtime, 5, None)
    await read_timeline(runtime, "lead-4", until=runtime.now(), up_to=AppliedPositions(10**6), limit=5)
    await read_score_history(runtime, "lead-4", runtime.now(), 7)
    api.wait(days=9)
    await apply_decay(runtime)
    await api.work()
    await replay(runtime, "verify")
    await replay(runtime)
    await replay(runtime, "dry-run", rulebook=compile_rulebook(load_rulebook("standard")))
    before = runtime.rulebook.document
    await activate_rulebook(runtime, ENGINE, load_rulebook("standard"))
    try:
        await rebuild_outdated(runtime)
    finally:
        await activate_rulebook(runtime, ENGINE, before)
