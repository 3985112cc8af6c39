"""Faults of the identifiers of an event: each with a JSON pointer to the identifier, and never with its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.errors import Fault, json_pointer
from domain.identity.identifier import MAX_IDENTIFIERS, NotAnIdentifier, normalised

__all__ = ["identifier_faults", "sound_identifiers"]


def identifier_faults(identifiers: Mapping[str, str], pointer: str, region: str) -> Iterator[Fault]:
    """Faults of identifiers by kind. Telephone numbers without a country code are of `region`."""
    if len(identifiers) > MAX_IDENTIFIERS:
        yield Fault(pointer, f"must not have more than {MAX_IDENTIFIERS} identifiers")
        return
    for kind, value in identifiers.items():
        try:
            normalised(kind, value, region)
        except NotAnIdentifier as error:
            yield Fault(pointer + json_pointer(kind), str(error))


def sound_identifiers(said: Mapping[str, object], pointer: str) -> tuple[dict[str, str] | None, list[Fault]]:
    """Those whose values are texts, and a fault for each other one."""
    texts = {kind: value for kind, value in said.items() if isinstance(value, str)}
    others = [Fault(pointer + json_pointer(kind), "must be a text") for kind in said if kind not in texts]
    return texts or None, others
