"""The digest of an estimate: a hash over a definition and the ids of an audience, in their order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from domain.campaigns.definition import CampaignDefinition

__all__ = ["first_link", "next_link"]

_encoder = msgspec.json.Encoder(order="deterministic")


def first_link(definition: CampaignDefinition, sequence_label: str) -> str:
    """The hash that the chain of ids begins with; `sequence_label` is the active version of the sequence, if there is one."""
    return _hash(_encoder.encode((definition, sequence_label)))


def next_link(link: str, lead_ids: Iterable[str]) -> str:
    """The hash after these leads. However a list is cut into parts, the last link is the same."""
    for lead_id in lead_ids:
        link = _hash(f"{link}\x1f{lead_id}".encode())
    return link


def _hash(text: bytes) -> str:
    return hashlib.blake2b(text, digest_size=16).hexdigest()
