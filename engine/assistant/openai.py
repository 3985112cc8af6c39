"""Models behind an OpenAI-compatible `POST {base}/chat/completions`: OpenAI, vLLM, Ollama, LiteLLM and others."""

from __future__ import annotations

from engine.assistant.model import Completion, ModelFailed, Prompt
from engine.assistant.model_client import ModelClient

__all__ = ["OpenAiModel"]


class OpenAiModel:
    """Asks for an answer by a strict JSON schema."""

    provider = "openai"

    def __init__(self, client: ModelClient, model: str) -> None:
        self._client = client
        self.model = model

    async def complete(self, prompt: Prompt) -> Completion:
        found = await self._client.post(
            "/chat/completions",
            {
                "model": self.model,
                "messages": [
                    {"role": "system", "content": prompt.system},
                    {"role": "user", "content": prompt.data},
                ],
                "temperature": 0,
                "max_tokens": prompt.max_tokens,
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": prompt.name, "strict": True, "schema": prompt.schema},
                },
            },
        )
        try:
            choice, usage = found["choices"][0], found.get("usage") or {}
            text = choice["message"]["content"]
            read, written = int(usage.get("prompt_tokens", 0)), int(usage.get("completion_tokens", 0))
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            raise ModelFailed("the model's API answered in a form that is not known") from None
        completion = Completion(text if isinstance(text, str) else "", read, written)
        if choice.get("finish_reason") not in {"stop", None} or not completion.text:
            raise ModelFailed("the model has not finished its answer", completion)
        return completion

    async def close(self) -> None:
        await self._client.close()
