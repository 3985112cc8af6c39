"""A form of a web page: where it may be, what its fields mean, and where it leads."""

from __future__ import annotations

from msgspec import Struct

from domain.instant import Millis

__all__ = ["DEFAULT_HONEYPOT", "DEFAULT_SUBJECT", "DEFAULT_TEXT", "LINK", "Form"]

DEFAULT_HONEYPOT = "company_website"
"""A field that people do not see and leave empty."""


DEFAULT_SUBJECT = "Please confirm your address"
LINK = "{link}"
"""What stands for the link in the text of a confirmation mail."""
DEFAULT_TEXT = f"""Somebody has entered this address in a form on our website.

If that was you, please confirm it:
{LINK}

If not, do nothing: we will not write to you again.
"""


class Form(Struct, frozen=True, kw_only=True):
    """A form. Its key stands in the page, so everybody can read it.

    `attributes` are attributes of the lead by the name of the field. `thank_you_url` is where a person is led afterwards, empty for a page of
    ours. With `double_opt_in` a mail asks to confirm the address.
    `trapped` counts submissions of machines, `refused` those with no person or an address that is none.
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
    double_opt_in: bool = False
    confirmation_subject: str = DEFAULT_SUBJECT
    confirmation_text: str = DEFAULT_TEXT
    created_at: Millis
    trapped: int = 0
    refused: int = 0
