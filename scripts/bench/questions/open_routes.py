"""What the routes that are open to everybody cost in processor time, beside a 404."""

from __future__ import annotations

from functools import partial

from scripts.bench.load.http_connection import get
from scripts.bench.load.plan import Plan, send
from scripts.bench.processes.process_figures import cpu_seconds
from scripts.bench.report.figures import Figure, Row, below
from scripts.bench.workbench import Question, Workbench

__all__ = ["OPEN_ROUTES"]

_CONNECTIONS = 8
_NOWHERE = "/nowhere"
_ROUTES = {
    "/health/live": 200,
    "/health/ready": 200,
    "/docs": 200,
    "/openapi.json": 200,
    "/docs/openapi.json": 200,
    "/docs/assets/start.js": 200,
    "/docs/assets/icon.svg": 200,
}
_MICROSECONDS = 1_000_000


async def _answer(bench: Workbench) -> list[Row]:
    requests = bench.size(2_000, 500)
    async with bench.engine("api") as (engine, _):

        async def cost(_: int, path: str, status: int) -> float:
            plan = Plan(port=engine.settings.port, connections=_CONNECTIONS, requests=[get(path)] * requests)
            before = cpu_seconds(engine.pids.values())
            (await send(plan)).verify_all(status)
            return (cpu_seconds(engine.pids.values()) - before) / requests * _MICROSECONDS

        paths = {_NOWHERE: 404, **_ROUTES}
        samples = await bench.interleave(
            {path: partial(cost, path=path, status=status) for path, status in paths.items()}
        )
    return [
        Row(
            question=16,
            name=f"processor time of GET {path}",
            measured=Figure("us", samples[path]),
            baseline=Figure("us", samples[_NOWHERE]),
            baseline_name="a 404 in the same run",
            reach=below(3),
            note="per request, whole process",
        )
        for path in _ROUTES
    ]


OPEN_ROUTES = Question("open-routes", "What does a request without a key cost?", _answer, (16,))
