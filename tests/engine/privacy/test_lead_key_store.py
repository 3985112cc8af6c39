"""A lead has at most one key, whichever process creates it, until it is destroyed."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Unavailable
from engine.privacy.lead_key_store import LeadKeyStore
from engine.store.mongo import transact


@pytest.fixture
def keys(runtime):
    return runtime.privacy.keys


async def destroy(runtime, lead_id):
    await transact(runtime.store.client, lambda session: runtime.privacy.keys.destroy(lead_id, session))


async def test_a_key_is_made_when_it_is_first_needed_and_found_from_then_on(runtime, keys):
    assert await keys.find("ada") is None
    made = (await keys.of_leads(["ada", "bob"]))["ada"]
    again = (await keys.of_leads(["ada"]))["ada"]
    assert (again.key_id, again.secret) == (made.key_id, made.secret)
    assert len(made.secret) == 32
    record = await keys.record("ada")
    assert (record.key_id, record.created_at) == (made.key_id, runtime.now())


async def test_a_hundred_rivals_get_one_and_the_same_key(runtime):
    stores = [LeadKeyStore(runtime.store.database, runtime.now) for _ in range(20)]
    asked = [store.of_leads(["ada", f"own-{number}"]) for store in stores for number in range(5)]
    found = await asyncio.gather(*asked)
    assert len({keys["ada"].secret for keys in found}) == 1
    assert await runtime.store.database["leadKeys"].count_documents({}) == 6


async def test_after_its_end_a_lead_gets_another_key(runtime, keys):
    before = (await keys.of_leads(["ada"]))["ada"]
    await destroy(runtime, "ada")
    assert await keys.find("ada") is None
    after = (await keys.of_leads(["ada"]))["ada"]
    assert after.key_id != before.key_id
    assert after.secret != before.secret


async def test_destroying_a_key_that_is_not_there_changes_nothing(runtime, keys):
    await keys.of_leads(["bob"])
    await destroy(runtime, "ada")
    assert await keys.find("bob") is not None


async def test_a_key_whose_write_is_not_confirmed_is_used_once_a_majority_has_it(runtime, keys):
    fault = {"failCommands": ["insert"], "writeConcernError": {"code": 64, "errmsg": "too slow"}}
    fault["namespace"] = f"{runtime.store.database.name}.leadKeys"
    await runtime.store.client.admin.command(
        "configureFailPoint", "failCommand", mode={"times": 1}, data=fault
    )
    made = (await keys.of_leads(["ada"]))["ada"]
    assert (await keys.find("ada")).secret == made.secret


@pytest.fixture
async def refusing(runtime):
    """MongoDB refuses every key."""
    await runtime.store.database.command("collMod", "leadKeys", validator={"keyId": {"$exists": False}})
    yield
    await runtime.store.database.command("collMod", "leadKeys", validator={})


async def test_the_error_of_a_key_that_cannot_be_stored_does_not_contain_it(keys, refusing, caplog):
    with pytest.raises(Unavailable) as refusal:
        await keys.of_leads(["ada"])
    assert str(refusal.value) == "The keys of these leads cannot be stored."
    assert refusal.value.__suppress_context__, "the error itself quotes the key"
    assert "keyId" in str(refusal.value.__context__.details), "the control: so it does"
    assert "keyId" not in caplog.text
