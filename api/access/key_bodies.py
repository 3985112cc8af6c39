"""Request bodies of the API key routes."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from api.http.json_body import JsonBody, checked_by
from domain.teams.roles import SCOPES, Scope
from engine.access.keys.key import MAX_NAME, NAME_PATTERN
from engine.access.keys.origin import check_origin

__all__ = ["CreateKey", "RotateKey"]

Origin = Annotated[str, Field(max_length=300), AfterValidator(checked_by(check_origin))]


class CreateKey(JsonBody):
    """A new key. With origins it is for web pages of these only, and may have the scope `ingest` only."""

    name: str = Field(
        max_length=MAX_NAME, pattern=NAME_PATTERN, description="For you: who holds it, e.g. `website`."
    )
    scopes: list[Scope] = Field(
        min_length=1,
        max_length=len(SCOPES),
        description=(
            "`ingest` sends events, `read` reads leads, `work` handles tasks, `manage` changes how the engine works, "
            "`own` erases people and decides over owners."
        ),
    )
    origins: list[Origin] = Field(
        [], max_length=50, description="Web pages that send events with it: `https://shop.example.com`."
    )


class RotateKey(JsonBody):
    """How long the old key stays valid beside the new one."""

    overlap_hours: float = Field(24.0, ge=0, le=720, description="Hours for which both keys work.")
