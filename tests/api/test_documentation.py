"""/docs and /openapi.json: nothing is loaded from elsewhere, every call is described, and responses match their schema."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from api.app import create_framework

CALLS = {
    ("post", "/api/events"),
    ("get", "/api/leads"),
    ("get", "/api/leads/{lead_id}"),
    ("get", "/api/leads/{lead_id}/intelligence"),
    ("get", "/api/leads/{lead_id}/history"),
    ("get", "/api/leads/{lead_id}/events"),
    ("get", "/api/automations/executions"),
    ("get", "/api/tasks"),
    ("post", "/api/tasks/{task_id}/done"),
    ("get", "/health/live"),
    ("get", "/health/ready"),
    ("get", "/health/background"),
    ("get", "/metrics"),
}
KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


@pytest.fixture
async def document(api):
    return await api.get("/openapi.json")


@pytest.fixture
async def page(api):
    answer = await api.http.get("/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def mismatches(document, schema, value, at="answer"):
    """Where a value does not fit its schema; properties that the schema does not name do not fit either."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].removeprefix("#/components/schemas/")]
    if "oneOf" in schema:
        fits = any(not mismatches(document, one, value, at) for one in schema["oneOf"])
        return [] if fits else [f"{at}: {value!r} fits none of {schema['oneOf']}"]
    kinds = schema.get("type", list(KINDS))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(is_of(kind, value) for kind in kinds):
        return [f"{at}: {value!r} is not of type {kinds}"]
    if value not in schema.get("enum", [value]):
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    if schema.get("format") == "date-time" and datetime.fromisoformat(value).tzinfo is None:
        return [f"{at}: {value!r} has no offset"]
    if isinstance(value, list):
        items = schema.get("items", {})
        return [
            one for n, item in enumerate(value) for one in mismatches(document, items, item, f"{at}[{n}]")
        ]
    return mismatches_inside(document, schema, value, at) if isinstance(value, dict) else []


def mismatches_inside(document, schema, value, at):
    """Where the properties of an object do not fit."""
    found = [f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value]
    known, others = schema.get("properties", {}), schema.get("additionalProperties", not schema)
    for name, inner in value.items():
        expected = known.get(name, others)
        if expected is False:
            found.append(f"{at}: {name} is not documented")
        elif isinstance(expected, dict):
            found += mismatches(document, expected, inner, f"{at}.{name}")
    return found


def is_of(kind, value):
    """Whether a JSON value is of a kind; true and false are no numbers."""
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def schema_of(document, method, path, status, media_type="application/json"):
    return document["paths"][path][method]["responses"][str(status)]["content"][media_type]["schema"]


async def test_the_page_names_no_other_host(api, page):
    start = (await api.http.get("/docs/assets/start.js")).text
    assert not re.findall(r"(?:https?:|wss?:)?//[\w.-]+\.\w+", page + start)
    addresses = re.findall(r"""(?:src|href)=["']?([^"'\s>]+)""", page)
    assert len(addresses) >= 4
    assert all(re.match(r"/\w", address) for address in addresses)
    assert 'url: "/openapi.json"' in start


async def test_everything_that_the_page_loads_is_served_here_with_the_right_type(api, page):
    types = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
    seen = set()
    for address in re.findall(r"""(?:src|href)=["']?([^"'\s>]+)""", page):
        answer = await api.http.get(address)
        ending = address.rpartition(".")[2]
        assert answer.status_code == 200, address
        assert answer.headers["content-type"].partition(";")[0] == types[ending]
        assert len(answer.content) > 100
        seen.add(ending)
    assert seen == {"js", "css", "svg"}


async def test_no_other_file_of_the_package_is_served(api):
    for name in ("swagger-ui-bundle.js.map", "index.html", "plugin.py", "../plugin.py", "..%2fplugin.py", ""):
        assert (await api.http.get(f"/docs/assets/{name}")).status_code == 404, name


async def test_the_scripts_have_no_known_weakness(api):
    """DOMPurify before 3.4.5 has; `make audit` does not look into a bundle."""
    bundle = (await api.http.get("/docs/assets/swagger-ui-bundle.js")).text
    versions = [tuple(map(int, found.split("."))) for found in re.findall(r'version="(3\.\d+\.\d+)"', bundle)]
    assert versions, "DOMPurify names its version"
    assert min(versions) >= (3, 4, 5)


@pytest.mark.parametrize(
    "path", ["/openapi.json", "/docs/assets/swagger-ui-bundle.js", "/docs/assets/start.js"]
)
async def test_what_a_client_has_is_not_sent_again(api, path):
    answer = await api.http.get(path)
    again = await api.http.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await api.http.get(path, headers={"if-none-match": '"other"'})
    assert other.content == answer.content


