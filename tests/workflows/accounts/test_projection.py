"""Listed accounts are what the leads say: in any order, after merges and retractions, erasure, crashes and a rebuild."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta

import pytest

from domain.errors import Unavailable
from domain.instant import DAY, to_datetime
from engine.operations.audit_log import ENGINE, Actor
from workflows.accounts import project as module
from workflows.accounts.project import LEASE, project_changes
from workflows.accounts.read_account import read_account
from workflows.accounts.verify import rebuild_accounts, verify_accounts
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.capture.retract import retract_event
from workflows.decay.decay import apply_decay
from workflows.identity.merge import merge, unmerge
from workflows.leads.process import process_leads
from workflows.privacy.erase import erase_personal_data
from workflows.replay.replay import replay

BY = Actor("key", "tests", "k1")
LEADS = [f"lead-{number}" for number in range(6)]
DOMAINS = ("acme.com", "ajax.org")
GROUPS = ("one", "two", "three")


def address(lead_id, domain, hours_ago, event_id=None):
    return lead_id, "signup", {"email": f"{lead_id}@{domain}"}, hours_ago, event_id


def joined(lead_id, group, hours_ago, **said):
    return lead_id, "account.joined", {"groupId": group, **said}, hours_ago, None


@pytest.fixture
def tell(runtime):
    """Store facts and fold their leads, without projecting accounts."""

    async def tell(*facts):
        now = to_datetime(runtime.now())
        for lead_id, type_, properties, hours_ago, event_id in facts:
            at = now - timedelta(hours=hours_ago)
            event = EventInput(
                lead_id=lead_id, type=type_, properties=properties, occurred_at=at, event_id=event_id
            )
            await ingest(runtime, [event])
        await process_leads(runtime, {fact[0] for fact in facts})

    return tell


async def listed(runtime):
    """Every listed account: name, domain, and which leads it has."""
    found = {}
    async for account in runtime.accounts.listed.scan():
        leads = await runtime.leads.members.page(account.members, 100, None)
        assert account.leads == len(leads)
        found[account.account_id] = account.name, account.domain, {lead.lead_id for lead in leads}
    return found


async def verified(runtime):
    report = await verify_accounts(runtime)
    return [(drift.account_id, drift.what) for drift in report.drifts]


def companies_of(facts, lead_of):
    """What each lead knows of its company, from docs/accounts.md."""
    companies = {}
    for stream, type_, said, hours_ago, _ in sorted(facts, key=lambda fact: -fact[3]):
        company = companies.setdefault(lead_of.get(stream, stream), {"names": {}})
        if type_ == "signup":
            company["domain"] = said["email"].partition("@")[2]
            continue
        if said["groupId"] != company.get("group"):
            company |= {"group": said["groupId"], "names": {}}
        if names := {name: said[name] for name in ("name", "domain") if name in said}:
            company["names"] |= names
            company["at"] = -hours_ago
    return companies


def by_definition(facts, lead_of):
    """The accounts that these facts make, from docs/accounts.md."""
    leads, naming, claims = defaultdict(set), {}, defaultdict(list)
    for lead_id, company in companies_of(facts, lead_of).items():
        is_of_group = "group" in company
        account = f"group:{company['group']}" if is_of_group else f"domain:{company['domain']}"
        leads[account].add(lead_id)
        if is_of_group and company["names"]:
            naming[account] = max(
                naming.get(account, (-999, {})), (company["at"], company["names"]), key=said_at
            )
    for account, (_, names) in naming.items():
        claims[f"domain:{names.get('domain')}"].append(account)
    for domain, groups in claims.items():
        if len(groups) == 1 and domain in leads:
            leads[groups[0]] |= leads.pop(domain)
    found = {}
    for account, of_account in leads.items():
        kind, _, own = account.partition(":")
        names = naming.get(account, (0, {}))[1]
        domain = own if kind == "domain" else names.get("domain", "")
        found[account] = names.get("name") or domain or own, domain, of_account
    return found


def said_at(said):
    return said[0]


def some_facts(chance):
    """Facts of all leads, each of its own hour."""
    hours = chance.sample(range(1, 900), 24)
    facts = [address(lead, chance.choice(DOMAINS), hours.pop()) for lead in LEADS]
    for hour in hours:
        lead, group = chance.choice(LEADS), chance.choice(GROUPS)
        if lead in LEADS[1:4] or chance.random() < 0.3:
            facts.append(address(lead, chance.choice(DOMAINS), hour))
        else:
            said = {"name": f"Firm {hour}", "domain": chance.choice(DOMAINS)}
            facts.append(
                joined(lead, group, hour, **{one: said[one] for one in said if chance.random() < 0.5})
            )
    return facts


@pytest.mark.parametrize("seed", range(4))
async def test_accounts_are_what_the_facts_say_in_any_order_of_arrival(runtime, tell, seed):
    chance = random.Random(seed)
    facts = some_facts(chance)
    chance.shuffle(facts)
    for start in range(0, len(facts), 5):
        await tell(*facts[start : start + 5])
        if chance.random() < 0.5:
            await project_changes(runtime)
    lead_of = {}
    for part, whole in (("lead-1", "lead-0"), ("lead-2", "lead-0")):
        await merge(runtime, BY, part, whole, "the same person")
        lead_of[part] = whole
        await project_changes(runtime)
        assert await listed(runtime) == by_definition(facts, lead_of)
    await unmerge(runtime, BY, "lead-1", "no, another one")
    await project_changes(runtime)

    assert await listed(runtime) == by_definition(facts, {"lead-2": "lead-0"})
    assert await verified(runtime) == []
    assert (await replay(runtime, "verify")).drifted == []


async def test_a_merge_before_any_projection_leaves_no_account_of_the_absorbed_lead(runtime, tell):
    await tell(address("ada", "acme.com", 5), address("web", "ajax.org", 9))
    await merge(runtime, BY, "web", "ada", "the same person")

    await project_changes(runtime)

    assert await listed(runtime) == {"domain:acme.com": ("acme.com", "acme.com", {"ada"})}


async def test_a_retracted_event_attaches_nobody_and_counts_again_when_that_is_retracted(runtime, tell):
    await tell(address("ada", "ajax.org", 9), address("ada", "acme.com", 5, "wrong"))
    await project_changes(runtime)
    retraction = await retract_event(runtime, BY, "ada", "wrong", "a mistake")
    await process_leads(runtime, ["ada"])
    await project_changes(runtime)
    assert set(await listed(runtime)) == {"domain:ajax.org"}

    await retract_event(runtime, BY, "ada", retraction.event_id, "it was right")
    await process_leads(runtime, ["ada"])
    await project_changes(runtime)

    assert set(await listed(runtime)) == {"domain:acme.com"}
    assert await verified(runtime) == []


async def test_an_erasure_leaves_the_account_and_nothing_of_the_person(runtime, tell):
    await tell(address("ada", "acme.com", 5), address("bob", "acme.com", 4), address("eve", "gmail.com", 4))
    await project_changes(runtime)
    before = await read_account(runtime, "domain:acme.com", at=runtime.now() + DAY)

    for lead_id in ("ada", "eve"):
        await erase_personal_data(runtime, ENGINE, lead_id)

    after = await read_account(runtime, "domain:acme.com", at=before.account.scored_at)
    assert after == before
    for name in await runtime.store.database.list_collection_names():
        stored = str(await runtime.store.database[name].find().to_list())
        assert "ada@" not in stored, name
        assert "gmail" not in stored, name
    await rebuild_accounts(runtime)
    assert set(await listed(runtime)) == {"domain:acme.com"}


async def test_a_projection_that_fails_half_way_is_done_again(runtime, tell, monkeypatch):
    await tell(
        joined("ada", "one", 9, domain="acme.com"),
        address("bob", "acme.com", 8),
        address("eve", "ajax.org", 8),
    )
    await project_changes(runtime)
    await tell(joined("ada", "one", 5, domain="ajax.org"))
    write, calls = type(runtime.accounts.listed).write, []

    async def failing(store, account):
        calls.append(account.account_id)
        if len(calls) > 1:
            raise Unavailable("gone")
        await write(store, account)

    with monkeypatch.context() as patched:
        patched.setattr(type(runtime.accounts.listed), "write", failing)
        with pytest.raises(Unavailable):
            await project_changes(runtime)
    await project_changes(runtime)

    assert len(calls) > 1
    assert await listed(runtime) == {
        "group:one": ("ajax.org", "ajax.org", {"ada", "eve"}),
        "domain:acme.com": ("acme.com", "acme.com", {"bob"}),
    }
    assert await runtime.accounts.changes.count(10) == 0


async def test_two_processes_never_project_at_once(runtime, tell, monkeypatch):
    await tell(address("ada", "acme.com", 5))
    await runtime.store.database["leases"].insert_one(
        {"_id": LEASE, "holder": "another", "expiresAt": to_datetime(runtime.now() + 10**9)}
    )

    assert await project_changes(runtime) == 0
    monkeypatch.setattr("workflows.sole_projector._WAIT_SECONDS", 0)
    with pytest.raises(Unavailable):
        await rebuild_accounts(runtime)

    assert await listed(runtime) == {}


async def test_more_changes_than_are_read_at_once_are_all_projected(runtime, tell, monkeypatch):
    monkeypatch.setattr(module, "_CHANGES", 2)
    for number in range(5):
        await tell(address(f"lead-{number}", f"firm{number}.com", 5))

    assert await project_changes(runtime) == 5
    assert len(await listed(runtime)) == 5


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"$inc": {"score": 0.01}}, "differs in score"),
        ({"$set": {"name": "Ajax"}}, "differs in name"),
        ({"$set": {"leads": 7, "surge": True}}, "differs in leads, has_surge"),
        (None, "is not listed"),
    ],
)
async def test_verify_finds_what_differs_and_a_rebuild_corrects_it(runtime, tell, change, what):
    await tell(joined("ada", "one", 9, name="Acme", domain="acme.com"), address("bob", "acme.com", 5))
    await project_changes(runtime)
    assert await verified(runtime) == []
    accounts, key = runtime.store.database["accounts"], {"_id": "group:one"}
    before = await accounts.find_one(key)
    if change is None:
        await accounts.delete_one(key)
        expected = [("domain:acme.com", what), ("group:one", what)]
    else:
        await accounts.update_one(key, change)
        expected = [("group:one", what)]
    await accounts.insert_one(
        {**before, "_id": "domain:ghost.com", "members": ["domain:ghost.com"], "domain": "ghost.com"}
    )

    assert await verified(runtime) == [("domain:ghost.com", "has no leads"), *expected]
    assert await rebuild_accounts(runtime) == 1
    assert await verified(runtime) == []


async def test_a_listed_score_follows_time(runtime, tell, clock):
    await tell(address("ada", "acme.com", 1))
    await project_changes(runtime)
    before = await runtime.accounts.listed.get("domain:acme.com")

    clock.at += 40 * DAY
    await apply_decay(runtime)
    await process_leads(runtime, ["ada"])
    await project_changes(runtime)

    after = await runtime.accounts.listed.get("domain:acme.com")
    assert after.scored_at > before.scored_at
    assert after.score < before.score


async def test_nothing_is_said_of_companies_without_the_setting(runtime, tell):
    silent = runtime.with_settings(company_facts=False)
    event = EventInput(lead_id="ada", type="signup", properties={"email": "ada@acme.com"})

    await ingest(silent, [event])

    (stored,) = await runtime.capture.events.of_lead("ada")
    assert set(stored.properties) == {"email"}


async def test_a_repeat_from_before_this_release_is_a_duplicate_still(runtime):
    event = EventInput(lead_id="ada", type="signup", event_id="e", properties={"email": "ada@acme.com"})
    other = EventInput(
        lead_id="ada", type="signup", event_id="e", properties={"email": "ada@acme.com", "plan": 1}
    )
    for release in (runtime.with_settings(company_facts=False), runtime):
        (result,) = await ingest(release, [event])
    assert result.status == "duplicate"
    assert (await ingest(runtime, [other]))[0].status == "conflict"
