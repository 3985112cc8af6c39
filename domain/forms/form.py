"""A form of a web page: where it may be, what its fields mean, and where it leads."""

from __future__ import annotations

from msgspec import Struct

from domain.instant import Millis

__all__ = ["DEFAULT_HONEYPOT", "Form"]

DEFAULT_HONEYPOT = "company_website"
"""A field that people do not see and leave empty."""


class Form(Struct, frozen=True, kw_only=True):
    """A form. Its key stands in the page, so everybody can read it.

    `attributes` are attributes of the lead by the name of the field. `thank_you_url` is where a person is led afterwards, empty for a page of
    ours. `trapped` counts submissions of machines, `refused` those with no person or an address that is none.
    """

    form_key: str
    name: str
    origins: tuple[str, ...]
    thank_you_url: str
    event_type: str
    attributes: dict[str, str]
    honeypot: str
    min_seconds: float
    enabled: bool
    created_at: Millis
    trapped: int = 0
    refused: int = 0
