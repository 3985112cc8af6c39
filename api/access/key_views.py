"""Response bodies of API keys. Only one of them contains the key itself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import structs

from api.http.pages import Page, component
from api.http.view import View, optional_datetime
from domain.instant import Millis, to_datetime
from engine.access.keys.key import ApiKey
from engine.access.keys.key_store import IssuedKey
from engine.access.rotating_secret import last_expiry

__all__ = ["IssuedKeyView", "KeyView", "KeysPage", "issued_key_view", "key_view"]


class KeyView(View, frozen=True):
    """A key; `oldSecretsExpireAt` is when the last key before the present one ends, `lastUsedAt` is to the minute."""

    id: str
    name: str
    scopes: list[str]
    origins: list[str]
    created_at: datetime
    last_used_at: datetime | None
    old_secrets_expire_at: datetime | None
    revoked_at: datetime | None


class IssuedKeyView(KeyView, frozen=True):
    """A key with its secret text, which is shown only this once."""

    key: str


KeysPage = Annotated[Page[KeyView], component("KeysPage")]


def key_view(key: ApiKey, at: Millis) -> KeyView:
    return KeyView(
        id=key.key_id,
        name=key.name,
        scopes=list(key.scopes),
        origins=list(key.origins),
        created_at=to_datetime(key.created_at),
        last_used_at=None if key.last_used_at is None else to_datetime(key.last_used_at),
        old_secrets_expire_at=optional_datetime(last_expiry(key.secrets, at)),
        revoked_at=None if key.revoked_at is None else to_datetime(key.revoked_at),
    )


def issued_key_view(issued: IssuedKey, at: Millis) -> IssuedKeyView:
    return IssuedKeyView(**structs.asdict(key_view(issued.key, at)), key=issued.token.text)
