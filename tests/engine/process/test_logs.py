"""Lines of the log: for people, for programs, and never with a secret."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars

from engine.access.keys.token import new_key_id, new_token
from engine.process.logs import set_up_logs

TOKEN = new_token(new_key_id()).text


@pytest.fixture
def logged(capsys):
    """The lines that are logged from now on: `logged("json", "secret")`; the log is as before at the end."""
    root = logging.getLogger()
    before = root.handlers[:], root.level

    def lines():
        return capsys.readouterr().err.splitlines()

    def start(form, *secrets, level="INFO"):
        set_up_logs(level, form, secrets)
        return lines

    yield start
    root.handlers[:], root.level = before[0], before[1]


def log():
    return logging.getLogger("engine.test")


def test_a_line_for_programs_is_one_object_with_what_it_is_about(logged):
    lines = logged("json")
    with bound_contextvars(requestId="req-1"), bound_contextvars(leadId="ada", eventId="e-1"):
        log().warning("Lead %s waits\nfor %d reasons", "ada", 2)
    (line,) = lines()
    entry = json.loads(line)
    assert entry.pop("at").endswith("+00:00")
    assert entry == {
        "level": "WARNING",
        "logger": "engine.test",
        "message": "Lead ada waits\nfor 2 reasons",
        "requestId": "req-1",
        "leadId": "ada",
        "eventId": "e-1",
    }


def test_an_error_for_programs_is_one_line_with_its_traceback(logged):
    lines = logged("json")
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        log().exception("It failed")
    (line,) = lines()
    assert "ZeroDivisionError: division by zero" in json.loads(line)["error"]


def test_a_line_for_people_ends_with_what_it_is_about(logged):
    lines = logged("text")
    log().info("Nothing special")
    with bound_contextvars(leadId="ada", executionId="", deliveryId=None):
        log().warning("Lead ada waits")
    plain, special = lines()
    assert plain.endswith("INFO    engine.test: Nothing special")
    assert special.endswith("WARNING engine.test: Lead ada waits [leadId=ada]")


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_are_hidden_in_messages_and_tracebacks(logged, form):
    lines = logged(form, "hunter2")
    try:
        raise ValueError(f"no answer from redis://:hunter2@r with {TOKEN} and hunter2")
    except ValueError:
        with bound_contextvars(leadId="hunter2"):
            log().exception("Cannot reach %s", "mongodb://me:other-password@db")
    text = "\n".join(lines())
    assert "Cannot reach mongodb://me:***@db" in text
    for secret in ("hunter2", "other-password", TOKEN[-64:]):
        assert secret not in text


def test_libraries_are_quiet_below_warnings_and_never_write_out_what_is_stored(logged):
    lines = logged("text")
    logging.getLogger("dramatiq").info("chatter")
    logging.getLogger("dramatiq").warning("trouble")
    assert [line.rpartition(" ")[2] for line in lines()] == ["trouble"]
    lines = logged("text", level="DEBUG")
    logging.getLogger("pymongo.command").debug("a whole document")
    assert lines() == []


async def test_each_request_has_a_context_of_its_own(logged):
    lines = logged("json")

    async def answer(name):
        bind_contextvars(requestId=name)
        await asyncio.sleep(0)
        log().warning("answered")

    await asyncio.gather(*(asyncio.create_task(answer(f"req-{n}")) for n in range(3)))
    assert {json.loads(line)["requestId"] for line in lines()} == {"req-0", "req-1", "req-2"}
    assert get_contextvars() == {}


def test_an_entry_whose_message_cannot_be_made_keeps_no_later_one_from_the_log(logged):
    lines = logged("json")
    log().warning("%d reasons", "no number")
    log().warning("next")
    assert json.loads(lines()[-1])["message"] == "next"


def test_a_long_message_loses_its_middle_and_no_half_of_a_secret_is_shown(logged):
    lines = logged("json", "hunter2")
    for text in ("a" * 1_000_000, f"{TOKEN} " * 20_000, "hunter2" * 100_000):
        log().info(text)
        (line,) = lines()
        shown = json.loads(line)["message"]
        assert "characters left out" in shown
        assert len(shown) < 4_100
        assert TOKEN[21:] not in shown
        assert "hunter" not in shown
