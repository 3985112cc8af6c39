"""POST /f/{formKey}: submissions of plain HTML forms; GET /f/{formKey}: the hosted page."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response, get, post

from api.forms.page import form_page, page_headers, problem_page, thanks_page
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import ProblemError, problems
from domain.errors import Invalid, NotFound
from domain.forms.form import Form
from domain.forms.form_body import form_fields
from domain.forms.submission import redirect_url
from engine.runtime import Runtime
from workflows.forms.submit import submit_form

__all__ = ["FORM_PAGES"]

_PATH = "/f/{form_key:str}"
_TAGS = ["Forms"]
_HTML = "text/html"


async def _any_query(request: HttpRequest) -> None:
    """Pages are opened with the parameters of campaigns."""
    del request


@post(
    _PATH,
    summary="The submission of a form",
    description=(
        "A plain HTML form, urlencoded or multipart. The person is found by `email` or `phone`. Answers with 303 to `_redirect` if that is on "
        "an origin of the form, else to the form's thank-you page. See docs/forms.md."
    ),
    tags=_TAGS,
    status_code=HTTPStatus.SEE_OTHER,
    before_request=_any_query,
    responses=problems(400, 403, 404, 413, 503),
)
async def post_form(request: HttpRequest, runtime: RuntimeDep, form_key: PathText) -> Response[str]:
    """The way on. What a machine sends gets the same answer and stores nothing."""
    form = await _form(runtime, form_key)
    _require_origin(request, form)
    fields = []
    try:
        fields = form_fields(request.headers.get("content-type", ""), await request.body())
        await submit_form(runtime, form, fields, request.headers.get("referer", ""))
    except Invalid as error:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return Response(
            problem_page(form, error.faults), status_code=400, media_type=_HTML, headers=page_headers(form)
        )
    to = redirect_url(form, fields) or f"/f/{form.form_key}/thanks"
    headers = {**page_headers(form), "Location": to}
    return Response("", status_code=HTTPStatus.SEE_OTHER, media_type=_HTML, headers=headers)


@get(
    _PATH,
    summary="The hosted page of a form",
    description="The form, and the snippet to copy into a page of one's own.",
    tags=_TAGS,
    before_request=_any_query,
    responses=problems(400, 404, 503),
)
async def get_form_page(request: HttpRequest, runtime: RuntimeDep, form_key: PathText) -> Response[str]:
    """The page, as HTML."""
    form = await _form(runtime, form_key)
    base = runtime.settings.public_base_url or str(request.base_url).rstrip("/")
    return _page(form, form_page(form, f"{base}/f/{form.form_key}"))


@get(
    f"{_PATH}/thanks",
    summary="The page after a submission",
    tags=_TAGS,
    before_request=_any_query,
    responses=problems(400, 404, 503),
)
async def get_thanks(runtime: RuntimeDep, form_key: PathText) -> Response[str]:
    """The page, as HTML."""
    form = await _form(runtime, form_key)
    return _page(form, thanks_page(form))


async def _form(runtime: Runtime, form_key: str) -> Form:
    form = await runtime.forms.store.get(form_key)
    if not form.enabled:
        raise NotFound("form", form_key)
    return form


def _require_origin(request: HttpRequest, form: Form) -> None:
    """Raise `ProblemError` 403 for a page on an origin that the form does not have. Servers say no origin."""
    origin = request.headers.get("origin", "null")
    own = (str(request.base_url).rstrip("/"), request.app.state.runtime.settings.public_base_url)
    if origin not in ("null", *own, *form.origins):
        detail = "This form does not take submissions from pages of this origin; add it to the form."
        raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail)


def _page(form: Form, html: str) -> Response[str]:
    return Response(html, media_type=_HTML, headers=page_headers(form))


FORM_PAGES = (post_form, get_form_page, get_thanks)
"""Every call here."""
