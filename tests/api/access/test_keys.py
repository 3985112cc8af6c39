"""API keys over HTTP: create, list, rotate and revoke."""

from __future__ import annotations

import asyncio

import pytest

from engine.access.keys.token import hash_of


@pytest.fixture
async def made(api):
    """A key that was made over HTTP, as it was answered."""
    answer = await api.http.post("/api/keys", json={"name": "crm", "scopes": ["read", "ingest"]})
    assert answer.status_code == 201
    return answer.json()


async def status(api, key):
    return (await api.ask("get", "/api/leads", key)).status_code


async def until(api, key, wanted, seconds=5):
    async with asyncio.timeout(seconds):
        while await status(api, key) != wanted:
            await asyncio.sleep(0.05)


async def test_a_new_key_works_at_once_and_is_shown_only_this_once(api, made):
    assert await status(api, made["key"]) == 200
    shown = {key: value for key, value in made.items() if key != "key"}
    assert shown == {
        "id": made["id"],
        "name": "crm",
        "scopes": ["read", "ingest"],
        "origins": [],
        "createdAt": api.at(),
        "lastUsedAt": None,
        "oldSecretsExpireAt": None,
        "revokedAt": None,
    }
    # Its use above is written down in the background, before these reads or after.
    assert {**await api.get(f"/api/keys/{made['id']}"), "lastUsedAt": None} == shown
    listed = await api.http.get("/api/keys")
    assert shown in [{**one, "lastUsedAt": None} for one in listed.json()["items"]]
    assert made["key"] not in listed.text


async def test_only_the_hash_of_a_key_is_stored(api, made):
    documents = await api.runtime.store.database["apiKeys"].find().to_list()
    assert made["key"][-64:] not in str(documents)
    (document,) = (one for one in documents if one["_id"] == made["id"])
    assert [one["hash"] for one in document["secrets"]] == [hash_of(made["key"])]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/name", "/scopes"]),
        ({"name": "", "scopes": ["read"]}, ["/name"]),
        ({"name": " ", "scopes": ["read"]}, ["/name"]),
        ({"name": "\x1b[31m", "scopes": ["read"]}, ["/name"]),
        ({"name": "a" * 101, "scopes": ["read"]}, ["/name"]),
        ({"name": "a", "scopes": []}, ["/scopes"]),
        ({"name": "a", "scopes": ["read", "write"]}, ["/scopes/1"]),
        ({"name": "a", "scopes": "read"}, ["/scopes"]),
        ({"name": "a", "scopes": ["read"], "key": "mine"}, ["/key"]),
        (
            {"name": "a", "scopes": ["ingest"], "origins": ["https://a.example", "https://B.example", "*"]},
            ["/origins/1", "/origins/2"],
        ),
        ({"name": "a", "scopes": ["ingest", "read"], "origins": ["https://a.example"]}, ["/scopes"]),
    ],
)
async def test_a_wrong_wish_is_refused_with_a_pointer_to_each_fault(api, body, pointers):
    answer = await api.http.post("/api/keys", json=body)
    assert [fault["pointer"] for fault in api.problem(answer, 400)["errors"]] == pointers
    assert len((await api.get("/api/keys"))["items"]) == 1


async def test_an_old_key_works_beside_the_new_one_until_its_time_has_come(api, made):
    answer = await api.http.post(f"/api/keys/{made['id']}/rotate", json={"overlapHours": 2})
    assert answer.status_code == 200
    new = answer.json()
    assert new["id"] == made["id"]
    assert new["oldSecretsExpireAt"] == api.at(hours=2)
    assert (await status(api, made["key"]), await status(api, new["key"])) == (200, 200)
    api.wait(hours=2, milliseconds=-1)
    assert (await status(api, made["key"]), await status(api, new["key"])) == (200, 200)
    api.wait(milliseconds=1)
    assert (await status(api, made["key"]), await status(api, new["key"])) == (401, 200)
    assert (await api.get(f"/api/keys/{made['id']}"))["oldSecretsExpireAt"] is None


async def test_without_a_word_the_overlap_is_a_day(api, made):
    new = (await api.http.post(f"/api/keys/{made['id']}/rotate")).json()
    assert new["oldSecretsExpireAt"] == api.at(hours=24)