async def test_the_document_is_made_once(api, monkeypatch):
    first = await api.http.get("/openapi.json")
    monkeypatch.setattr("litestar.openapi.spec.OpenAPI.to_schema", None)
    assert (await api.http.get("/openapi.json")).content == first.content
    assert (await api.http.get("/docs/openapi.json")).content == first.content


async def test_a_program_that_opens_the_server_lands_on_the_page(api, page):
    for accept in ("*/*", "application/json"):
        answer = await api.http.get("/", headers={"accept": accept}, follow_redirects=True)
        assert (answer.status_code, answer.url.path) == (200, "/docs")
        assert answer.text == page


async def test_a_person_who_opens_the_server_lands_on_the_console(api):
    browser = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    redirect = await api.http.get("/", headers=browser)
    assert (redirect.status_code, redirect.headers["location"]) == (302, "/console")
    assert redirect.headers["vary"] == "Accept"


async def test_the_document_lists_every_call_that_is_served(document):
    assert document["openapi"].startswith("3.")
    documented = {(method, path) for path, calls in document["paths"].items() for method in calls}
    served = {
        (method.lower(), re.sub(r":\w+}", "}", route.path))
        for route in create_framework(None).routes
        for method in route.methods - {"OPTIONS", "HEAD"}
        if route.path not in ("/", "/openapi.json") and not route.path.startswith(("/docs", "/console"))
    }
    assert documented == served
    assert documented >= CALLS


async def test_every_call_has_a_summary_a_tag_and_its_errors(document):
    calls = [(path, call) for path, calls in document["paths"].items() for call in calls.values()]
    assert len(calls) >= len(CALLS)
    for path, call in calls:
        assert call["summary"]
        assert call["tags"] or path == "/metrics"
        answers = set(call["responses"])
        if path.startswith("/api/"):
            assert answers >= {"400", "503"}, path
        if "{" in path:
            assert "404" in answers, path
        for status in {status for status in answers if status >= "400"}:
            content = call["responses"][status]["content"]
            if (path, status) in (("/u/{token}", "404"), ("/c/{token}", "404")):
                assert set(content) == {"text/html"}  # for people
            elif path not in {"/health/ready", "/health/background"}:
                assert content == {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                }


async def test_every_reference_leads_somewhere(document):
    references = set(re.findall(r"'\$ref': '([^']+)'", str(document)))
    assert references
    assert references == {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}


async def test_every_parameter_is_described_and_has_the_name_that_calls_take(api, document):
    for path, calls in document["paths"].items():
        for parameter in calls.get("get", {}).get("parameters", ()):
            if parameter["in"] != "query":
                continue
            assert parameter["schema"]["description"]
            assert not parameter["required"]
            asked = path.replace("{lead_id}", "nobody")
            answer = await api.http.get(asked, params={parameter["name"]: "\0"})
            if answer.status_code == 400:
                pointers = {fault["pointer"] for fault in answer.json()["errors"]}
                assert pointers == {f"?{parameter['name']}"}
                assert "is not a parameter" not in answer.text


async def test_the_documented_event_is_accepted_and_the_documented_answer_is_like_a_real_one(api, document):
    call = document["paths"]["/api/events"]["post"]
    (event,) = call["requestBody"]["content"]["application/json"]["schema"]["examples"]
    assert (await api.send(event)).status_code == 202
    content = call["responses"]["202"]["content"]["application/json"]
    (example,) = content["examples"].values()
    assert mismatches(document, content["schema"], example["value"]) == []
    statuses = [one["status"] for one in example["value"]["results"]]
    assert example["value"]["accepted"] == statuses.count("accepted")
    assert example["value"]["duplicates"] == statuses.count("duplicate")
    assert example["value"]["conflicts"] == statuses.count("conflict")
    assert "'examples'" not in str(document["components"])  # where those made up at random would be


async def test_the_documented_fields_of_an_event_are_the_ones_that_are_taken(api, document):
    content = document["paths"]["/api/events"]["post"]["requestBody"]["content"]["application/json"]
    event, many = content["schema"]["oneOf"]
    assert many["items"] == event
    assert (many["minItems"], many["maxItems"]) == (1, 1000)
    for name, field in event["properties"].items():
        if "maxLength" in field:
            longest = "x" * field["maxLength"]
            good = {"leadId": "ada", "type": "page_view", name: longest}
            assert (await api.send(good)).status_code == 202, name
            await api.refuses({**good, name: longest + "x"}, f"/{name}")
    for name in event["required"]:
        given = {"leadId": "x", **{field: "x" for field in event["required"] if field != name}}
        await api.refuses(given, f"/{name}")
    await api.refuses({"leadId": "ada", "type": "x", "other": 1}, "/other")
    assert set(event["properties"]) == {
        *("leadId", "identifiers", "type", "eventId", "occurredAt", "properties", "source")
    }


