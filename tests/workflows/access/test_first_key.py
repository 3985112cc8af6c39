"""An engine on this machine has a key from its first start on."""

from __future__ import annotations

from engine.access.keys.key import SCOPES
from engine.access.keys.key_file import read_key_file
from engine.access.keys.token import is_valid_token, parse_token
from engine.operations.audit_log import ENGINE
from workflows.access.first_key import keep_first_key
from workflows.access.keys import revoke_key, rotate_key


async def key_in(runtime, file):
    token = parse_token(read_key_file(file))
    key = await runtime.access.keys.get(token.key_id)
    return key if is_valid_token(key, token, runtime.now()) else None


async def test_the_first_start_makes_a_key_with_every_scope(runtime, tmp_path):
    file = tmp_path / "api-key"
    assert await keep_first_key(runtime, ENGINE, file)
    assert (await key_in(runtime, file)).scopes == SCOPES


async def test_the_next_start_keeps_it(runtime, tmp_path):
    file = tmp_path / "api-key"
    await keep_first_key(runtime, ENGINE, file)
    before = read_key_file(file)
    assert not await keep_first_key(runtime, ENGINE, file)
    assert read_key_file(file) == before
    assert len(await runtime.access.keys.active()) == 1


async def test_a_key_that_no_longer_works_is_replaced(runtime, tmp_path):
    file = tmp_path / "api-key"
    await keep_first_key(runtime, ENGINE, file)
    first = await key_in(runtime, file)
    await revoke_key(runtime, ENGINE, first.key_id)
    assert await keep_first_key(runtime, ENGINE, file)
    second = await key_in(runtime, file)
    assert second.key_id != first.key_id
    await rotate_key(runtime, ENGINE, second.key_id, 0)
    assert await keep_first_key(runtime, ENGINE, file)
    assert await key_in(runtime, file)


async def test_what_is_no_key_or_one_of_another_database_is_replaced(runtime, tmp_path):
    file = tmp_path / "api-key"
    for content in ("", "nonsense", f"le_{'0' * 16}_{'0' * 64}\n"):
        file.write_text(content)
        assert await keep_first_key(runtime, ENGINE, file)
        assert await key_in(runtime, file)
