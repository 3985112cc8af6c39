"""The providers whose webhooks are taken, by the name in the address `/v1/hooks/{provider}/{endpoint}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, get_args

from domain.hooks import (
    calendly,
    generic,
    hubspot,
    mailgun,
    meta,
    postmark,
    sendgrid,
    sendgrid_inbound,
    twilio,
)
from domain.hooks.request import HookEvent, HookRequest, Secrets

__all__ = ["PROVIDERS", "Provider", "ProviderName"]

ProviderName = Literal[
    "calendly",
    "hubspot",
    "mailgun",
    "meta",
    "postmark",
    "sendgrid",
    "sendgrid-inbound",
    "standard",
    "stripe",
    "twilio",
]


class Provider(NamedTuple):
    """How requests of a provider are checked and read.

    `verify` raises `WrongSignature`; `read` raises `NotForUs`. `is_shared` is a secret that we make and the provider sends, instead
    of signing; any other one is made by the provider.
    """

    verify: Callable[[HookRequest, Secrets], None]
    read: Callable[[HookRequest], list[HookEvent]]
    secret: str
    is_shared: bool = False
    check_secret: Callable[[str], None] = lambda _: None
    once: Callable[[HookRequest], str | None] = lambda _: None
    """A token that must be taken once only."""
    unreadable_status: int = 400
    """The response to a body that cannot be read; after 406 Mailgun does not try again."""


PROVIDERS: Mapping[ProviderName, Provider] = {
    "calendly": Provider(calendly.verify, calendly.read, "the signing key of the webhook subscription"),
    "hubspot": Provider(hubspot.verify, hubspot.read, "the client secret of the app"),
    "mailgun": Provider(
        mailgun.verify,
        mailgun.read,
        "the HTTP webhook signing key",
        once=mailgun.token_of,
        unreadable_status=406,
    ),
    "meta": Provider(meta.verify, meta.read, "the app secret"),
    "postmark": Provider(postmark.verify, postmark.read, "a password, made here", is_shared=True),
    "sendgrid": Provider(
        sendgrid.verify,
        sendgrid.read,
        "the verification key of the signed event webhook",
        check_secret=sendgrid.check_public_key,
    ),
    "sendgrid-inbound": Provider(
        sendgrid_inbound.verify, sendgrid_inbound.read, "a password, made here", is_shared=True
    ),
    "standard": Provider(
        generic.verify_standard,
        generic.read,
        "the signing secret, whsec_ and base64",
        check_secret=generic.check_standard_secret,
    ),
    "stripe": Provider(generic.verify_stripe, generic.read, "the signing secret of the endpoint"),
    "twilio": Provider(twilio.verify, twilio.read, "the auth token of the account"),
}
assert set(PROVIDERS) == set(get_args(ProviderName)), "every provider has a name"
