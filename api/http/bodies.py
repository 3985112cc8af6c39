"""Request bodies: which media type they may have and how large they may be."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from api.http.parameters import HttpRequest
from api.http.problems import ProblemError

__all__ = ["MAX_BODY_BYTES", "require_body", "require_json", "too_large"]

MAX_BODY_BYTES = 1024 * 1024
"""Size of the body of any request."""


def too_large(max_bytes: int = MAX_BODY_BYTES) -> ProblemError:
    """The refusal of a body that is larger than `max_bytes`."""
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-large",
        f"The body is too large; send at most {max_bytes // (1024 * 1024)} MiB at a time.",
    )


def require_json(request: HttpRequest) -> None:
    """Raises `ProblemError` 415 for a body of another media type, or a compressed one."""
    require_body(request, ("application/json",), ())


def require_body(request: HttpRequest, media_types: Sequence[str], encodings: Sequence[str]) -> None:
    """Raises `ProblemError` 415 for a body of another media type, or compressed in another way. Parameters are ignored."""
    given = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if given not in media_types:
        said = f"'{given}'" if given else "nothing"
        raise _unsupported(f"Send Content-Type: {media_types[0]}; the request says {said}.")
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", *encodings):
        ways = f"as it is or with {encodings[0]}" if encodings else "as it is"
        raise _unsupported(f"Send the body {ways}; the request says Content-Encoding: {encoding}.")


def _unsupported(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
