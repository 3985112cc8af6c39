"""Password hashing with argon2id, in threads, two at a time: each needs 19 MiB, and a flood of logins must not.

Parameters after the OWASP password storage guidance: 19 MiB, 2 passes, 1 lane.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import Fault, Invalid, Unavailable

__all__ = ["MAX_LENGTH", "MIN_LENGTH", "Passwords"]

MIN_LENGTH = 12
MAX_LENGTH = 200
_AT_ONCE = 2
_MAX_WAITING = 50
"""Hashes that may wait for their turn; beyond it a login is refused with the time to come back."""


P = ParamSpec("P")
R = TypeVar("R")


class Passwords:
    """Hashes and verifies passwords."""

    def __init__(self, *, memory_kib: int = 19 * 1024, passes: int = 2) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._decoy = self._hasher.hash("decoy")

    async def hash(self, password: str) -> str:
        """What is stored of a password. Raises `Invalid` for one that is too short or too long."""
        require_length(password)
        return await self._in_turn(self._hasher.hash, password)

    async def verify(self, stored: str, password: str) -> bool:
        """Whether the password is the stored one. Without a stored one it takes as long, and the answer is no."""
        if len(password) > MAX_LENGTH:
            return False
        matches = await self._in_turn(self._matches, stored or self._decoy, password)
        return matches and bool(stored)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_turn(self, do: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
        if self._waiting >= _MAX_WAITING:
            raise Unavailable("Too many people are signing in at this moment.", retry_after=5)
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(do, *given, **named)
        finally:
            self._waiting -= 1


def require_length(password: str) -> None:
    """Raise `Invalid` for a password that cannot be one."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        detail = f"must have {MIN_LENGTH} to {MAX_LENGTH} characters"
        raise Invalid("The password cannot be used.", (Fault("/password", detail),))
