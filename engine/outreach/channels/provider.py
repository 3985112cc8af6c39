"""The HTTP side of a provider: one POST, and whether a failure of it leaves open if the message went out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from domain.instant import SECOND, Millis
from engine.outreach.channels.channel import HandOver, Retry, Unknown

if TYPE_CHECKING:
    import httpx

__all__ = ["ProviderClient", "json_object", "retry_pause"]

_MAX_ANSWER = 500
_MAX_PAUSE: Millis = 24 * 3600 * SECOND
_TOO_MANY = 429
_SERVER_ERROR = 500


class ProviderClient:
    """A client of one provider's API, on kept connections."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        seconds: float,
        *,
        auth: tuple[str, str] | None = None,
    ) -> None:
        self._base_url, self._headers, self._seconds, self._auth = base_url, headers, seconds, auth

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        import httpx  # noqa: PLC0415 - only processes that send pay for it

        return httpx.AsyncClient(
            base_url=self._base_url,
            headers=dict(self._headers),
            timeout=self._seconds,
            auth=self._auth,
            follow_redirects=False,
            trust_env=False,
        )

    async def post(self, path: str, hand_over: HandOver, **body: Any) -> httpx.Response | Retry | Unknown:
        """The response, whatever its status but those of a server in trouble.

        A connection that could not be opened leaves nothing open. Once the request began to go out, no answer is
        `Unknown`, and so is a 5xx: the providers have no idempotency key, and may have taken the message before it.
        """
        import httpx  # noqa: PLC0415 - as above

        await hand_over()
        try:
            response = await self._client.post(path, **body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Retry(f"{type(error).__name__}: {error}", pauses_channel=True)
        except httpx.HTTPError as error:
            return Unknown(f"the provider did not answer: {type(error).__name__}: {error}")
        if response.status_code == _TOO_MANY:
            return Retry(_said(response), after=retry_pause(response.headers.get("retry-after")))
        if response.status_code == 503:  # noqa: PLR2004 - Service Unavailable: refused before it was looked at
            pause = retry_pause(response.headers.get("retry-after"))
            return Retry(_said(response), after=pause, pauses_channel=True)
        if response.status_code >= _SERVER_ERROR:
            return Unknown(_said(response))
        return response

    async def close(self) -> None:
        """Close connections, if any were opened."""
        if "_client" in self.__dict__:
            await self._client.aclose()


def retry_pause(header: str | None) -> Millis:
    """The pause that `Retry-After` asks for in seconds; 0 without one, a day at most."""
    if header is None or not header.strip().isdigit():
        return 0
    return min(int(header.strip()[:9]) * SECOND, _MAX_PAUSE)


def json_object(text: str) -> dict[str, Any]:
    """The JSON object in an answer; an empty one if it is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(response: httpx.Response) -> str:
    return f"the provider answered {response.status_code}: {response.text[:_MAX_ANSWER]}"
