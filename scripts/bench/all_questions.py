"""All questions, in the order in which they are asked."""

from __future__ import annotations

from scripts.bench.questions.capture import CAPTURE
from scripts.bench.questions.decay import DECAY
from scripts.bench.questions.end_to_end import END_TO_END
from scripts.bench.questions.fold import FOLD
from scripts.bench.questions.growth import GROWTH
from scripts.bench.questions.hot_lead import HOT_LEAD
from scripts.bench.questions.idle import IDLE
from scripts.bench.questions.imports import IMPORTS
from scripts.bench.questions.ingest import INGEST_BATCHES, INGEST_ONES
from scripts.bench.questions.late import LATE
from scripts.bench.questions.latency import LATENCY
from scripts.bench.questions.memory import MEMORY
from scripts.bench.questions.merge import MERGE
from scripts.bench.questions.messages import MESSAGES
from scripts.bench.questions.open_routes import OPEN_ROUTES
from scripts.bench.questions.pages import PAGES
from scripts.bench.questions.pressure import PRESSURE
from scripts.bench.questions.read import READ
from scripts.bench.questions.rebuild import REBUILD
from scripts.bench.questions.screens import SCREENS
from scripts.bench.questions.streams import STREAMS
from scripts.bench.questions.waiting import WAITING
from scripts.bench.rule_lab.beside_preview import BESIDE_PREVIEW
from scripts.bench.rule_lab.preview import PREVIEW
from scripts.bench.rule_lab.reading import READING
from scripts.bench.rule_lab.shadow import SHADOW
from scripts.bench.rule_lab.switch import SWITCH

__all__ = ["QUESTIONS"]

QUESTIONS = (
    *(INGEST_BATCHES, INGEST_ONES, END_TO_END, LATENCY, HOT_LEAD),
    *(REBUILD, FOLD, DECAY, READ, PAGES, GROWTH, MEMORY, IDLE, PRESSURE, OPEN_ROUTES, LATE, CAPTURE),
    *(SCREENS, STREAMS, MERGE, MESSAGES, WAITING, IMPORTS),
    *(PREVIEW, BESIDE_PREVIEW, SWITCH, READING, SHADOW),
)
