"""All questions, in the order in which they are asked."""

from __future__ import annotations

from scripts.bench.questions.end_to_end import END_TO_END
from scripts.bench.questions.fold import FOLD
from scripts.bench.questions.ingest import INGEST_BATCHES, INGEST_ONES

__all__ = ["QUESTIONS"]

QUESTIONS = (INGEST_BATCHES, INGEST_ONES, END_TO_END, FOLD)
