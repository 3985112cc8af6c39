"""`lead-engine keys` against a real store."""

from __future__ import annotations

import pytest

from domain.errors import Conflict, Invalid, NotFound
from domain.instant import HOUR
from engine.access.keys.token import is_valid_token, parse_token
from scripts.cli.access import keys


@pytest.fixture
def stored(runtime):
    """What is stored of the key that was printed."""

    async def stored(text):
        token = parse_token(text)
        return await runtime.access.keys.get(token.key_id), token

    return stored


async def create(settings, capsys, name="website", scopes=("ingest",), origins=()):
    await keys.create(settings, name, scopes, origins)
    return capsys.readouterr()


async def test_a_new_key_alone_is_on_standard_output_so_that_a_script_can_take_it(
    settings, runtime, capsys, stored
):
    said = await create(settings, capsys, origins=("https://a.example",))
    key, token = await stored(said.out.strip())
    assert said.out == f"{said.out.strip()}\n"
    assert is_valid_token(key, token, key.created_at)
    assert (key.name, key.scopes, key.origins) == ("website", ("ingest",), ("https://a.example",))
    assert f"Key {key.key_id} (website) with ingest." in said.err
    assert said.out.strip() not in said.err


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"name": ""}, "NAME"),
        ({"name": "\x1b[31m"}, "NAME"),
        ({"origins": ("https://a.example/",)}, "--origin https://a.example/"),
        ({"scopes": ("ingest", "read"), "origins": ("https://a.example",)}, "/scopes"),
    ],
)
async def test_what_cannot_be_a_key_is_refused_with_what_to_write(settings, runtime, capsys, given, fault):
    with pytest.raises(Invalid) as refused:
        await create(settings, capsys, **given)
    assert [one.pointer for one in refused.value.faults] == [fault]
    assert capsys.readouterr().out == ""
    assert await runtime.access.keys.active() == []


async def test_a_rotation_prints_the_new_key_and_says_until_when_the_old_one_works(
    settings, runtime, capsys, stored
):
    old = (await create(settings, capsys)).out.strip()
    key, old_token = await stored(old)
    await keys.rotate(settings, key.key_id, 3)
    said = capsys.readouterr()
    key, token = await stored(said.out.strip())
    end = key.secrets[1].expires_at
    assert is_valid_token(key, token, end)
    assert is_valid_token(key, old_token, end - 1)
    assert not is_valid_token(key, old_token, end)
    assert "The old secret works until 20" in said.err
    await keys.rotate(settings, key.key_id, 0)
    assert "The old secret has expired." in capsys.readouterr().err


async def test_the_list_shows_names_scopes_and_use_and_no_key(settings, runtime, capsys, stored):
    text = (await create(settings, capsys)).out.strip()
    key, _ = await stored(text)
    await keys.list_all(settings)
    said = capsys.readouterr().out
    row = next(line for line in said.splitlines() if key.key_id in line)
    assert row.split() == [key.key_id, "website", "ingest", "just", "now", "never"]
    assert text[-64:] not in said
    await runtime.access.keys.record_uses({key.key_id: key.created_at - 3 * HOUR})
    await keys.revoke(settings, key.key_id)
    capsys.readouterr()
    await keys.list_all(settings)
    row = next(line for line in capsys.readouterr().out.splitlines() if key.key_id in line)
    assert row.split()[-4:] == ["3", "hours", "ago", "revoked"]


async def test_a_revoked_key_is_said_to_be_so_and_cannot_be_rotated(settings, runtime, capsys, stored):
    key, _ = await stored((await create(settings, capsys)).out.strip())
    await keys.revoke(settings, key.key_id)
    assert "is revoked" in capsys.readouterr().out
    with pytest.raises(Conflict):
        await keys.rotate(settings, key.key_id, 1)
    with pytest.raises(NotFound):
        await keys.revoke(settings, "key_0")
