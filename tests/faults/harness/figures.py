"""What the running fault test has measured; its report takes it along, to be printed at the end of the run."""

from __future__ import annotations

__all__ = ["FIGURES", "measured"]

FIGURES: list[tuple[str, str]] = []


def measured(name: str, seconds: float) -> None:
    """Take down a time."""
    FIGURES.append((name, f"{seconds:.1f} s"))
