"""The types of events by which a lead is won, as analytics counts conversions."""

from __future__ import annotations

from engine.runtime import Runtime

__all__ = ["win_types"]

_DEFAULT = frozenset({"deal.won"})


def win_types(runtime: Runtime) -> frozenset[str]:
    """What the active rulebook takes for a win; `deal.won` if it names nothing."""
    by_type = runtime.rulebook.outcome.by_type
    return frozenset(type_ for type_, outcome in by_type.items() if outcome == "won") or _DEFAULT
