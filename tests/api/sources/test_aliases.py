"""An alias makes one lead of two, also of two that are known, unless anybody could have sent it."""

from __future__ import annotations

import itertools

import pytest

from domain.identity.identifier import Identifier
from engine.operations.audit_log import ENGINE
from workflows.identity.find import find
from workflows.identity.merge import unmerge

WEB = "https://www.example.com"


@pytest.fixture
async def web(new_source):
    """A sender whose source has an origin, so that its key is public."""
    web = await new_source("web", origins=[WEB])
    web.headers["origin"] = WEB
    return web


def track(user):
    return {"type": "track", "event": "page_view", "userId": user}


ALIAS = {"type": "alias", "userId": "new", "previousId": "old", "messageId": "alias-1"}


async def lead_of(api, user):
    return await find(api.runtime, Identifier("userId", user))


@pytest.mark.parametrize("messages", list(itertools.permutations((track("old"), track("new"), ALIAS))))
async def test_a_former_user_id_and_the_new_one_are_one_lead_in_whatever_order(api, sender, messages):
    for message in messages:
        await sender.batch(message)
    lead_id = await lead_of(api, "new")
    assert lead_id == await lead_of(api, "old")
    await api.work()
    assert (await api.runtime.leads.states.get(lead_id)).activities == 2


async def test_the_former_id_counts_beside_the_anonymous_id_of_the_device(api, sender):
    await sender.batch(track("old"), track("new"))
    await sender.batch({**ALIAS, "anonymousId": "device"})
    assert await lead_of(api, "old") == await lead_of(api, "new")
    assert await find(api.runtime, Identifier("anonymousId", "device")) == await lead_of(api, "new")


async def test_an_alias_that_is_sent_again_after_its_undoing_merges_nothing(api, sender):
    await sender.batch(track("old"), track("new"), ALIAS)
    old = await sender.events()
    await unmerge(api.runtime, ENGINE, old[0].lead_id, "they are two")
    await sender.batch(ALIAS)
    assert await lead_of(api, "old") != await lead_of(api, "new")
    (pair,) = (await api.get("/api/duplicates"))["items"]
    assert set(pair["leadIds"]) == {await lead_of(api, "old"), await lead_of(api, "new")}


async def test_with_the_key_of_a_web_page_known_leads_are_listed_and_only_anonymous_ones_merged(api, web):
    await web.batch(track("old"), track("new"), {"type": "page", "anonymousId": "device"})
    await web.batch(ALIAS)
    assert await lead_of(api, "old") != await lead_of(api, "new")
    assert len((await api.get("/api/duplicates"))["items"]) == 1
    await web.batch({**ALIAS, "previousId": "device", "anonymousId": "other", "messageId": "alias-2"})
    assert await find(api.runtime, Identifier("anonymousId", "device")) == await lead_of(api, "new")
    await web.batch({**ALIAS, "previousId": "nobody", "messageId": "alias-3"})
    assert await lead_of(api, "nobody") is None


@pytest.mark.parametrize("former", ["", "null", "undefined"])
async def test_what_is_no_id_joins_nobody(api, sender, former):
    await sender.batch(track("new"), {**ALIAS, "previousId": former})
    assert await lead_of(api, "new")
    assert (await api.get("/api/duplicates"))["items"] == []
