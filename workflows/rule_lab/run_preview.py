"""Works through a preview: a nested sample first, then twice as many leads in each round, until all are compared.

Each batch of leads is stored in one transaction with the figures and the place it has come to, so that a preview that was
killed goes on from there. Nothing is sent, and nothing but the preview is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from heapq import nsmallest

from msgspec.structs import replace
from pymongo.errors import PyMongoError

from domain.errors import LeadEngineError
from domain.rule_lab.comparison import Rulebooks
from domain.rule_lab.figures import Figures
from domain.rule_lab.ranking import rank_leads
from domain.rule_lab.sample import ALL, end_of_round, place_of
from domain.rulebooks.compiled import compile_rulebook
from engine.rule_lab.preview import Preview, Progress
from engine.runtime import Runtime
from engine.store.mongo import Session, transact
from workflows.rule_lab.compare_leads import Compared, compare_leads
from workflows.rule_lab.give_way import GiveWay
from workflows.rule_lab.start import CLAIM

__all__ = ["run_preview"]

_LEADS_AT_A_TIME = 25
_IDS_AT_A_TIME = 5000
_MOST_RANKED = 20_000
"""Leads whose ranking is looked at: it says little more with more of them, and takes a fold of its own."""


async def run_preview(
    runtime: Runtime, preview: Preview, on_step: Callable[[Preview], None] = lambda _: None
) -> Preview:
    """Work until the preview is complete. Raises `PreviewMoved` if another process is at it, or it was deleted.

    What fails for good is noted in the preview.
    """
    try:
        rulebooks, give_way = await _rulebooks(runtime, preview), GiveWay(runtime)
        if preview.progress.of is None:
            preview = await _counted(runtime, preview)
        while preview.progress.state == "running":
            async for lead_ids in _round(runtime, preview.progress):
                await give_way.pause()
                preview = await _step(runtime, preview, rulebooks, lead_ids)
                on_step(preview)
            preview = await _ended(runtime, preview)
            on_step(preview)
    except (PyMongoError, LeadEngineError):
        raise
    except Exception as error:  # noqa: BLE001 - it would fail again, and others wait behind it
        failure = f"{type(error).__name__}: {error}"
        progress = replace(preview.progress, state="failed", failure=failure)
        preview = await runtime.rule_lab.previews.move_on(preview, progress, runtime.now())
    return preview


async def _rulebooks(runtime: Runtime, preview: Preview) -> Rulebooks:
    active = runtime.rulebook
    before = (
        active if active.label == preview.before else await runtime.rulebooks.library.find(preview.before)
    )
    return Rulebooks(before, compile_rulebook(await runtime.rule_lab.previews.rulebook(preview.preview_id)))


async def _counted(runtime: Runtime, preview: Preview) -> Preview:
    """Count all leads, and find where a sample of the wanted size ends."""
    count, smallest, after = 0, list[int](), ""
    while page := await runtime.leads.states.ids_after(after, _IDS_AT_A_TIME):
        after = page[-1]
        count += len(page)
        smallest = nsmallest(preview.sample + 1, [*smallest, *map(place_of, page)])
        await asyncio.sleep(0)
    first = smallest[-1] if count > preview.sample else ALL
    return await runtime.rule_lab.previews.move_on(
        preview, replace(preview.progress, of=count, first=max(first, 1)), runtime.now() + CLAIM
    )


async def _round(runtime: Runtime, progress: Progress) -> AsyncIterator[list[str]]:
    """The leads of the round under way that are still to be compared, some at a time, in the order of their ids."""
    begin = end_of_round(progress.first, progress.round - 1)
    end = end_of_round(progress.first, progress.round)
    after, waiting = progress.after, list[str]()
    while page := await runtime.leads.states.ids_after(after, _IDS_AT_A_TIME):
        after = page[-1]
        waiting += [one for one in page if begin <= place_of(one) < end]
        while len(waiting) >= _LEADS_AT_A_TIME:
            yield waiting[:_LEADS_AT_A_TIME]
            waiting = waiting[_LEADS_AT_A_TIME:]
    if waiting:
        yield waiting


async def _step(runtime: Runtime, preview: Preview, rulebooks: Rulebooks, lead_ids: list[str]) -> Preview:
    """Compare the leads, and store them with the figures."""
    progress = preview.progress
    compared = await compare_leads(
        runtime,
        preview,
        rulebooks,
        lead_ids,
        with_landmarks=progress.figures.leads < _MOST_RANKED,
    )
    after = replace(progress, after=lead_ids[-1], current=_with(progress.current, compared))

    async def store(session: Session) -> Preview:
        await runtime.rule_lab.leads.add(preview.preview_id, compared.leads, session)
        return await runtime.rule_lab.previews.move_on(preview, after, runtime.now() + CLAIM, session)

    return await transact(runtime.store.client, store)


def _with(figures: Figures, compared: Compared) -> Figures:
    total = deepcopy(figures)
    total.failed += compared.failed
    for lead in compared.leads:
        total.add(lead)
    return total


async def _ended(runtime: Runtime, preview: Preview) -> Preview:
    """The round is complete: its figures count, and the next one begins if there are more leads."""
    progress = preview.progress
    figures = deepcopy(progress.figures)
    figures.merge(progress.current)
    ranking = progress.ranking
    if progress.figures.leads < _MOST_RANKED:
        landmarks = await runtime.rule_lab.leads.landmarks(preview.preview_id)
        ranking = await runtime.rule_lab.thread.run(rank_leads, landmarks)
    is_last = not preview.all_leads or end_of_round(progress.first, progress.round) >= ALL
    return await runtime.rule_lab.previews.move_on(
        preview,
        replace(
            progress,
            state="done" if is_last else "running",
            round=progress.round + 1,
            after="",
            figures=figures,
            current=Figures(),
            ranking=ranking,
        ),
        runtime.now() + CLAIM,
    )
