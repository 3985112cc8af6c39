"""Endpoints are found by the events that they subscribe to, and never show their secrets."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import Conflict, NotFound
from domain.instant import HOUR
from engine.webhooks.endpoint import patterns_of
from engine.webhooks.endpoint_store import EndpointChange

URL = "https://hooks.example.com/a"


@pytest.fixture
async def endpoints(runtime):
    return runtime.webhooks.endpoints


def test_the_patterns_of_an_event_are_its_name_and_every_prefix():
    assert patterns_of("lead.stage.changed") == ["lead.stage.changed", "lead.stage.*", "lead.*"]
    assert patterns_of("lead") == ["lead"]


@pytest.mark.parametrize(
    ("event_types", "event", "listens"),
    [
        ([], "lead.qualified", True),
        (["lead.qualified"], "lead.qualified", True),
        (["lead.lost", "lead.qualified"], "lead.qualified", True),
        (["lead.*"], "lead.qualified", True),
        (["lead.*"], "lead.stage.changed", True),
        (["lead.stage.*"], "lead.stage.changed", True),
        (["lead.stage.*"], "lead.qualified", False),
        (["lead.*"], "lead", False),
        (["lead.*"], "leads.qualified", False),
        (["lead"], "lead.qualified", False),
        (["lead.qualified"], "lead.qualified.again", False),
        (["deal.*", "lead.lost"], "lead.qualified", False),
    ],
)
async def test_an_endpoint_subscribes_to_exact_names_prefixes_or_everything(
    endpoints, event_types, event, listens
):
    endpoint = await endpoints.add(URL, "", event_types, 0)
    assert await endpoints.listening_to(event) == ([endpoint.endpoint_id] if listens else [])


async def test_a_disabled_endpoint_gets_nothing(endpoints):
    endpoint = await endpoints.add(URL, "", [], 0)
    assert await endpoints.disable(endpoint.endpoint_id, "broken")
    assert await endpoints.listening_to("lead.qualified") == []


async def test_the_first_reason_to_disable_an_endpoint_stays(endpoints):
    endpoint = await endpoints.add(URL, "", [], 0)
    await endpoints.disable(endpoint.endpoint_id, "first")
    assert not await endpoints.disable(endpoint.endpoint_id, "second")
    assert (await endpoints.get(endpoint.endpoint_id)).reason == "first"


async def test_an_endpoint_comes_back_as_it_was_stored(endpoints):
    stored = await endpoints.add(URL, "$set: {a.b}", ["lead.*"], 1_795_348_800_123)
    rotated = await endpoints.rotate(stored.endpoint_id, 1_795_348_800_124, HOUR)
    assert await endpoints.get(stored.endpoint_id) == rotated
    assert rotated.description == "$set: {a.b}"
    assert rotated.created_at == 1_795_348_800_123
    assert rotated.secrets[1].value == stored.secrets[0].value
    assert rotated.secrets[1].expires_at == 1_795_348_800_124 + HOUR


async def test_of_two_rotations_at_once_every_secret_that_was_given_out_is_kept(endpoints):
    endpoint = await endpoints.add(URL, "", [], 0)
    results = await asyncio.gather(
        *(endpoints.rotate(endpoint.endpoint_id, 0, HOUR) for _ in range(3)), return_exceptions=True
    )
    given = {one.secrets[0].value for one in results if not isinstance(one, Exception)}
    assert given
    assert {type(one) for one in results if isinstance(one, Exception)} <= {Conflict}
    kept = {one.value for one in (await endpoints.get(endpoint.endpoint_id)).secrets}
    assert given | {endpoint.secrets[0].value} == kept


async def test_what_a_change_does_not_name_stays(endpoints):
    endpoint = await endpoints.add(URL, "mine", ["lead.*"], 0)
    changed = await endpoints.change(endpoint.endpoint_id, EndpointChange(description="yours"))
    assert (changed.description, changed.url, changed.event_types) == ("yours", URL, ("lead.*",))
    assert await endpoints.change(endpoint.endpoint_id, EndpointChange()) == changed


async def test_what_is_not_there_is_not_found(endpoints):
    for call in (
        endpoints.get("ep_0"),
        endpoints.change("ep_0", EndpointChange(url=URL)),
        endpoints.rotate("ep_0", 0, 0),
        endpoints.delete("ep_0"),
    ):
        with pytest.raises(NotFound, match="ep_0"):
            await call


async def test_there_are_only_so_many_endpoints(endpoints, monkeypatch):
    monkeypatch.setattr("engine.webhooks.endpoint_store.MAX_ENDPOINTS", 2)
    await endpoints.add(URL, "", [], 0)
    second = await endpoints.add(URL, "", [], 0)
    with pytest.raises(Conflict, match="2 endpoints"):
        await endpoints.add(URL, "", [], 0)
    await endpoints.delete(second.endpoint_id)
    assert await endpoints.add(URL, "", [], 0)


async def test_neither_an_endpoint_nor_its_document_shows_a_secret_when_printed(endpoints):
    endpoint = await endpoints.add(URL, "", [], 0)
    document = await endpoints._endpoints.get(endpoint.endpoint_id)
    assert endpoint.secrets[0].value == document.secrets[0].value
    assert (
        endpoint.secrets[0].value
        not in f"{endpoint} {endpoint!r} {document} {document!r} {document.secrets!r}"
    )
