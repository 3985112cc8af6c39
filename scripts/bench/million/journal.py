"""The journal of a filling: how far it has come, and what was measured on the way, in one file of its folder."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct, field

from domain.errors import Invalid

__all__ = ["Block", "Journal", "Scale", "SizeFigures"]

_FILE = "journal.json"


class Scale(Struct, frozen=True, kw_only=True):
    """How large a store becomes: blocks of `block_leads` leads each; `small` is the size to compare with."""

    leads: int
    events: int
    small: int = 10_000
    block_leads: int = 1_000

    def __post_init__(self) -> None:
        if self.leads % self.block_leads or self.leads <= self.small:
            raise Invalid(f"--leads is a multiple of {self.block_leads:,} above {self.small:,}.")
        if self.events % self.blocks or self.events < 2 * self.leads:
            raise Invalid(f"--events is a multiple of {self.blocks:,}, at least two for each lead.")

    @property
    def blocks(self) -> int:
        """The number of blocks."""
        return self.leads // self.block_leads

    @property
    def small_blocks(self) -> int:
        """The number of blocks at the small size."""
        return self.small // self.block_leads

    @property
    def block_events(self) -> int:
        """Events in a block."""
        return self.events // self.blocks


class Block(Struct, frozen=True, kw_only=True):
    """One block: events per second until they were durable, and until they were applied; seconds of lag at its end.

    `processor_us` is what all parts and MongoDB used per event. A `repeated` block was sent before, in part or whole.
    """

    ingest: float
    end_to_end: float
    lag: float
    processor_us: float
    seconds: float
    repeated: bool = False


class SizeFigures(Struct, frozen=True, kw_only=True):
    """Figures at one size: milliseconds (p95), events per second, bytes on disk and megabytes of memory, by name."""

    leads: int
    events: int
    lists: dict[str, float]
    queue: float
    intelligence: float
    replay: float
    replay_memory: float
    disk: dict[str, int]
    memory: dict[str, float]


class Journal(Struct, kw_only=True):
    """What a folder holds. Event times depend on `until`, so that a block that is sent again is the same block."""

    folder: str
    until: datetime
    block_leads: int
    block_events: int
    position: int = 0
    """Of the last event when the last block was done."""
    blocks: list[Block] = field(default_factory=list)
    small: SizeFigures | None = None

    @classmethod
    def open(cls, folder: Path, scale: Scale, now: datetime) -> Self:
        """The journal of the folder, or a new one. Raises `Invalid` if the folder was filled at another scale."""
        file = folder / _FILE
        if not file.exists():
            return cls(
                folder=str(folder), until=now, block_leads=scale.block_leads, block_events=scale.block_events
            )
        journal = msgspec.json.decode(file.read_bytes(), type=cls)
        journal.folder = str(folder)
        if (journal.block_leads, journal.block_events) != (scale.block_leads, scale.block_events):
            each = journal.block_events / journal.block_leads
            raise Invalid(
                f"--events: the leads in {folder} have {each:g} events each; keep to that, or take another --data."
            )
        if len(journal.blocks) > scale.blocks:
            held = len(journal.blocks) * journal.block_leads
            raise Invalid(f"--leads: {folder} holds {held:,} already; ask for more, or take another --data.")
        return journal

    def save(self) -> None:
        """Write it, whole or not at all."""
        file = Path(self.folder) / _FILE
        written = file.with_suffix(".new")
        written.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1))
        written.replace(file)
