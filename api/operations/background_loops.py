"""Whether every background loop of the engine has completed a pass lately."""

from __future__ import annotations

from typing import Literal

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec

from api.http.parameters import RuntimeDep
from api.http.view import View
from workflows.operations.background_loops import LoopState, loop_states

__all__ = ["background"]


class LoopView(View, frozen=True):
    """A loop; `secondsAgo` is when it last completed a pass, null if it never has."""

    name: str
    status: Literal["ok", "late"]
    seconds_ago: float | None


class BackgroundView(View, frozen=True):
    """`late` if any loop is: no process runs it, or it hangs."""

    status: Literal["ok", "late"]
    loops: list[LoopView]


@get(
    "/health/background",
    summary="Every background loop has completed a pass lately",
    description="Those of the workers, which find due work, and those of the scheduler. Events are accepted all the same.",
    tags=["Health"],
    responses={503: ResponseSpec(BackgroundView, description="One of them is late", generate_examples=False)},
)
async def background(runtime: RuntimeDep) -> Response[BackgroundView]:
    """503 while any is late."""
    states = await loop_states(runtime)
    is_late = any(state.is_late for state in states)
    answer = BackgroundView(status="late" if is_late else "ok", loops=[_view(state) for state in states])
    return Response(answer, status_code=503 if is_late else 200)


def _view(state: LoopState) -> LoopView:
    return LoopView(name=state.name, status="late" if state.is_late else "ok", seconds_ago=state.seconds_ago)
