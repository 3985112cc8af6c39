"""Sees to it that an engine on this machine has a key to begin with."""

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


async def keep_first_key(runtime: Runtime, who: Actor, file: Path) -> bool:
    """Make a key with every scope and put it into the file, unless one is there that works. Whether it made one."""
    if await _works(runtime, file):
        return False
    issued = await create_key(runtime, who, _NAME, SCOPES)
    write_key_file(file, issued.token.text)
    return True


async def _works(runtime: Runtime, file: Path) -> bool:
    token = parse_token(read_key_file(file))
    if token is None:
        return False
    try:
        return is_valid_token(await runtime.access.keys.get(token.key_id), token, runtime.now())
    except NotFound:
        return False
