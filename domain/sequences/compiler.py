"""The compiler of sequences: from steps inside steps to one list of nodes that lead forward."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from domain.rule_language.reference import Place
from domain.sequences.definition import SequenceDefinition, key_of
from domain.sequences.program import (
    Branch,
    BranchTest,
    ChangeTag,
    CreateTask,
    End,
    Node,
    Program,
    Send,
    Variant,
    Wait,
    WaitFor,
)
from domain.sequences.steps import (
    AddTagStep,
    BranchStep,
    CaseSection,
    EndStep,
    HandOverStep,
    RemoveTagStep,
    SendStep,
    Step,
    TaskStep,
    WaitForStep,
    WaitStep,
)

__all__ = ["compile_sequence"]


def compile_sequence(definition: SequenceDefinition) -> Program:
    """The sequence in executable form."""
    nodes: list[Node] = []
    _place_all(definition.steps, ("steps",), nodes)
    return Program(
        name=definition.name,
        label=definition.label,
        nodes=tuple(nodes),
        window=definition.window,
        gap=definition.gap.millis,
        away=definition.away.compile(),
        stop=frozenset(definition.stop),
        holdout=definition.holdout,
        fallback_zone=definition.timezone,
        exclusive=definition.exclusive,
        every=definition.every,
    )


def _place_all(steps: Sequence[Step], place: Place, nodes: list[Node]) -> None:
    """Append the nodes of these steps; the last of them leads to whatever is appended next."""
    for number, step in enumerate(steps):
        here = (*place, number)
        _place(step, key_of(step, here), here, nodes)


def _place(step: Step, key: str, place: Place, nodes: list[Node]) -> None:
    if isinstance(step, BranchStep):
        _place_branch(step, key, place, nodes)
    elif isinstance(step, WaitForStep):
        _place_wait_for(step, key, place, nodes)
    else:
        nodes.append(_plain(step, key, len(nodes) + 1))


def _place_branch(step: BranchStep, key: str, place: Place, nodes: list[Node]) -> None:
    """The branch, its cases one after the other, each with a jump behind all of them."""
    index, cases, ends = len(nodes), list[tuple[BranchTest, int]](), list[int]()
    nodes.append(Branch(key, 0, ()))
    for number, case in enumerate(step.branch):
        cases.append((_test(case), len(nodes)))
        _place_all(case.then, (*place, "branch", number, "then"), nodes)
        ends.append(len(nodes))
        nodes.append(Branch(key, 0, ()))
    nodes[index] = Branch(key, len(nodes), tuple(cases))
    _place_all(step.otherwise, (*place, "otherwise"), nodes)
    for end in ends:
        nodes[end] = Branch(key, len(nodes), ())


def _place_wait_for(step: WaitForStep, key: str, place: Place, nodes: list[Node]) -> None:
    index = len(nodes)
    types = frozenset(step.wait_for)
    wait = WaitFor(key, index + 1, 0, types, step.where.compile(), step.within.compile())
    nodes.append(wait)
    _place_all(step.then, (*place, "then"), nodes)
    end = len(nodes)
    nodes.append(Branch(key, 0, ()))
    nodes[index] = replace(wait, otherwise=len(nodes))
    _place_all(step.otherwise, (*place, "otherwise"), nodes)
    nodes[end] = Branch(key, len(nodes), ())


def _test(case: CaseSection) -> BranchTest:
    return BranchTest(
        case.lead.compile_as_written() if case.lead else None,
        case.attributes.compile() if case.attributes else None,
        frozenset(case.event or ()),
    )


def _plain(step: Step, key: str, following: int) -> Node:  # noqa: PLR0911 - one return per kind of step
    match step:
        case SendStep():
            return Send(key, following, step.send, _variants(step), step.late, step.late_after.millis)
        case WaitStep():
            return Wait(key, following, step.wait.compile())
        case TaskStep():
            return CreateTask(key, following, step.task, step.priority, step.due_in, ends=False)
        case HandOverStep():
            return CreateTask(key, following, step.hand_over, step.priority, step.due_in, ends=True)
        case AddTagStep():
            return ChangeTag(key, following, step.add_tag, removes=False)
        case RemoveTagStep():
            return ChangeTag(key, following, step.remove_tag, removes=True)
        case EndStep():
            return End(key, following, step.end)
        case _:
            raise TypeError(f"there is no node for {type(step).__name__}")


def _variants(step: SendStep) -> tuple[Variant, ...]:
    if step.variants is None:
        return (Variant("", step.subject, step.text, step.template, step.language, 1.0),)
    return tuple(
        Variant(one.name, one.subject or step.subject, one.text, one.template, one.language, one.weight)
        for one in step.variants
    )
