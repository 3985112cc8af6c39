"""Routes of unsubscription links (RFC 8058): GET shows a page and changes nothing, POST unsubscribes at once."""

from __future__ import annotations

from http import HTTPStatus

from litestar import MediaType, Response, get, post

from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.small_page import NOT_OURS, not_ours, small_page
from domain.errors import NotFound
from workflows.outreach.links import message_of_token
from workflows.outreach.unsubscribe import unsubscribe

__all__ = ["UNSUBSCRIBE"]

_PATH = "/u/{token:str}"
_FORM = (
    '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
    "<button>Unsubscribe</button></form>"
)


@get(
    _PATH,
    summary="The page behind an unsubscription link",
    description="It changes nothing: mail scanners follow every link.",
    tags=["Unsubscription"],
    media_type=MediaType.HTML,
    responses={**problems(400, 429, 503), 404: NOT_OURS},
)
async def get_unsubscribe(runtime: RuntimeDep, token: PathText) -> Response[str]:
    """A page with a button."""
    if await message_of_token(runtime, token) is None:
        return not_ours()
    return small_page("Unsubscribe", "You will get no more messages from us.", form=_FORM)


@post(
    _PATH,
    summary="Unsubscribe by one click",
    description="As mail programs do (RFC 8058): no key, no cookie, no redirect, and the same answer however often.",
    tags=["Unsubscription"],
    media_type=MediaType.HTML,
    status_code=HTTPStatus.OK,
    responses={**problems(400, 413, 429, 503), 404: NOT_OURS},
)
async def post_unsubscribe(request: HttpRequest, runtime: RuntimeDep, token: PathText) -> Response[str]:
    """A page that says it is done, which it is before the answer."""
    await request.body()
    try:
        await unsubscribe(runtime, token)
    except NotFound:
        return not_ours()
    return small_page("You are unsubscribed", "You will get no more messages from us.")


UNSUBSCRIBE = (get_unsubscribe, post_unsubscribe)
"""Every call here."""
