"""POST /api/imports: files become events in the background, as the command makes them."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest

from domain.identity.identifier import Identifier
from engine.work.loop import WorkLoop
from workflows.identity.find import find
from workflows.imports.background import perform
from workflows.imports.background.perform import import_kind, perform_import

MAPPING = """
source: crm
identifiers: {email: E-mail}
events:
- type: signup
  eventId: "crm:{Id}"
  occurredAt: {column: Created}
  properties: {company: {column: Company}}
"""
ROWS = (
    "Id,E-mail,Created,Company\n"
    "1,ada@example.com,2026-11-01T10:00:00Z,ACME\n"
    "2,bob@example.com,2026-11-02T10:00:00Z,Bees\n"
)


@pytest.fixture
def upload(api):
    """Sends a file in a form, or as the body."""

    async def upload(content=ROWS, name="leads.csv", status=202, query="", **fields):
        data = {"mapping": MAPPING, **fields}
        raw = content if isinstance(content, bytes) else content.encode()
        answer = await api.http.post(
            f"/api/imports{query}",
            data={key: value for key, value in data.items() if value is not None},
            files={"file": (name, raw, "text/csv")},
        )
        assert answer.status_code == status, answer.text
        return answer.json()

    return upload


async def done(api, import_id):
    await WorkLoop(import_kind(api.runtime), api.runtime.now).drain()
    return await api.get(f"/api/imports/{import_id}")


async def test_the_rows_of_a_file_become_events_of_the_people_in_it(api, upload):
    accepted = await upload()
    assert (accepted["state"], accepted["fileName"], accepted["report"]) == ("waiting", "leads.csv", {})
    ended = await done(api, accepted["importId"])
    assert (ended["state"], ended["detail"]) == ("done", "2 rows")
    assert ended["report"]["rows"] == 2
    assert ended["report"]["accepted"] == 2
    await api.work()
    (lead,) = (await api.get("/api/leads?email=ada@example.com"))["items"]
    (event,) = [
        one
        for one in (await api.get(f"/api/leads/{lead['leadId']}/events"))["items"]
        if one["source"] == "crm"
    ]
    assert (event["eventId"], event["properties"]) == ("crm:1", {"company": "ACME"})
    again = await done(api, (await upload())["importId"])
    assert (again["report"]["accepted"], again["report"]["duplicates"]) == (0, 2)


async def test_a_file_is_inspected_before_it_is_imported_and_its_mapping_works(api, upload):
    content = ROWS.replace(",", ";").encode("utf-16")
    answer = await api.http.post("/api/imports/inspect", files={"file": ("Spring leads.csv", content)})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["rows"], found["whole"], found["recognised"]) == (2, True, "")
    assert "UTF-16" in found["file"][0]
    columns = {one["name"]: (one["kind"], one["property"]) for one in found["columns"]}
    assert columns["E-mail"] == ("e-mail", "email")
    assert columns["Created"][0] == "time"
    assert found["firstRows"][0] == ["1", "ada@example.com", "2026-11-01T10:00:00Z", "ACME"]
    assert found["mapping"].startswith("# Columns were guessed: Spring leads.csv.")
    assert found["trial"]["rejectedRows"] == 0
    assert (await api.get("/api/imports"))["items"] == []
    ended = await done(api, (await upload(content, mapping=found["mapping"]))["importId"])
    assert (ended["state"], ended["report"]["rejectedRows"]) == ("done", 0)


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "file"), (b"Id,E-mail\n", "no rows"), (b"\x89PNG\r\n\x1a\n\x00\x00", "")]
)
async def test_a_file_that_is_no_table_is_refused_by_its_inspection(api, content, says):
    answer = await api.http.post("/api/imports/inspect", files={"file": ("empty.csv", content)})
    assert answer.status_code == 400, answer.text
    assert says in answer.text


async def test_a_body_of_lines_of_json_is_inspected_as_a_table(api):
    answer = await api.http.post(
        "/api/imports/inspect?fileName=leads.ndjson",
        content=b'{"id":"1","person":{"email":"ada@example.com"}}\n',
        headers={"content-type": "application/x-ndjson"},
    )
    assert answer.status_code == 200, answer.text
    assert [one["name"] for one in answer.json()["columns"]] == ["id", "person.email"]


async def test_a_dry_run_stores_nothing(api, upload):
    ended = await done(api, (await upload(dryRun="true"))["importId"])
    assert (ended["dryRun"], ended["report"]["rows"], ended["report"]["events"]) == (True, 2, 2)
    assert await api.runtime.capture.log.count() == 0


async def test_a_mapping_that_is_kept_is_used_by_its_name_for_a_body_that_is_the_file(api):
    kept = await api.http.put("/api/import-mappings/crm", json={"text": MAPPING})
    assert kept.status_code == 200, kept.text
    assert [one["name"] for one in (await api.get("/api/import-mappings"))["items"]] == ["crm"]
    answer = await api.http.post(
        "/api/imports?mappingName=crm&fileName=leads.csv.gz",
        content=gzip.compress(ROWS.encode()),
        headers={"content-type": "application/gzip"},
    )
    assert answer.status_code == 202, answer.text
    assert answer.json()["mappingName"] == "crm"
    assert (await done(api, answer.json()["importId"]))["report"]["accepted"] == 2
    assert (await api.http.delete("/api/import-mappings/crm")).status_code == 204
    problem = await api.http.post("/api/imports?mappingName=crm", content=ROWS.encode())
    assert api.problem(problem, 404)


async def test_ndjson_is_read_too(api, upload):
    lines = [
        {"Id": 1, "E-mail": "ada@example.com", "Created": "2026-11-01T10:00:00Z"},
        {"Id": 2, "E-mail": "bob@example.com", "Created": "2026-11-01T10:00:00Z", "Company": "Grüße"},
    ]
    content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    ended = await done(api, (await upload(content, name="leads.ndjson"))["importId"])
    assert (ended["state"], ended["report"]["accepted"]) == ("done", 2)
    problem = await upload(content + "\nno json\n", name="leads.ndjson", status=400)
    assert problem["errors"][0]["pointer"] == "line 3"


async def test_rows_that_are_refused_are_there_as_a_file_and_the_others_are_stored(api, upload):
    content = ROWS + "3,no address,2026-11-02T10:00:00Z,Cats\n"
    ended = await done(api, (await upload(content))["importId"])
    assert (ended["report"]["rejectedRows"], ended["report"]["accepted"]) == (1, 2)
    assert "no address" not in json.dumps(ended)
    rejects = await api.http.get(f"/api/imports/{ended['importId']}/rejects")
    assert rejects.headers["content-type"].startswith("text/csv")
    assert "no address" in rejects.text
    assert rejects.text.splitlines()[1].startswith("4,")
    clean = await done(api, (await upload())["importId"])
    assert api.problem(await api.http.get(f"/api/imports/{clean['importId']}/rejects"), 404)


@pytest.mark.parametrize(
    ("fields", "content", "pointer"),
    [
        ({"mapping": None}, ROWS, "/mapping"),
        ({"mappingName": "crm"}, ROWS, "/mapping"),
        ({"mapping": MAPPING.replace("E-mail", "Mail")}, ROWS, "column 'Mail'"),
        ({}, "", "/file"),
    ],
)
async def test_what_cannot_work_is_refused_at_once(api, upload, fields, content, pointer):
    problem = await upload(content, status=400, **fields)
    assert problem["errors"][0]["pointer"] == pointer
    assert (await api.get("/api/imports"))["items"] == []
    assert await api.runtime.store.database["importFiles"].count_documents({}) == 0


async def test_a_mapping_with_faults_names_line_and_field(api, upload):
    problem = await upload(status=400, mapping=MAPPING.replace("type: signup", "typo: signup"))
    assert "typo" in json.dumps(problem["errors"])


async def test_a_file_that_is_too_large_is_refused(api, monkeypatch, upload):
    settings = api.runtime.settings.model_copy(update={"import_max_mb": 1})
    monkeypatch.setitem(api.runtime.__dict__, "settings", settings)
    await upload(ROWS + "x" * 1_100_000, status=413)


async def test_an_import_goes_on_where_it_paused_and_counts_every_row_once(api, upload):
    rows = "".join(f"{n},p{n}@example.com,2026-11-01T10:00:00Z,{'' if n % 7 else 'x'}\n" for n in range(2500))
    content = "Id,E-mail,Created,Company\n" + rows + "a,none,2026-11-01T10:00:00Z,\n"
    import_id = (await upload(content))["importId"]
    units = api.runtime.imports.units
    verdicts = []
    for _ in range(10):
        outcome = await perform_import(api.runtime, await units.get(import_id), seconds=-1)
        verdicts.append(outcome.verdict)
        if outcome.verdict != "later":
            break
    assert verdicts[-1] == "done"
    assert "later" in verdicts
    report = (await api.get(f"/api/imports/{import_id}"))["report"]
    assert (report["rows"], report["accepted"], report["rejectedRows"]) == (2501, 2500, 1)
    rejects = await api.http.get(f"/api/imports/{import_id}/rejects")
    assert rejects.text.count("none") == 1


async def test_more_rows_than_a_million_end_an_import(api, upload, monkeypatch):
    monkeypatch.setattr(perform, "MAX_ROWS", 1)
    ended = await done(api, (await upload())["importId"])
    assert (ended["state"], "split it" in ended["detail"]) == ("failed", True)


async def test_files_are_encrypted_and_gone_when_the_import_has_ended_or_is_deleted(api, upload):
    accepted = await upload(ROWS + "3,no address,2026-11-02T10:00:00Z,Cats\n")
    database = api.runtime.store.database
    async for piece in database["importFiles"].find({}):
        assert b"ada@example.com" not in piece["data"]
    ended = await done(api, accepted["importId"])
    assert [one["_id"].split(":")[1] async for one in database["importFiles"].find({})] == ["rejects"]
    assert (await api.http.delete(f"/api/imports/{ended['importId']}")).status_code == 204
    assert await database["importFiles"].count_documents({}) == 0
    assert await database["leadKeys"].count_documents({"_id": {"$regex": "^imports/"}}) == 0
    assert api.problem(await api.http.get(f"/api/imports/{ended['importId']}"), 404)


async def test_two_imports_at_once_end_both(api, upload):
    first, second = await asyncio.gather(upload(), upload(name="again.csv"))
    assert (await done(api, first["importId"]))["state"] == "done"
    assert (await done(api, second["importId"]))["state"] == "done"
    assert await api.runtime.capture.log.count() == 2


@pytest.mark.parametrize("block", [True, False])
async def test_a_file_that_waits_brings_nobody_back_who_is_blocked(api, upload, block):
    """An erasure does not read files that wait: a block refuses their rows, without one they are of a new person."""
    await done(api, (await upload())["importId"])
    ada = await find(api.runtime, Identifier("email", "ada@example.com"))
    waiting = (await upload(ROWS.replace("1,ada", "3,ada")))["importId"]
    erase = f"/api/leads/{ada}/personal-data?block={str(block).lower()}"
    assert (await api.http.delete(erase)).status_code == 200
    report = (await done(api, waiting))["report"]
    assert (report["accepted"], report["blocked"]) == ((0, 1) if block else (1, 0))
    found = await find(api.runtime, Identifier("email", "ada@example.com"))
    assert (found == ada) is block
