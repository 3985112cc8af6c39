"""Models behind Anthropic's `POST {base}/v1/messages`."""

from __future__ import annotations

from engine.assistant.model import Completion, ModelFailed, Prompt
from engine.assistant.model_client import ModelClient

__all__ = ["API_VERSION", "AnthropicModel"]

API_VERSION = "2026-10-21"
"""The value of the header `anthropic-version`, which the official client sends."""


class AnthropicModel:
    """Asks for an answer by a JSON schema."""

    provider = "anthropic"

    def __init__(self, client: ModelClient, model: str) -> None:
        self._client = client
        self.model = model

    async def complete(self, prompt: Prompt) -> Completion:
        found = await self._client.post(
            "/v1/messages",
            {
                "model": self.model,
                "max_tokens": prompt.max_tokens,
                "system": prompt.system,
                "messages": [{"role": "user", "content": prompt.data}],
                "output_config": {"format": {"type": "json_schema", "schema": prompt.schema}},
            },
        )
        try:
            usage = found.get("usage") or {}
            read, written = int(usage.get("input_tokens", 0)), int(usage.get("output_tokens", 0))
            text = "".join(one["text"] for one in found["content"] if one.get("type") == "text")
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ModelFailed("the model's API answered in a form that is not known") from None
        completion = Completion(text, read, written)
        if found.get("stop_reason") != "end_turn" or not text:
            raise ModelFailed("the model has not finished its answer", completion)
        return completion

    async def close(self) -> None:
        await self._client.close()
