"""The assistant that asks a language model, checks what it says, and answers offline whenever that cannot be used."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain.drafts.check import objection_to, with_sender
from domain.drafts.compose import reply_subject
from domain.drafts.request import DraftRequest, DraftText
from domain.instant import Millis
from domain.replies.classify import Reply
from domain.replies.intent import Reading, Span
from engine.assistant.assistant import Answer, Assistant, Origin
from engine.assistant.budget_store import BudgetStore, Usage
from engine.assistant.model import Completion, Model, ModelFailed, Prompt
from engine.assistant.prompts import DraftAnswer, ReadingAnswer, draft_prompt, reading_prompt

__all__ = ["ModelAssistant", "Prices"]

_log = logging.getLogger(__name__)

T = TypeVar("T", bound=Struct)
_CHARACTERS_PER_TOKEN = 2
"""A low estimate, so that what is reserved is not too little."""
_OVERHEAD_TOKENS = 200


class Prices(Struct, frozen=True):
    """Prices of a million tokens, and the budget of a day, in one currency; a budget of 0 has no limit."""

    input: float
    output: float
    budget: float

    def cost(self, input_tokens: int, output_tokens: int) -> int:
        """The cost in millionths of the currency, rounded up."""
        return -int(-(input_tokens * self.input + output_tokens * self.output) // 1)


class ModelAssistant:
    """Every answer says how it came about; one that is not the model's says why not."""

    def __init__(  # noqa: PLR0917 - its parts
        self,
        model: Model,
        offline: Assistant,
        budget: BudgetStore,
        prices: Prices,
        hosts: Collection[str],
        now: Callable[[], Millis],
    ) -> None:
        self._model, self._offline, self._budget = model, offline, budget
        self._prices, self._hosts, self._now = prices, hosts, now

    async def draft(self, request: DraftRequest) -> Answer[DraftText]:
        """The model's draft if it passes every check, else the template."""
        try:
            found, origin = await self._ask(draft_prompt(request), DraftAnswer)
            draft = _as_draft(found, request)
            if objection := objection_to(draft, request, self._hosts):
                raise _refused(f"the model's draft was not used: {objection}", origin)
        except ModelFailed as failed:
            return _instead(await self._offline.draft(request), failed, self._cost_of(failed))
        return Answer(draft, origin)

    async def classify(self, reply: Reply) -> Answer[Reading]:
        """The model's reading if it is one, else that of rules and classifier."""
        try:
            found, origin = await self._ask(reading_prompt(reply), ReadingAnswer)
        except ModelFailed as failed:
            return _instead(await self._offline.classify(reply), failed, self._cost_of(failed))
        reading = Reading(
            intent=found.intent,
            confidence=round(found.confidence, 3),
            by=self._model.model,
            evidence=_place(found.evidence, reply.text),
        )
        return Answer(reading, origin)

    async def close(self) -> None:
        """End the connections to the model."""
        await self._model.close()

    async def _ask(self, prompt: Prompt, form: type[T]) -> tuple[T, Origin]:
        """The answer in its form. Raises `ModelFailed`, also when the budget of the day is used up."""
        at = self._now()
        most = (len(prompt.system) + len(prompt.data)) // _CHARACTERS_PER_TOKEN + _OVERHEAD_TOKENS
        reserved = self._prices.cost(most, prompt.max_tokens)
        if not await self._budget.reserve(reserved, round(self._prices.budget * 1_000_000), at):
            raise ModelFailed("the budget of the day for the model is used up")
        used = Usage()
        try:
            completion = await self._model.complete(prompt)
            used = self._usage(completion)
        except ModelFailed as failed:
            used = self._usage(failed.completion) if failed.completion else used
            _log.warning("The model was of no use: %s", failed.reason)
            raise
        finally:
            await self._budget.settle(reserved, used, at)
        try:
            found = msgspec.json.decode(completion.text, type=form)
        except msgspec.MsgspecError:
            raise ModelFailed("the model's answer does not follow its schema", completion) from None
        return found, self._origin(prompt, completion)

    def _usage(self, completion: Completion) -> Usage:
        read, written = completion.input_tokens, completion.output_tokens
        return Usage(self._prices.cost(read, written), read, written, 1)

    def _cost_of(self, failed: ModelFailed) -> Usage:
        return self._usage(failed.completion) if failed.completion else Usage()

    def _origin(self, prompt: Prompt, completion: Completion) -> Origin:
        return Origin(
            by=self._model.provider,
            model=self._model.model,
            prompt_hash=prompt.digest,
            input_tokens=completion.input_tokens,
            output_tokens=completion.output_tokens,
            cost=self._prices.cost(completion.input_tokens, completion.output_tokens),
        )


def _as_draft(found: DraftAnswer, request: DraftRequest) -> DraftText:
    """The draft; an answer keeps the subject of its thread, and only an e-mail has one."""
    subject = "" if request.channel != "email" else reply_subject(request.answered_subject)
    if request.channel == "email" and not subject:
        subject = " ".join(found.subject.split())
    return DraftText(text=with_sender(found.text, request), subject=subject)


def _refused(reason: str, origin: Origin) -> ModelFailed:
    return ModelFailed(reason, Completion("", origin.input_tokens, origin.output_tokens))


A = TypeVar("A")


def _instead(answer: Answer[A], failed: ModelFailed, used: Usage) -> Answer[A]:
    """The offline answer, with the reason why it is no other, and what the model has cost all the same."""
    origin = replace(
        answer.origin,
        notes=(*answer.origin.notes, failed.reason),
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
        cost=used.cost,
    )
    return Answer(answer.value, origin)


def _place(quotation: str, text: str) -> Span | None:
    """Where the quotation stands in the text; None if it does not stand there."""
    quotation = quotation.strip()
    start = text.find(quotation) if quotation else -1
    return Span(start, start + len(quotation)) if start >= 0 else None
