"""Sequences over HTTP: check, activate, enrol, calendar, stop."""

from __future__ import annotations

import pytest

TEXT = """\
name: welcome
version: 1
description: Two e-mails.
window: {days: [mon, tue, wed, thu, fri, sat, sun], opens: "00:00", closes: "24:00"}
steps:
  - {send: email, id: hello, subject: Hi, text: "Hello {{firstName|there}}"}
  - wait: {days: 2}
  - {addTag: welcomed, id: tag}
"""
NOT_THERE = {"sequence": "welcome", "why": "asked at the fair"}


@pytest.fixture
async def welcome(api):
    """The sequence is active, and there is a lead with an address."""
    answer = await api.http.post("/api/sequences/activate", json={"text": TEXT})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"label": "welcome@1", "before": None}
    properties = {"email": "ada@example.com", "firstName": "Ada"}
    await api.store({"leadId": "ada", "type": "lead.updated", "properties": properties})
    await api.work()


async def enrol(api, status=202):
    answer = await api.http.post("/api/leads/ada/enrolments", json=NOT_THERE)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_sequence_is_checked_with_line_and_field(api):
    answer = await api.http.post("/api/sequences/check", json={"text": TEXT.replace("wait:", "wiat:")})
    (fault,) = answer.json()["faults"]
    assert (answer.json()["valid"], fault["line"], fault["field"]) == (False, 7, "steps[2].wiat")
    assert "did you mean 'wait'" in fault["detail"]
    good = await api.http.post("/api/sequences/check", json={"text": TEXT})
    assert good.json() == {"valid": True, "name": "welcome", "version": 1, "faults": []}


async def test_what_was_activated_is_listed_read_and_in_the_audit_log(api, welcome):
    await api.http.post("/api/sequences/activate", json={"text": TEXT.replace("version: 1", "version: 2")})
    items = (await api.get("/api/sequences"))["items"]
    assert [(one["label"], one["active"]) for one in items] == [("welcome@2", True), ("welcome@1", False)]
    read = await api.get("/api/sequences/welcome/1")
    assert (read["yaml"], read["document"]["steps"][0]["send"]) == (TEXT, "email")
    back = await api.http.post("/api/sequences/activate", json={"name": "welcome", "version": 1})
    assert back.json() == {"label": "welcome@1", "before": "welcome@2"}
    off = await api.http.post("/api/sequences/welcome/deactivate")
    assert off.json() == {"label": None, "before": "welcome@1"}
    assert (await api.http.post("/api/sequences/welcome/deactivate")).status_code == 404
    actions = [one["action"] for one in (await api.get("/api/audit"))["items"]]
    assert actions.count("sequence.activated") == 3
    assert actions.count("sequence.deactivated") == 1


async def test_another_content_under_the_same_version_is_a_conflict(api, welcome):
    changed = TEXT.replace("subject: Hi", "subject: Hello")
    assert (await api.http.post("/api/sequences/activate", json={"text": changed})).status_code == 409


async def test_a_lead_is_enrolled_its_calendar_shown_and_the_sequence_stopped(api, welcome):
    enrolment = await enrol(api)
    assert (enrolment["sequence"], enrolment["active"]) == ("welcome@1", True)
    await enrol(api, 409)
    calendar = (await api.get("/api/leads/ada/calendar"))["items"]
    assert [(one["does"], one["step"]) for one in calendar] == [
        ("send", "hello"),
        ("addTag", "tag"),
        ("end", None),
    ]
    stopped = await api.http.post(
        f"/api/enrolments/{enrolment['enrolmentId']}/stop", json={"why": "called her"}
    )
    assert (stopped.json()["ended"], stopped.json()["active"]) == ("manual", False)
    again = await api.http.post(f"/api/enrolments/{enrolment['enrolmentId']}/stop", json={})
    assert again.status_code == 409
    (listed,) = (await api.get("/api/leads/ada/enrolments"))["items"]
    assert listed["ended"] == "manual"
    assert (await api.get("/api/leads/ada/calendar"))["items"] == []


async def test_the_leads_of_a_version_are_counted_and_listed_by_how_it_stands(api, welcome):
    for lead_id in ("ada", "bob"):
        await api.store({"leadId": lead_id, "type": "lead.updated", "properties": {"firstName": "A"}})
    await api.work()
    path = "/api/sequences/welcome/1/enrolments"
    enrolled = [
        (await api.http.post(f"/api/leads/{one}/enrolments", json=NOT_THERE)) for one in ("ada", "bob")
    ]
    await api.http.post(f"/api/enrolments/{enrolled[0].json()['enrolmentId']}/stop", json={"why": "called"})
    (listed,) = (await api.get("/api/sequences"))["items"]
    assert (listed["steps"], listed["enrolments"]) == (3, {"active": 1, "ended": 1})
    assert [one["leadId"] for one in (await api.get(path))["items"]] == ["bob"]
    (over,) = (await api.get(path, active="false"))["items"]
    assert (over["leadId"], over["ended"]) == ("ada", "manual")
    assert (await api.http.get("/api/sequences/welcome/2/enrolments")).status_code == 404


async def test_a_version_is_said_in_words_and_as_the_calendar_of_a_lead_that_does_nothing(api, welcome):
    said = await api.get("/api/sequences/welcome/1/explanation")
    assert [one["title"] for one in said["chapters"]] == ["Who", "When", "Ends early", "Steps"]
    text = (await api.http.post("/api/sequences/explain", json={"text": TEXT})).json()
    assert text == said
    items = (await api.get("/api/sequences/welcome/1/calendar"))["items"]
    assert [(one["does"], one["step"]) for one in items] == [
        ("send", "hello"),
        ("addTag", "tag"),
        ("end", None),
    ]


async def test_the_check_names_what_activation_would_refuse(api, welcome):
    async def faults(text):
        checked = (await api.http.post("/api/sequences/check", json={"text": text})).json()
        assert checked["valid"] is False
        return [one["detail"] for one in checked["faults"]]

    (used,) = await faults(TEXT.replace("subject: Hi", "subject: Hello"))
    assert "raise its version to 2" in used
    branch = "  - {branch: [{lead: {stage: boiling}, then: [{end: here}]}]}\n"
    (unknown,) = await faults(TEXT.replace("version: 1", "version: 2") + branch)
    assert "no stage 'boiling'" in unknown


async def test_who_was_erased_is_in_no_sequence(api, welcome):
    await enrol(api)
    erased = await api.http.delete("/api/leads/ada/personal-data")
    assert erased.json()["enrolments"] == 1
    (listed,) = (await api.get("/api/leads/ada/enrolments"))["items"]
    assert (listed["ended"], listed["why"]) == ("erased", "")


@pytest.mark.parametrize("part", ["enrolments", "calendar"])
async def test_a_lead_that_there_is_not_is_not_found(api, part):
    assert (await api.http.get(f"/api/leads/nobody/{part}")).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/leads/ada/enrolments", {"sequence": "other"}, 400),
        ("/api/leads/nobody/enrolments", {"sequence": "welcome"}, 404),
        ("/api/enrolments/enr_none/stop", {}, 404),
        ("/api/sequences/activate", {"name": "welcome"}, 400),
        ("/api/sequences/activate", {"name": "welcome", "version": 9}, 404),
        ("/api/sequences/activate", {"text": "name: x"}, 400),
    ],
)
async def test_what_cannot_be_done_is_refused_and_changes_nothing(api, welcome, path, body, status):
    answer = await api.http.post(path, json=body)
    assert answer.status_code == status, answer.text
    assert (await api.get("/api/leads/ada/enrolments"))["items"] == []
