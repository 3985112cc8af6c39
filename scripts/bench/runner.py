"""The questions of a run, one after the other; one that breaks does not stop the others."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Sequence

from msgspec import Struct

from scripts.bench.report.figures import Row
from scripts.bench.report.narrator import Narrator
from scripts.bench.workbench import Question, Workbench

__all__ = ["Answers", "ask_all"]


class Answers(Struct, frozen=True):
    """The rows of what could be answered, and how the other questions broke."""

    rows: list[Row]
    broken: dict[str, str]


async def ask_all(questions: Sequence[Question], workbench: Workbench, narrator: Narrator) -> Answers:
    """Answer all questions that can be answered. Returns the answers so far when it is cancelled."""
    answers = Answers([], {})
    for question in questions:
        try:
            with narrator.asking(question.name, question.asks):
                rows = await question.answer(workbench)
        except asyncio.CancelledError:
            answers.broken[question.name] = "interrupted"
            break
        except Exception as error:  # noqa: BLE001 - whatever breaks one question, the others can be answered
            answers.broken[question.name] = "".join(traceback.format_exception(error))
            narrator.fail(question.name, error)
        else:
            narrator.show(rows)
            answers.rows.extend(rows)
    return answers
