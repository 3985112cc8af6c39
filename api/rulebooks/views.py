"""Response bodies of the routes of rulebooks: lists, texts, faults, and rules in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from api.http.pages import Page, component
from api.http.view import View
from domain.errors import Fault
from domain.rule_language.description import Block, Cell, Entry, Heading, Indented, Labelled, Table
from domain.rulebooks.rulebook import Rulebook
from domain.rulebooks.written_points import WrittenPoints
from domain.sequences.definition import SequenceDefinition
from engine.rulebooks.built_in import is_built_in
from engine.rulebooks.library import RulebookEntry, RulebookText

__all__ = [
    "ActivationView",
    "CheckView",
    "ExplanationView",
    "RulePointsView",
    "RulebookEntriesPage",
    "RulebookEntryView",
    "RulebookTextView",
    "check_view",
    "entry_view",
    "explanation_view",
    "fault_view",
    "text_view",
]


class RulebookEntryView(View, frozen=True):
    """A rulebook in a list. `published`: it has been active once, so its rules never change."""

    name: str
    version: int
    label: str
    description: str
    built_in: bool
    published: bool
    active: bool


RulebookEntriesPage = Annotated[Page[RulebookEntryView], component("RulebooksPage")]


class RulebookTextView(View, frozen=True):
    """A rulebook as a document, with defaults filled in, and as YAML: the text as written where that is known."""

    name: str
    version: int
    label: str
    description: str
    built_in: bool
    published: bool
    active: bool
    document: dict[str, Any]
    yaml: str


class RulebookFaultView(View, frozen=True):
    """A fault: where in the text, counted from 1, which field, and what to write. Null where there is no one place."""

    line: int | None
    column: int | None
    field: str | None
    detail: str


class RulePointsView(View, frozen=True):
    """The points of a rule that scores, and where they are `written` in the text; line and column count from 1."""

    rule_id: str
    label: str
    points: float
    line: int
    column: int
    written: str


class CheckView(View, frozen=True):
    """Whether a rulebook can be activated, and if not, why; the points of its rules in their order. Nothing is stored."""

    valid: bool
    name: str | None
    version: int | None
    rules: int
    automations: int
    faults: list[RulebookFaultView]
    points: list[RulePointsView]


class CellView(View, frozen=True):
    """A cell of a table; `detail` is a second line in small print, `indented` belongs to the cell above."""

    text: str
    detail: str | None
    indented: bool


class BlockView(View, frozen=True):
    """A paragraph or heading has `text`, an entry `text` and `lines`, a table `columns` and `rows`."""

    kind: Literal["paragraph", "heading", "entry", "table"]
    text: str = ""
    lines: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    rows: tuple[tuple[CellView, ...], ...] = ()


class ChapterView(View, frozen=True):
    """What a rulebook or a sequence says about one thing, such as points or steps."""

    title: str
    blocks: list[BlockView]


class ExplanationView(View, frozen=True):
    """A rulebook or a sequence in words."""

    name: str
    version: int
    description: str
    chapters: list[ChapterView]


class ActivationView(View, frozen=True):
    """The active rulebook and the one before. `leadsToRebuild` is counted up to 10,000; reads use the new one already."""

    label: str
    before: str
    leads_to_rebuild: int


def entry_view(entry: RulebookEntry, active: str) -> RulebookEntryView:
    return RulebookEntryView(
        name=entry.name,
        version=entry.version,
        label=entry.label,
        description=entry.description,
        built_in=is_built_in(entry.label),
        published=entry.is_published,
        active=entry.label == active,
    )


def text_view(found: RulebookText, active: str) -> RulebookTextView:
    rulebook = found.rulebook
    return RulebookTextView(
        name=rulebook.name,
        version=rulebook.version,
        label=rulebook.label,
        description=rulebook.description,
        built_in=is_built_in(rulebook.label),
        published=found.is_published,
        active=rulebook.label == active,
        document=rulebook.model_dump(mode="json", by_alias=True, exclude_none=True),
        yaml=found.text,
    )


def check_view(
    rulebook: Rulebook | None, faults: list[RulebookFaultView], points: Sequence[WrittenPoints] = ()
) -> CheckView:
    return CheckView(
        valid=not faults,
        name=rulebook.name if rulebook else None,
        version=rulebook.version if rulebook else None,
        rules=len(rulebook.score.rules) if rulebook else 0,
        automations=len(rulebook.automations) if rulebook else 0,
        faults=faults,
        points=[] if rulebook is None else [_points(rulebook, one) for one in points],
    )


def _points(rulebook: Rulebook, found: WrittenPoints) -> RulePointsView:
    rule = rulebook.score.rules[found.number]
    return RulePointsView(
        rule_id=rule.id,
        label=rule.label or rule.id,
        points=rule.points,
        line=found.place.line,
        column=found.place.column,
        written=found.written,
    )


def fault_view(fault: Fault) -> RulebookFaultView:
    place = fault.place
    if place is None:
        return RulebookFaultView(line=None, column=None, field=None, detail=str(fault))
    return RulebookFaultView(
        line=place.line, column=place.column, field=place.field or None, detail=fault.detail
    )


def explanation_view(document: Rulebook | SequenceDefinition) -> ExplanationView:
    chapters = [
        ChapterView(title=title, blocks=[_block(block) for block in blocks])
        for title, blocks in document.describe()
        if blocks
    ]
    return ExplanationView(
        name=document.name, version=document.version, description=document.description, chapters=chapters
    )


def _block(block: Block) -> BlockView:
    match block:
        case Heading():
            return BlockView(kind="heading", text=block.text)
        case Entry():
            return BlockView(kind="entry", text=block.title, lines=block.lines)
        case Table():
            return BlockView(
                kind="table",
                columns=block.columns,
                numeric=block.numeric,
                rows=tuple(tuple(map(_cell, row)) for row in block.rows),
            )
    return BlockView(kind="paragraph", text=block)


def _cell(cell: Cell) -> CellView:
    match cell:
        case Labelled():
            return CellView(text=cell.label, detail=cell.detail, indented=False)
        case Indented():
            return CellView(text=cell.text, detail=None, indented=True)
    return CellView(text=cell, detail=None, indented=False)
