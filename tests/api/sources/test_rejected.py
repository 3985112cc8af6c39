"""Rejected items: listed with their reasons, and taken once the mapping is corrected."""

from __future__ import annotations

BAD = {
    "type": "track",
    "event": "Contact",
    "messageId": "m-1",
    "properties": {"customer": "c-1", "email": "a@b.example"},
}


async def test_an_item_is_taken_once_its_mapping_is_corrected(api, sender):
    await sender.batch(BAD)
    (item,) = await sender.rejected()
    assert item["content"] == BAD
    assert item["errors"]
    replay = f"/api/sources/{sender.source['id']}/rejected/replay"
    still = (await api.http.post(replay, json={})).json()
    assert still == {"accepted": 0, "duplicates": 0, "blocked": 0, "stillRejected": 1, "nextCursor": None}
    mapping = {"identifiers": {"userId": "properties.customer"}, "events": {"Contact": "form_submitted"}}
    await api.http.patch(f"/api/sources/{sender.source['id']}", json=mapping)
    api.wait(days=2)
    done = (await api.http.post(replay)).json()
    assert (done["accepted"], done["stillRejected"]) == (1, 0)
    (event,) = await sender.events()
    assert event.type == "form_submitted"
    assert event.occurred_at == api.clock.at - 2 * 86_400_000, "it occurred when it came"
    assert await sender.rejected() == []
    await sender.batch(BAD)
    assert await api.stored() == 1, "it is the same message"


async def test_some_items_are_taken_by_their_ids(api, sender):
    await sender.batch(*({**BAD, "messageId": f"m-{n}"} for n in range(3)))
    await api.http.patch(
        f"/api/sources/{sender.source['id']}", json={"identifiers": {"userId": "properties.customer"}}
    )
    wanted = (await sender.rejected())[1]["id"]
    answer = await api.http.post(
        f"/api/sources/{sender.source['id']}/rejected/replay", json={"ids": [wanted]}
    )
    assert answer.json()["accepted"] == 1
    assert wanted not in {one["id"] for one in await sender.rejected()}
    assert len(await sender.rejected()) == 2


async def test_more_than_one_page_is_taken_by_cursor(api, sender, monkeypatch):
    monkeypatch.setattr("workflows.sources.replay_rejected._AT_ONCE", 2)
    await sender.batch(*({**BAD, "messageId": f"m-{n}"} for n in range(5)))
    path = f"/api/sources/{sender.source['id']}"
    seen, cursor = 0, None
    while True:
        done = (await api.http.post(f"{path}/rejected/replay", json={"cursor": cursor})).json()
        seen, cursor = seen + done["stillRejected"], done["nextCursor"]
        if cursor is None:
            break
    assert seen == 5


async def test_the_content_is_stored_sealed(api, sender):
    await sender.batch(BAD)
    (stored,) = await api.runtime.store.database["rejectedItems"].find().to_list()
    assert "a@b.example" not in str(stored)


async def test_a_source_keeps_a_bounded_number_and_counts_the_rest(api, sender, monkeypatch):
    monkeypatch.setattr("engine.sources.rejected_store.MAX_KEPT", 3)
    await sender.batch(*({**BAD, "messageId": f"m-{n}"} for n in range(5)))
    assert len(await sender.rejected()) == 3
    assert api.runtime.sources.captured["segment", "not-kept"] == 2


async def test_an_item_that_is_too_large_is_kept_without_its_content(api, sender):
    await sender.batch({**BAD, "properties": {"text": "x" * 300_000}})
    (item,) = await sender.rejected()
    assert item["content"] is None
    assert item["errors"]


async def test_nothing_is_kept_of_a_person_who_was_erased_and_blocked(api, sender):
    await sender.batch({**BAD, "userId": "u-9", "messageId": "m-1"})
    (event,) = await sender.events()
    await api.work()
    path = f"/api/leads/{event.lead_id}/personal-data?block=true"
    assert (await api.http.delete(path)).status_code == 200
    await sender.batch(
        {**BAD, "userId": "u-9", "messageId": "m-2"}, {"type": "dance", "userId": "u-9", "messageId": "m-3"}
    )
    assert await sender.rejected() == []
    assert await api.stored() == 1


async def test_an_erasure_removes_the_items_of_the_person(api, sender):
    await sender.batch(
        {**BAD, "userId": "u-9"},
        {"type": "dance", "userId": "u-9", "messageId": "m-2"},
        {"type": "dance", "userId": "u-8", "messageId": "m-3"},
    )
    (event,) = await sender.events()
    assert len(await sender.rejected()) == 2
    await api.work()
    assert (await api.http.delete(f"/api/leads/{event.lead_id}/personal-data")).status_code == 200
    assert [one["content"]["userId"] for one in await sender.rejected()] == ["u-8"]
