"""The OpenAPI document, made from the routes without a running engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from api.app import create_framework
from engine.runtime import Runtime

__all__ = ["openapi_document"]


def openapi_document() -> bytes:
    """The document with its keys sorted, so that two runs are equal byte for byte."""
    document = create_framework(_never_opened()).openapi_schema.to_schema()
    return msgspec.json.encode(document, order="sorted")


@asynccontextmanager
async def _never_opened() -> AsyncIterator[Runtime]:
    raise NotImplementedError("the document needs no runtime")
    yield
