"""Rulebooks over HTTP: what a rule editor needs, and nothing stored until one is activated."""

from __future__ import annotations

import pytest

from domain.rulebooks.loader import parse_rulebook
from engine.operations.audit_log import ENGINE
from engine.rulebooks.built_in import built_in, built_in_labels, built_in_text
from workflows.rulebooks.activate import activate_rulebook

PATH = "/api/rulebooks"
MINE = "# why\n" + built_in_text("classic").replace("name: classic", "name: mine")


@pytest.fixture
async def back_to_classic(api):
    """Whatever is activated, `classic` is active again at the end."""
    yield
    await activate_rulebook(api.runtime, ENGINE, built_in("classic"))


def post(api, call, **body):
    return api.http.post(f"{PATH}/{call}", json=body)


async def every(api, limit):
    items, answer = [], await api.http.get(PATH, params={"limit": limit})
    while True:
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if "next" not in answer.links:
            return items
        answer = await api.http.get(answer.links["next"]["url"])


@pytest.mark.parametrize("limit", [1, 2, 200])
async def test_the_list_has_each_rulebook_once_by_name_and_newest_first(api, back_to_classic, limit):
    for version in (2, 10, 3):
        text = MINE.replace(f"version: {built_in('classic').version}", f"version: {version}")
        assert (await post(api, "activate", text=text)).status_code == 200
    listed = await every(api, limit)
    labels = [(one["name"], one["version"]) for one in listed]
    assert labels == sorted(labels, key=lambda one: (one[0], -one[1]))
    mine = [one for one in listed if one["name"] == "mine"]
    assert [(one["version"], one["active"]) for one in mine] == [(10, False), (3, True), (2, False)]
    assert {one["label"] for one in listed if one["builtIn"]} == set(built_in_labels())


@pytest.mark.parametrize("label", built_in_labels())
async def test_a_built_in_rulebook_comes_as_it_was_written_and_as_a_document(api, label):
    name, version = label.split("@")
    found = await api.get(f"{PATH}/{name}/{version}")
    assert found["yaml"] == built_in_text(label)
    assert (found["document"]["name"], found["builtIn"]) == (name, True)


async def test_a_published_rulebook_keeps_its_comments(api, back_to_classic):
    answer = await post(api, "activate", text=MINE)
    assert answer.json()["label"] == "mine@2"
    found = await api.get(f"{PATH}/mine/2")
    assert found["yaml"] == MINE
    assert (found["published"], found["active"], found["builtIn"]) == (True, True, False)


async def test_a_rulebook_without_a_known_text_is_written_anew_with_the_same_rules(api, back_to_classic):
    rulebook = parse_rulebook(MINE)
    await activate_rulebook(api.runtime, ENGINE, rulebook)
    assert parse_rulebook((await api.get(f"{PATH}/mine/2"))["yaml"]) == rulebook


@pytest.mark.parametrize(
    "path", ["nothing/1", "classic/99", "classic/x", "classic/-1", "classic/²", "%24gt/1"]
)
async def test_what_is_not_there_is_404(api, path):
    for ending in ("", "/explanation"):
        api.problem(await api.http.get(f"{PATH}/{path}{ending}"), 404)


async def test_a_valid_text_is_valid_and_not_stored(api):
    answer = (await post(api, "check", text=MINE)).json()
    points = answer.pop("points")
    assert answer == {
        "valid": True,
        "name": "mine",
        "version": 2,
        "rules": len(parse_rulebook(MINE).score.rules),
        "automations": len(parse_rulebook(MINE).automations),
        "faults": [],
    }
    rules = parse_rulebook(MINE).score.rules
    assert [(one["ruleId"], one["label"], one["points"]) for one in points] == [
        (rule.id, rule.label or rule.id, rule.points) for rule in rules
    ]
    lines = MINE.splitlines()
    for one in points:
        assert lines[one["line"] - 1][one["column"] - 1 :].startswith(one["written"]), one
    api.problem(await api.http.get(f"{PATH}/mine/2"), 404)


async def test_every_fault_names_line_column_field_and_what_to_write(api):
    text = MINE.replace("points: 30", "points: lots").replace("model: window", "model: windo")
    faults = (await post(api, "check", text=text)).json()["faults"]
    lines = text.splitlines()
    assert len(faults) == 2
    for fault, words in zip(faults, ("points", "model"), strict=True):
        assert lines[fault["line"] - 1][fault["column"] - 1 :].startswith(words), fault
        assert fault["field"].endswith(words) or fault["field"] == "velocity.model"
    assert "write one of" in faults[1]["detail"]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: [", 1, 5),
        ("name: x\nname: y\n", 2, 1),
        ("a: &a 1\nb: *a\n", 2, 4),
        ("", None, None),
        ("- 1", None, None),
    ],
)
async def test_what_is_no_rulebook_at_all_has_a_fault_too(api, text, line, column):
    answer = (await post(api, "check", text=text)).json()
    assert not answer["valid"]
    assert (answer["faults"][0]["line"], answer["faults"][0]["column"]) == (line, column)