async def test_without_an_overlap_the_old_key_ends_within_seconds(api, made):
    assert await status(api, made["key"]) == 200
    new = (await api.http.post(f"/api/keys/{made['id']}/rotate", json={"overlapHours": 0})).json()
    assert new["oldSecretsExpireAt"] is None
    await until(api, made["key"], 401)
    assert await status(api, new["key"]) == 200


async def test_a_second_rotation_never_gives_an_old_key_more_time(api, made):
    await api.http.post(f"/api/keys/{made['id']}/rotate", json={"overlapHours": 1})
    await api.http.post(f"/api/keys/{made['id']}/rotate", json={"overlapHours": 100})
    assert await status(api, made["key"]) == 200
    api.wait(hours=1)
    assert await status(api, made["key"]) == 401


async def test_a_key_has_at_most_five_valid_secrets(api, made):
    path = f"/api/keys/{made['id']}/rotate"
    for _ in range(4):
        assert (await api.http.post(path)).status_code == 200
    assert "still valid" in api.problem(await api.http.post(path), 409)["detail"]
    assert (await api.http.post(path, json={"overlapHours": 0})).status_code == 200


async def test_a_revoked_key_is_refused_within_seconds_for_good_and_stays_listed(api, made):
    assert await status(api, made["key"]) == 200
    api.wait(minutes=5)
    answer = await api.http.post(f"/api/keys/{made['id']}/revoke")
    assert (answer.status_code, answer.json()["revokedAt"]) == (200, api.at(minutes=5))
    await until(api, made["key"], 401)
    api.wait(minutes=5)
    again = await api.http.post(f"/api/keys/{made['id']}/revoke")
    assert again.json()["revokedAt"] == api.at(minutes=5)
    assert "revoked" in api.problem(await api.http.post(f"/api/keys/{made['id']}/rotate"), 409)["detail"]
    assert made["id"] in [one["id"] for one in (await api.get("/api/keys"))["items"]]


async def test_the_last_use_of_a_key_is_shown_and_written_at_most_once_a_minute(api, made, monkeypatch):
    written = []
    record_uses = api.runtime.access.keys.record_uses

    async def noted(uses):
        written.append(uses)
        await record_uses(uses)

    monkeypatch.setattr(api.runtime.access.keys, "record_uses", noted)
    keyring = api.authenticator.context.keyring

    async def use():
        assert await status(api, made["key"]) == 200
        await keyring.store_uses()
        return (await api.get(f"/api/keys/{made['id']}"))["lastUsedAt"]

    assert await use() == api.at()
    api.wait(seconds=59)
    assert await use() == api.at()
    api.wait(seconds=1)
    assert await use() == api.at(minutes=1)
    assert sum(made["id"] in uses for uses in written) == 2


async def test_pages_of_keys_lead_through_all_of_them_newest_first(api):
    for minute in range(5):
        api.wait(minutes=1)
        await api.http.post("/api/keys", json={"name": f"key {minute}", "scopes": ["read"]})
    names, path = [], "/api/keys?limit=2"
    while path:
        answer = await api.http.get(path)
        names += [one["name"] for one in answer.json()["items"]]
        path = answer.links.get("next", {}).get("url")
    assert names == ["key 4", "key 3", "key 2", "key 1", "key 0", "tests"]


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("post", "/rotate"), ("post", "/revoke")])
async def test_a_key_that_there_never_was_is_404(api, method, path):
    answer = await api.http.request(method, f"/api/keys/key_0{path}")
    assert api.problem(answer, 404)["detail"] == "There is no API key 'key_0'."


async def test_more_keys_than_a_process_holds_in_memory_are_refused(api, monkeypatch):
    monkeypatch.setattr("engine.access.keys.key_store.MAX_KEYS", 2)
    body = {"name": "one more", "scopes": ["read"]}
    first = await api.http.post("/api/keys", json=body)
    assert first.status_code == 201
    assert "revoke one first" in api.problem(await api.http.post("/api/keys", json=body), 409)["detail"]
    await api.http.post(f"/api/keys/{first.json()['id']}/revoke")
    assert (await api.http.post("/api/keys", json=body)).status_code == 201
