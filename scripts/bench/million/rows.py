"""The table of the two sizes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from scripts.bench.million.journal import Block, Journal, SizeFigures
from scripts.bench.report.figures import Figure, Row

__all__ = ["rows_of"]

_QUESTION = 31
_SAMPLES = 5
"""Blocks of which each size is given: the last ones of it that were sent once."""
_GB = 1_000_000_000


def rows_of(journal: Journal, small: SizeFigures, large: SizeFigures) -> list[Row]:
    """A row per figure: at the large size, and beside it at the small one."""
    return [*_filling(journal, small, large), *_sizes(small, large)]


def _filling(journal: Journal, small: SizeFigures, large: SizeFigures) -> Iterator[Row]:
    before = _fresh(journal.blocks[: small.leads // journal.block_leads])
    after = _fresh(journal.blocks)
    count = min(len(before), len(after), _SAMPLES)
    if not count:
        return
    for name, unit, of in _BLOCK_FIGURES:
        yield _row(
            f"{name} at {large.leads:,} leads",
            Figure(unit, tuple(map(of, after[-count:]))),
            Figure(unit, tuple(map(of, before[-count:]))),
            small,
            f"blocks of {journal.block_events:,} events of {journal.block_leads:,} new leads, all parts running",
        )


_BLOCK_FIGURES: Sequence[tuple[str, str, Callable[[Block], float]]] = (
    ("ingest, HTTP to durable", "events/s", lambda block: block.ingest),
    ("HTTP to applied", "events/s", lambda block: block.end_to_end),
    ("lag, last answer to last lead applied", "s", lambda block: block.lag),
    ("processor time per event, all parts and MongoDB", "µs", lambda block: block.processor_us),
)


def _sizes(small: SizeFigures, large: SizeFigures) -> Iterator[Row]:
    """The figures of the store as it stands."""
    slowest = max(large.lists, key=lambda path: large.lists[path])

    def row(name: str, unit: str, of: Callable[[SizeFigures], float], note: str = "") -> Row:
        return _row(name, Figure(unit, (of(large),)), Figure(unit, (of(small),)), small, note)

    yield row(
        f"slowest of {len(large.lists)} first pages of lists, p95",
        "ms",
        lambda size: size.lists[slowest],
        slowest,
    )
    yield row("queue of one rep, p95", "ms", lambda size: size.queue)
    yield row("intelligence of a lead, p95", "ms", lambda size: size.intelligence, "leads by chance")
    yield row(
        "`replay --verify`, one process",
        "events/s",
        lambda size: size.replay,
        f"{large.events:,} events, 0 drifted",
    )
    yield row("most memory of it", "MB", lambda size: size.replay_memory)
    yield row("disk", "GB", lambda size: size.disk["all"] / _GB)
    yield row("disk per event, leads and history included", "B", lambda size: size.disk["all"] / size.events)
    for part in large.memory:
        yield row(f"memory of {part}", "MB", lambda size, part=part: size.memory[part])  # type: ignore[misc]


def _fresh(blocks: Sequence[Block]) -> list[Block]:
    return [block for block in blocks if not block.repeated]


def _row(name: str, measured: Figure, baseline: Figure, small: SizeFigures, note: str) -> Row:
    return Row(
        question=_QUESTION,
        name=name,
        measured=measured,
        baseline=baseline,
        baseline_name=f"at {small.leads:,} leads",
        note=note,
    )
