"""Programs that count with real clients: each sends numbered events in small batches, and fails if one was given up."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from msgspec import Struct

from tests.clients.node import CLIENTS, require_node

__all__ = ["COUNTING", "Program", "counting"]

_SECONDS = 170


class Program(Struct, frozen=True):
    """Source text of a program that uses a client; the placeholders of the documentation stand for the address and the key."""

    language: str
    text: str

    def filled(self, url: str, write_key: str) -> str:
        """The text with the address and the key."""
        assert "WRITE_KEY" in self.text
        assert "https://leads.example.com" in self.text
        return self.text.replace("https://leads.example.com", url).replace("WRITE_KEY", write_key)

    async def run(self, url: str, write_key: str) -> str:
        """Run it in a process of its own to its end, which must be a good one. Returns what it said."""
        text = self.filled(url, write_key)
        if self.language == "python":
            command, folder = (sys.executable, "-c", text), Path.cwd()
        else:
            command, folder = (require_node(), "--input-type=module", "-e", text), CLIENTS
        running = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env={**os.environ, "NODE_NO_WARNINGS": "1"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(_SECONDS):
                said, _ = await running.communicate()
        finally:
            if running.returncode is None:
                running.kill()
        assert running.returncode == 0, said.decode()
        return said.decode()


def counting(name: str, *, events: int = 30, pause_ms: int = 0, retries: int = 300) -> Program:
    """The program of this client. It pauses after each event, and attempts each request so many times again."""
    language, text = COUNTING[name]
    for placeholder, number in (("COUNT", events), ("PAUSE", pause_ms), ("RETRIES", retries)):
        text = text.replace(placeholder, str(number))
    return Program(language, text)


_SEGMENT_PYTHON = """
import time
from segment.analytics.client import Client
lost = []
analytics = Client(
    "WRITE_KEY", host="https://leads.example.com", upload_size=6, upload_interval=0.1, max_retries=RETRIES,
    on_error=lambda error, items: lost.extend(items),
)
for number in range(COUNT):
    analytics.track("user-1", "Counted", {"number": number})
    time.sleep(PAUSE / 1000)
analytics.flush()
analytics.shutdown()
assert not lost, f"lost {len(lost)}"
"""
_POSTHOG_PYTHON = """
import time
from posthog import Posthog
lost = []
posthog = Posthog(
    "WRITE_KEY", host="https://leads.example.com", flush_at=6, flush_interval=0.1, max_retries=RETRIES,
    on_error=lambda error, items: lost.extend(items), capture_mode="MODE",
)
for number in range(COUNT):
    posthog.capture("Counted", distinct_id="user-1", properties={"number": number})
    time.sleep(PAUSE / 1000)
posthog.shutdown()
assert not lost, f"lost {len(lost)}"
"""
_PAUSE = "if (PAUSE) await new Promise((done) => setTimeout(done, PAUSE));"
_SEGMENT_NODE = f"""
import {{ Analytics }} from "@segment/analytics-node";
const analytics = new Analytics({{
  writeKey: "WRITE_KEY", host: "https://leads.example.com", flushAt: 6, flushInterval: 100, maxRetries: RETRIES }});
analytics.on("error", (error) => {{ console.error(error); process.exitCode = 1; }});
for (let number = 0; number < COUNT; number += 1) {{
  analytics.track({{ userId: "user-1", event: "Counted", properties: {{ number }} }});
  {_PAUSE}
}}
await analytics.closeAndFlush({{ timeout: 160000 }});
"""
_RUDDER_NODE = f"""
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
const analytics = new RudderAnalytics("WRITE_KEY", {{
  dataPlaneUrl: "https://leads.example.com", flushAt: 6, flushInterval: 100,
  axiosRetryConfig: {{ retries: RETRIES, retryDelay: () => 500, retryCondition: () => true }},
  errorHandler: (error) => {{ console.error(error); process.exitCode = 1; }},
}});
for (let number = 0; number < COUNT; number += 1) {{
  analytics.track({{ userId: "user-1", event: "Counted", properties: {{ number }} }});
  {_PAUSE}
}}
await analytics.flush();
"""
_POSTHOG_NODE = f"""
import {{ PostHog }} from "posthog-node";
const posthog = new PostHog("WRITE_KEY", {{
  host: "https://leads.example.com", flushAt: 6, flushInterval: 100, fetchRetryDelay: 500, fetchRetryCount: RETRIES }});
posthog.on("error", (error) => {{ console.error(error); process.exitCode = 1; }});
for (let number = 0; number < COUNT; number += 1) {{
  posthog.capture({{ distinctId: "user-1", event: "Counted", properties: {{ number }} }});
  if (number % 6 === 5) await posthog.flush();
  {_PAUSE}
}}
await posthog.shutdown(160000);
"""

COUNTING = {
    "segment-python": ("python", _SEGMENT_PYTHON),
    "rudderstack-python": (
        "python",
        _SEGMENT_PYTHON.replace("segment.analytics", "rudderstack.analytics"),
    ),
    "posthog-python": ("python", _POSTHOG_PYTHON.replace("MODE", "v0")),
    "posthog-python-v1": ("python", _POSTHOG_PYTHON.replace("MODE", "v1")),
    "segment-node": ("js", _SEGMENT_NODE),
    "rudderstack-node": ("js", _RUDDER_NODE),
    "posthog-node": ("js", _POSTHOG_NODE),
}
"""Language and text by name."""
