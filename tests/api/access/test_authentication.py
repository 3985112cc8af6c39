"""Authorization that is forgotten or refused: a call without a declared scope is closed, and a refused one does nothing."""

from __future__ import annotations

from litestar import get

from api.access.scopes import REQUIRED_SCOPE
from api.app import create_framework


async def test_nothing_happens_when_a_call_is_refused(api):
    reader = (await api.new_key("read")).token.text
    for key in (None, reader):
        answer = await api.send({"leadId": "ada", "type": "page_view"}, authorization=f"Bearer {key}")
        assert answer.status_code in {401, 403}
    assert await api.stored() == 0


def test_every_route_declares_its_required_scope():
    assert undeclared(create_framework(None)) == set()


def test_a_route_that_says_nothing_is_noticed():
    """The control for the test above."""

    @get("/new")
    async def new() -> None: ...

    app = create_framework(None)
    app.register(new)
    assert undeclared(app) == {"/new"}


def undeclared(app):
    return {
        route.path
        for route in app.routes
        for handler in route.route_handlers
        if REQUIRED_SCOPE not in handler.opt
    }


async def test_a_call_that_says_nothing_is_closed_to_all_but_managers(api):
    @get("/forgotten", include_in_schema=False)
    async def forgotten() -> str:
        return "x"

    api.framework.register(forgotten)
    assert (await api.ask("get", "/forgotten", None)).status_code == 401
    assert (await api.ask("get", "/forgotten", (await api.new_key("read")).token.text)).status_code == 403
    assert (await api.ask("get", "/forgotten", (await api.new_key("manage")).token.text)).status_code == 200