async def test_a_version_that_is_taken_is_a_fault(api, back_to_classic):
    await post(api, "activate", text=MINE)
    changed = MINE.replace("points: 30", "points: 40")
    (fault,) = (await post(api, "check", text=changed)).json()["faults"]
    assert fault["field"] == "version"
    assert "raise its version to 3" in fault["detail"]
    assert "raise its version" in api.problem(await post(api, "activate", text=changed), 409)["detail"]
    assert (await api.get(f"{PATH}/mine/2"))["yaml"] == MINE


async def test_many_faults_are_cut_at_a_hundred(api):
    text = MINE + "".join(f"wrong{n}: 1\n" for n in range(300))
    assert len((await post(api, "check", text=text)).json()["faults"]) == 100


async def test_the_words_are_those_of_the_command(api):
    found = await api.get(f"{PATH}/classic/2/explanation")
    chapters = dict(built_in("classic").describe())
    assert [one["title"] for one in found["chapters"]] == [
        title for title, blocks in chapters.items() if blocks
    ]
    said = str(found)
    assert "Requested a demo" in said
    assert {block["kind"] for one in found["chapters"] for block in one["blocks"]} >= {"table", "paragraph"}
    draft = (await post(api, "explain", text=MINE)).json()
    assert draft["chapters"] == found["chapters"]
    assert draft["name"] == "mine"


async def test_a_draft_with_faults_has_no_explanation(api):
    problem = api.problem(await post(api, "explain", text="name: x"), 400)
    assert len(problem["errors"]) > 1


async def test_an_activation_is_audited_and_scores_change(api, ada, back_to_classic):
    await activate_rulebook(api.runtime, ENGINE, built_in("classic"))
    text = MINE.replace("points: 30", "points: 50")
    answer = await post(api, "activate", text=text)
    assert answer.json() == {"label": "mine@2", "before": "classic@2", "leadsToRebuild": 1}
    assert (await api.get("/api/leads/ada/intelligence"))["score"] == 85
    (entry,) = (await api.get("/api/audit", target="mine@2"))["items"]
    assert (entry["action"], entry["who"]["kind"]) == ("rulebook.activated", "key")
    assert (entry["before"], entry["after"]) == ({"rulebook": "classic@2"}, {"rulebook": "mine@2"})
    api.wait(seconds=1)
    back = await post(api, "activate", name="classic", version=2)
    assert back.json()["before"] == "mine@2"
    again = await post(api, "activate", name="classic", version=2)
    assert again.json()["label"] == "classic@2"
    entries = (await api.get("/api/audit", target="classic@2"))["items"]
    assert [one["who"]["kind"] for one in entries] == ["key", "engine"], "the same one again is no change"


@pytest.mark.parametrize(
    "body", [{}, {"name": "classic"}, {"version": 2}, {"name": "classic", "version": 2, "text": "x"}]
)
async def test_an_activation_names_one_rulebook(api, body):
    problem = api.problem(await post(api, "activate", **body), 400)
    assert "either name and version, or text" in str(problem["errors"])


async def test_an_activation_of_a_text_with_faults_changes_nothing(api):
    api.problem(await post(api, "activate", text="name: mine"), 400)
    api.problem(await post(api, "activate", name="mine", version=7), 404)
    assert api.runtime.rulebook.label == "classic@2"


async def test_a_text_that_reads_personal_fields_is_refused(api):
    text = built_in_text("standard").replace("name: standard", "name: mine")
    assert (await post(api, "check", text=text)).json()["valid"]
    spying = text.replace(
        "  rules:\n",
        "  rules:\n    - {id: spy, group: web, label: x, halfLifeDays: 7, event: signup, where: {email: a@b.c}, points: 1}\n",
        1,
    )
    (fault,) = (await post(api, "check", text=spying)).json()["faults"]
    assert fault["field"] == "score.rules[1].where.email"
    assert "personal" in fault["detail"]


async def test_a_rulebook_is_compared_with_the_active_one_or_with_another(api):
    text = MINE.replace("points: 30", "points: 35")
    found = (await post(api, "diff", text=text)).json()
    assert (found["before"], found["after"], found["class"]) == (
        f"classic@{built_in('classic').version}",
        "mine@2",
        "scale",
    )
    points = found["changes"][-1]
    assert (points["before"], points["after"], points["place"][-1]) == (30, 35, "points")
    same = {"name": "standard", "version": 3}
    found = (await post(api, "diff", **same, against=same)).json()
    assert (found["changes"], found["class"]) == ([], "words")


async def test_a_comparison_names_the_field_that_is_wrong(api):
    assert (await post(api, "diff", text="name: x")).status_code == 400
    assert (await post(api, "diff", name="standard", version=99)).status_code == 404
    answer = await post(api, "diff", text=MINE, against={"name": "standard"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/against/version")
