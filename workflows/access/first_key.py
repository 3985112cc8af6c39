"""Creation of the first API key of an engine on this machine."""

from __future__ import annotations

from pathlib import Path

from domain.errors import NotFound
from engine.access.keys.key import SCOPES
from engine.access.keys.key_file import read_key_file, write_key_file
from engine.access.keys.token import is_valid_token, parse_token
from engine.operations.audit_log import Actor
from engine.runtime import Runtime
from workflows.access.keys import create_key

__all__ = ["keep_first_key"]

_NAME = "first start"


async def keep_first_key(runtime: Runtime, actor: Actor, file: Path) -> bool:
    """Create a key with every scope and write it to the file, unless a valid one is there. Returns whether it did."""
    if await _is_valid(runtime, file):
        return False
    issued = await create_key(runtime, actor, _NAME, SCOPES)
    write_key_file(file, issued.token.text)
    return True


async def _is_valid(runtime: Runtime, file: Path) -> bool:
    token = parse_token(read_key_file(file))
    if token is None:
        return False
    try:
        return is_valid_token(await runtime.access.keys.get(token.key_id), token, runtime.now())
    except NotFound:
        return False
