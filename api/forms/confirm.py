"""Routes of confirmation links (double opt-in): GET shows a page and changes nothing, POST confirms."""

from __future__ import annotations

from http import HTTPStatus

from litestar import MediaType, Response, get, post

from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.small_page import NOT_OURS, not_ours, small_page
from domain.errors import NotFound
from workflows.forms.confirm import confirm_address
from workflows.outreach.links import message_to_confirm

__all__ = ["CONFIRMATIONS"]

_PATH = "/c/{token:str}"
_TAGS = ["Forms"]


@get(
    _PATH,
    summary="The page behind a confirmation link",
    description="It changes nothing: mail scanners follow every link.",
    tags=_TAGS,
    media_type=MediaType.HTML,
    responses={**problems(400, 429, 503), 404: NOT_OURS},
)
async def get_confirmation(runtime: RuntimeDep, token: PathText) -> Response[str]:
    """A page with a button."""
    if await message_to_confirm(runtime, token) is None:
        return not_ours()
    button = '<form method="post"><button>Confirm</button></form>'
    return small_page("Confirm your address", "We write to you only after this.", form=button)


@post(
    _PATH,
    summary="Confirm an address",
    description="Consent of the lead, stored before the answer; the same however often.",
    tags=_TAGS,
    media_type=MediaType.HTML,
    status_code=HTTPStatus.OK,
    responses={**problems(400, 413, 429, 503), 404: NOT_OURS},
)
async def post_confirmation(request: HttpRequest, runtime: RuntimeDep, token: PathText) -> Response[str]:
    """A page that says it is done, which it is before the answer."""
    await request.body()
    try:
        await confirm_address(runtime, token)
    except NotFound:
        return not_ours()
    return small_page("Your address is confirmed", "Many thanks.")


CONFIRMATIONS = (get_confirmation, post_confirmation)
"""Every call here."""