async def test_real_answers_fit_their_documented_schema(api, ada, document):
    await api.store({"leadId": "bob", "type": "lead.updated", "properties": {"any": [1, {"x": None}]}})
    await api.work()
    key_id = (await api.new_key("ingest", origins=("https://shop.example",))).key.key_id
    await api.runtime.operations.dead_letters.record_failure(
        "bob", 7, "e", "a rule divides by zero", api.clock.at
    )
    await api.framework.state.incomplete.refresh()
    task_id = (await api.get("/api/tasks"))["items"][0]["taskId"]
    calls = [
        ("get", "/api/leads", "?limit=1"),
        ("get", "/api/leads", ""),
        ("get", "/api/leads/{lead_id}", "ada"),
        ("get", "/api/leads/{lead_id}", "bob"),
        ("get", "/api/leads/{lead_id}/intelligence", "ada"),
        ("get", "/api/leads/{lead_id}/intelligence", "bob"),
        ("get", "/api/leads/{lead_id}/history", "ada"),
        ("get", "/api/leads/{lead_id}/events", "ada"),
        ("get", "/api/leads/{lead_id}/events", "bob"),
        ("get", "/api/automations/executions", ""),
        ("get", "/api/tasks", ""),
        ("post", "/api/tasks/{task_id}/done", task_id),
        ("get", "/api/keys", ""),
        ("get", "/api/keys/{key_id}", key_id),
        ("post", "/api/keys/{key_id}/rotate", key_id),
        ("post", "/api/keys/{key_id}/revoke", key_id),
        ("get", "/api/audit", ""),
        ("get", "/api/event-log", ""),
        ("get", "/api/dead-letters", ""),
        ("get", "/api/dead-letters/{lead_id}", "bob"),
        ("get", "/api/work", "?state=done"),
        ("get", "/health/live", ""),
        ("get", "/health/ready", ""),
    ]
    for method, path, given in calls:
        filled = re.sub(r"\{\w+\}", given, path)
        address = filled if "{" in path else filled + given
        answer = await api.http.request(method, address)
        assert answer.status_code == 200, address
        assert answer.headers["content-type"] == "application/json"
        assert mismatches(document, schema_of(document, method, path, 200), answer.json()) == [], address
    event = {"leadId": "ada", "type": "page_view", "eventId": "e"}
    answer = await api.send([event, event, {**event, "type": "signup"}])
    assert mismatches(document, schema_of(document, "post", "/api/events", 202), answer.json()) == []


async def test_real_problems_fit_the_documented_schema(api, ada, document):
    await api.send({"leadId": "ada", "type": "page_view", "eventId": "e"})
    answers = {
        ("post", "/api/events", 400): await api.send({}),
        ("post", "/api/events", 409): await api.send({"leadId": "ada", "type": "signup", "eventId": "e"}),
        ("post", "/api/events", 413): await api.send(b" " * 2_000_000),
        ("post", "/api/events", 415): await api.http.post("/api/events", content=b"{}"),
        ("get", "/api/leads", 400): await api.http.get("/api/leads?limit=0"),
        ("get", "/api/leads/{lead_id}", 404): await api.http.get("/api/leads/nobody"),
        ("post", "/api/tasks/{task_id}/done", 404): await api.http.post("/api/tasks/x/done"),
    }
    async with api.failing("find", errorCode=8):
        answers["get", "/api/tasks", 503] = await api.http.get("/api/tasks")
    for (method, path, status), answer in answers.items():
        assert answer.status_code == status, (path, answer.text)
        schema = schema_of(document, method, path, status, "application/problem+json")
        assert mismatches(document, schema, answer.json()) == [], path


async def test_an_unready_answer_fits_its_documented_schema(api, document, monkeypatch):
    async def no():
        return False

    monkeypatch.setattr(api.runtime.work_queue, "answers", no)
    for path in ("/health/ready", "/health/background"):
        answer = await api.http.get(path)
        assert answer.status_code == 503
        assert mismatches(document, schema_of(document, "get", path, 503), answer.json()) == []


async def test_the_comparison_with_a_schema_finds_what_does_not_fit(api, ada, document):
    schema = {"$ref": "#/components/schemas/LeadWithMessagesView"}
    lead = await api.get("/api/leads/ada")
    assert mismatches(document, schema, lead) == []
    without_stage = {name: value for name, value in lead.items() if name != "stage"}
    wrong = [
        without_stage,
        {**lead, "score": "65"},
        {**lead, "score": True},
        {**lead, "position": None},
        {**lead, "position": 1.5},
        {**lead, "tags": [1]},
        {**lead, "scoredAt": "2026-11-22T12:00:00"},
        {**lead, "extra": 1},
    ]
    assert [len(mismatches(document, schema, one)) for one in wrong] == [1] * len(wrong)
