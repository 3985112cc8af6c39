"""Names are found too where nothing is encrypted, and an erasure removes them from the index there as well."""

from __future__ import annotations

import pytest

from engine.operations.audit_log import ENGINE
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.identity.find_named import find_named
from workflows.identity.index_names import index_names
from workflows.privacy.erase import erase_personal_data


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"personal_fields": ""})


async def test_names_that_are_not_encrypted_are_indexed_from_every_event_and_erased(runtime):
    event = {"leadId": "ada", "type": "signup", "properties": {"firstName": "Ada"}}
    await ingest(runtime, [check_event(event)])
    assert "Ada" in str(await runtime.store.database["events"].find_one()), "the name stands in the open"
    await index_names(runtime)
    assert (await find_named(runtime, ["ada"], "", 10)).leads == {"ada": "ada"}
    await erase_personal_data(runtime, ENGINE, "ada")
    await index_names(runtime)
    assert (await find_named(runtime, ["ada"], "", 10)).leads == {}
