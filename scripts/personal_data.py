"""`lead-engine personal-data`: erase what is personal of a lead, or get everything that is held on it."""

from __future__ import annotations

import sys

from api.privacy.export import written
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.terminal.actor import current_actor
from workflows.privacy.erase import erase_personal_data
from workflows.privacy.export import begin_export

__all__ = ["erase", "export"]


async def export(settings: Settings, lead_id: str) -> None:
    """Write the export to standard output. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        heading = await begin_export(runtime, lead_id)
        async for piece in written(runtime, heading):
            sys.stdout.buffer.write(piece)
    sys.stdout.buffer.write(b"\n")
    sys.stdout.flush()


async def erase(settings: Settings, lead_id: str) -> None:
    """Erase, and say what was erased. Raises `NotFound`."""
    async with open_runtime(settings) as runtime:
        erased = await erase_personal_data(runtime, current_actor(), lead_id)
    if not erased.keys and not erased.webhook_answers:
        print("There was nothing to erase; nothing that is personal can be read of this lead.")
        return
    print(
        f"Erased: the key of {erased.events} event{'' if erased.events == 1 else 's'}, "
        f"answers of webhook endpoints in {erased.webhook_answers} deliveries."
    )
