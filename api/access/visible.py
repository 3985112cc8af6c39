"""The leads that the caller of a request sees, as a dependency of handlers."""

from __future__ import annotations

from litestar.di import NamedDependency

from api.http.parameters import HttpRequest, RuntimeDep
from domain.teams.visibility import VisibleLeads
from workflows.access.visible_leads import visible_to

__all__ = ["Visible", "visible_leads"]

Visible = NamedDependency[VisibleLeads]
"""The parameter `visible` of a handler."""


async def visible_leads(request: HttpRequest, runtime: RuntimeDep) -> VisibleLeads:
    """The leads that the caller sees, by the setting, the role and the team."""
    return await visible_to(runtime, request.auth)
