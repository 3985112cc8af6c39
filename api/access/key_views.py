"""API keys as answers. The key itself is in exactly one of them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, structs

from domain.instant import Millis, to_datetime
from engine.access.keys.key import ApiKey
from engine.access.keys.key_store import IssuedKey

__all__ = ["IssuedKeyAnswer", "KeyAnswer", "KeysPage", "issued_key_answer", "key_answer"]


class _Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class KeyAnswer(_Answer, frozen=True):
    """A key; `oldSecretsExpireAt` is when the last key before the present one ends, `lastUsedAt` is to the minute."""

    id: str
    name: str
    scopes: list[str]
    origins: list[str]
    created_at: datetime
    last_used_at: datetime | None
    old_secrets_expire_at: datetime | None
    revoked_at: datetime | None


class IssuedKeyAnswer(KeyAnswer, frozen=True):
    """A key with what its holder has to show, which is told only this once."""

    key: str


class KeysPage(_Answer, frozen=True):
    items: list[KeyAnswer]
    next_cursor: str | None


def key_answer(key: ApiKey, at: Millis) -> KeyAnswer:
    ends = [one.expires_at for one in key.secrets if one.expires_at is not None and one.is_valid(at)]
    return KeyAnswer(
        id=key.key_id,
        name=key.name,
        scopes=list(key.scopes),
        origins=list(key.origins),
        created_at=to_datetime(key.created_at),
        last_used_at=None if key.last_used_at is None else to_datetime(key.last_used_at),
        old_secrets_expire_at=to_datetime(max(ends)) if ends else None,
        revoked_at=None if key.revoked_at is None else to_datetime(key.revoked_at),
    )


def issued_key_answer(issued: IssuedKey, at: Millis) -> IssuedKeyAnswer:
    return IssuedKeyAnswer(**structs.asdict(key_answer(issued.key, at)), key=issued.token.text)
