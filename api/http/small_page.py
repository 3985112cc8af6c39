"""A page of one sentence and perhaps a button, for people who follow a link of a mail."""

from __future__ import annotations

from html import escape
from http import HTTPStatus

from litestar import MediaType, Response
from litestar.openapi.datastructures import ResponseSpec

__all__ = ["NOT_OURS", "not_ours", "small_page"]

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
NOT_OURS = ResponseSpec(
    str,
    description="A page that says so: the link is not one of ours",
    media_type=MediaType.HTML,
    generate_examples=False,
)


def small_page(title: str, text: str, *, form: str = "", status: int = HTTPStatus.OK) -> Response[str]:
    """The page. `form` is HTML of ours; title and text are escaped."""
    content = _PAGE.format(title=escape(title), text=escape(text), form=form)
    return Response(content, status_code=status, media_type=MediaType.HTML, headers=_HEADERS)


def not_ours() -> Response[str]:
    """The page of a link that is not one of ours."""
    text = "It may have been cut off. Copy the whole link from the mail."
    return small_page("This link does not work", text, status=HTTPStatus.NOT_FOUND)
