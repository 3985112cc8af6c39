"""`lead-engine audit`: what people and commands changed."""

from __future__ import annotations

import getpass
import re
import socket

import pytest

from scripts.cli.access import keys
from scripts.cli.access.audit import show_audit_log
from scripts.cli.operations.setup import run_setup
from scripts.cli.rulebooks.rulebook import run_activate
from scripts.terminal.actor import current_actor

ME = re.escape(f"command line ({getpass.getuser()}@{socket.gethostname()})")


@pytest.fixture
def said(settings, runtime, capsys):
    """What the command prints."""

    async def said(target=None, limit=50):
        capsys.readouterr()
        await show_audit_log(settings, target, limit)
        return capsys.readouterr().out

    return said


async def test_without_changes_it_says_so(said):
    assert await said() == "The audit log is empty.\n"


async def test_it_shows_what_commands_changed_and_who_ran_them(settings, runtime, said, capsys):
    await keys.create(settings, "website", ["ingest"], ["https://a.example"])
    key = capsys.readouterr().out.strip()
    key_id = f"key_{key.split('_')[1]}"
    await keys.revoke(settings, key_id)
    text = await said()
    revoked, created = text.index("key.revoked"), text.index("key.created")
    assert revoked < created
    assert re.search(rf"^\d{{4}}-\d\d-\d\d \d\d:\d\d  key\.created  {key_id}  by {ME}$", text, re.MULTILINE)
    assert "    revoked: False -> True\n" in text
    assert "    name: website\n" in text
    assert key[-64:] not in text


async def test_it_shows_which_rulebooks_were_activated(settings, runtime, said):
    await run_setup(settings, None)
    await run_setup(settings, None)  # the setting has not changed
    await run_activate(settings, "standard", wait=False)
    await run_activate(settings, "standard", wait=False)  # it is active already
    text = await said()
    assert text.count("rulebook.activated") == 2
    assert re.search(
        rf"rulebook\.activated  standard@3  by {ME}\n    rulebook: classic@2 -> standard@3\n", text
    )
    assert re.search(rf"rulebook\.activated  classic@2  by {ME}\n    rulebook: classic@2\n", text)


async def test_it_can_be_asked_about_one_thing_and_for_a_few_entries(settings, runtime, said, capsys):
    for name in ("a", "b", "c"):
        await keys.create(settings, name, ["read"], [])
    key_id = f"key_{capsys.readouterr().out.splitlines()[1].split('_')[1]}"
    assert (await said(target=key_id)).count("key.created") == 1
    assert (await said(limit=2)).count("key.created") == 2


async def test_names_cannot_move_the_cursor(settings, runtime, said):
    async with runtime.store.client.start_session() as session:
        from engine.operations.audit_log import Actor, AuditAction  # noqa: PLC0415

        action = AuditAction("test.done", "\x1b[31mx", None, {"a": "\x1b[2J"})
        await runtime.operations.audit.add(Actor("key", "\x1b[1m"), action, runtime.now(), session)
    assert "\x1b" not in await said()


def test_a_user_without_a_name_is_shown_by_number(monkeypatch):
    def nobody():
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert re.fullmatch(r"command line \(\d+@.+\)", str(current_actor()))
