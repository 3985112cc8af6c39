"""The HTTP side of a model's API: POST with attempts, `Retry-After`, and one deadline over all of them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from engine.assistant.model import ModelFailed

if TYPE_CHECKING:
    import httpx

__all__ = ["ModelClient"]

_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_FIRST_PAUSE = 0.5
_MAX_ANSWER = 1_000_000
_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "billing_error")
"""Codes of a 429 that no waiting helps."""


class ModelClient:
    """A client of one API, on kept connections. `seconds`: for one question, all attempts together."""

    def __init__(self, base_url: str, headers: Mapping[str, str], seconds: float, attempts: int) -> None:
        self._base_url, self._headers = base_url.rstrip("/"), dict(headers)
        self._seconds, self._attempts = seconds, attempts

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        import httpx  # noqa: PLC0415 - only processes that ask pay for it

        return httpx.AsyncClient(
            headers=self._headers, timeout=self._seconds, follow_redirects=False, trust_env=False
        )

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON object of a successful answer. Raises `ModelFailed`."""
        try:
            async with asyncio.timeout(self._seconds) as deadline:
                return await self._post(path, body, deadline.when() or 0)
        except TimeoutError:
            raise ModelFailed(f"the model did not answer within {self._seconds:g} s") from None

    async def close(self) -> None:
        """Close connections, if any were opened."""
        if "_client" in self.__dict__:
            await self._client.aclose()

    async def _post(self, path: str, body: Mapping[str, Any], deadline: float) -> dict[str, Any]:
        import httpx  # noqa: PLC0415 - as above

        for attempt in range(1, self._attempts + 1):
            pause = _FIRST_PAUSE * 2 ** (attempt - 1) * (1 + random.random() / 2)
            try:
                response = await self._client.post(f"{self._base_url}{path}", json=body)
            except httpx.HTTPError as error:
                reason = f"the model cannot be reached: {type(error).__name__}"
            else:
                if response.status_code == HTTPStatus.OK:
                    return _object(response)
                reason, is_final = _refusal(response)
                if is_final:
                    raise ModelFailed(reason)
                pause = max(pause, _asked_pause(response.headers))
            if attempt == self._attempts or asyncio.get_running_loop().time() + pause >= deadline:
                break
            await asyncio.sleep(pause)
        raise ModelFailed(reason)


def _refusal(response: httpx.Response) -> tuple[str, bool]:
    """The reason, and whether asking again is of no use. Nothing of the body is quoted: it may repeat the prompt."""
    code = ""
    try:
        error = response.json().get("error", {})
        code = str(error.get("code") or error.get("type") or "")[:60]
    except (ValueError, AttributeError):
        pass
    said = f"the model's API answered {response.status_code}" + (f" ({code})" if code.isidentifier() else "")
    return said, response.status_code not in _AGAIN or code in _QUOTA


def _asked_pause(headers: Mapping[str, str]) -> float:
    """Seconds, by `retry-after-ms` or `retry-after`."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name])) / unit
        except (KeyError, ValueError):
            continue
    return 0.0


def _object(response: httpx.Response) -> dict[str, Any]:
    if len(response.content) > _MAX_ANSWER:
        raise ModelFailed("the model's answer is too long")
    try:
        found = response.json()
    except ValueError:
        raise ModelFailed("the model's API did not answer in JSON") from None
    if not isinstance(found, dict):
        raise ModelFailed("the model's API did not answer with an object")
    return found
