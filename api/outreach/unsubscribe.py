"""Routes of unsubscription links (RFC 8058): GET shows a page and changes nothing, POST unsubscribes at once."""

from __future__ import annotations

from html import escape
from http import HTTPStatus

from litestar import MediaType, Response, get, post
from litestar.openapi.datastructures import ResponseSpec

from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from domain.errors import NotFound
from workflows.outreach.links import message_of_token
from workflows.outreach.unsubscribe import unsubscribe

__all__ = ["UNSUBSCRIBE"]

_PATH = "/u/{token:str}"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
}
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{font:18px/1.5 system-ui,sans-serif;max-width:30em;margin:15vh auto;padding:0 1em;color:#1c1917;background:#fafaf9}}
button{{font:inherit;padding:.6em 1.2em;border:0;border-radius:.4em;background:#1c1917;color:#fff;cursor:pointer}}
@media(prefers-color-scheme:dark){{body{{color:#f5f5f4;background:#1c1917}}button{{background:#f5f5f4;color:#1c1917}}}}</style>
<h1>{title}</h1><p>{text}</p>{form}</html>
"""
_NOT_OURS = ResponseSpec(
    str,
    description="A page that says so: the link is not one of ours",
    media_type=MediaType.HTML,
    generate_examples=False,
)
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
    responses={**problems(400, 429, 503), 404: _NOT_OURS},
)
async def get_unsubscribe(runtime: RuntimeDep, token: PathText) -> Response[str]:
    """A page with a button."""
    if await message_of_token(runtime, token) is None:
        return _page(
            "This link does not work",
            "It may have been cut off. Copy the whole link from the mail.",
            status=404,
        )
    return _page("Unsubscribe", "You will get no more messages from us.", form=_FORM)


@post(
    _PATH,
    summary="Unsubscribe by one click",
    description="As mail programs do (RFC 8058): no key, no cookie, no redirect, and the same answer however often.",
    tags=["Unsubscription"],
    media_type=MediaType.HTML,
    status_code=HTTPStatus.OK,
    responses={**problems(400, 413, 429, 503), 404: _NOT_OURS},
)
async def post_unsubscribe(request: HttpRequest, runtime: RuntimeDep, token: PathText) -> Response[str]:
    """A page that says it is done, which it is before the answer."""
    await request.body()
    try:
        await unsubscribe(runtime, token)
    except NotFound:
        return _page(
            "This link does not work",
            "It may have been cut off. Copy the whole link from the mail.",
            status=404,
        )
    return _page("You are unsubscribed", "You will get no more messages from us.")


def _page(title: str, text: str, *, form: str = "", status: int = HTTPStatus.OK) -> Response[str]:
    content = _PAGE.format(title=escape(title), text=escape(text), form=form)
    return Response(content, status_code=status, media_type=MediaType.HTML, headers=_HEADERS)


UNSUBSCRIBE = (get_unsubscribe, post_unsubscribe)
"""Every call here."""
