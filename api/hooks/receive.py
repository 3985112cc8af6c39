"""POST /v1/hooks/{provider}/{endpoint}: webhooks of providers, answered once what they say is durable."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from litestar import Response, get, post

from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import ProblemError, problems
from domain.forms.form_body import NotAForm
from domain.hooks.meta import challenge
from domain.hooks.providers import PROVIDERS
from domain.hooks.request import HookRequest, NotForUs, WrongSignature
from engine.runtime import Runtime
from workflows.hooks.take import Taken, find_hook, take

__all__ = ["HOOKS", "MAX_HOOK_BYTES"]

MAX_HOOK_BYTES = 10 * 1024 * 1024
"""Size of a request; e-mails come with their attachments, which are not kept."""

_PATH = "/v1/hooks/{provider:str}/{hook_id:str}"
_TAGS = ["Webhooks in"]
_PORTS = {"https": 443, "http": 80}


async def _any_query(request: HttpRequest) -> None:
    """The query is the provider's."""
    del request


@post(
    _PATH,
    summary="A webhook of a provider",
    description=(
        "The signature is checked over the raw body with the endpoint's secret, and what the body reports is stored as events "
        "before the answer. The same report again stores nothing. See docs/hooks.md."
    ),
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    before_request=_any_query,
    request_max_body_size=MAX_HOOK_BYTES,
    responses=problems(400, 401, 404, 413, 503),
)
async def post_hook(
    request: HttpRequest, runtime: RuntimeDep, provider: PathText, hook_id: PathText
) -> Response[bytes]:
    """How many events were stored; for Twilio an empty answer in XML."""
    endpoint = await find_hook(runtime, provider, hook_id)  # before the body is read
    received = _received(request, runtime, await request.body())
    try:
        taken = await take(runtime, endpoint, received)
    except WrongSignature as error:
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "wrong-signature", str(error)) from None
    except (NotForUs, NotAForm) as error:
        status = HTTPStatus(PROVIDERS[endpoint.provider].unreadable_status)
        raise ProblemError(status, "invalid", error.message) from None
    return _answer(provider, taken)


@get(
    _PATH,
    summary="The verification of a webhook address",
    description="Meta asks with `hub.mode`, `hub.verify_token` and `hub.challenge` before it sends anything.",
    tags=_TAGS,
    before_request=_any_query,
    responses=problems(400, 403, 404, 503),
)
async def verify_hook(
    request: HttpRequest, runtime: RuntimeDep, provider: PathText, hook_id: PathText
) -> Response[str]:
    """The challenge."""
    endpoint = await find_hook(runtime, provider, hook_id)
    try:
        answer = challenge(_received(request, runtime, b""), endpoint.verify_token)
    except WrongSignature as error:
        raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", str(error)) from None
    return Response(answer, media_type="text/plain")


def _received(request: HttpRequest, runtime: Runtime, body: bytes) -> HookRequest:
    query = request.scope["query_string"].decode("latin-1")
    return HookRequest(
        method=request.method,
        urls=_urls(request, runtime.settings.public_base_url, query),
        query=query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        received_at=runtime.now(),
    )


def _urls(request: HttpRequest, base: str, query: str) -> tuple[str, ...]:
    """The addresses that a provider may have signed: the public one, with and without its port."""
    scheme, _, host = (base or f"{request.scope['scheme']}://{request.headers.get('host', '')}").partition(
        "://"
    )
    raw_path = request.scope.get("raw_path", b"").partition(b"?")[0].decode("latin-1")
    rest = (raw_path or request.scope["path"]) + (f"?{query}" if query else "")
    name, _, port = host.partition(":")
    default = str(_PORTS.get(scheme, ""))
    hosts = [host] + ([f"{name}:{default}"] if not port else [name] if port == default else [])
    return tuple(f"{scheme}://{one}{rest}" for one in hosts)


def _answer(provider: str, taken: Taken) -> Response[bytes]:
    if provider == "twilio":
        return Response(b"<Response/>", media_type="text/xml")
    return Response(msgspec.json.encode(taken), media_type="application/json")


HOOKS = (post_hook, verify_hook)
"""Every call here."""
