"""Programs that send thirty events in small batches, one per client; each fails if an event was given up."""

from __future__ import annotations

from tests.api.connect.conftest import Program

__all__ = ["EVENTS", "PROGRAMS"]

EVENTS = 30

_SEGMENT_PYTHON = """
from segment.analytics.client import Client
lost = []
analytics = Client(
    "WRITE_KEY", host="https://leads.example.com", upload_size=6, upload_interval=0.1,
    on_error=lambda error, items: lost.extend(items),
)
for number in range(30):
    analytics.track("user-1", "Counted", {"number": number})
analytics.flush()
analytics.shutdown()
assert not lost, lost
"""
_RUDDER_PYTHON = _SEGMENT_PYTHON.replace("segment.analytics", "rudderstack.analytics")
_POSTHOG_PYTHON = """
from posthog import Posthog
lost = []
posthog = Posthog(
    "WRITE_KEY", host="https://leads.example.com", flush_at=6, flush_interval=0.1,
    on_error=lambda error, items: lost.extend(items), MODE
)
for number in range(30):
    posthog.capture("Counted", distinct_id="user-1", properties={"number": number})
posthog.shutdown()
assert not lost, lost
"""
_SEGMENT_NODE = """
import { Analytics } from "@segment/analytics-node";
const analytics = new Analytics({ writeKey: "WRITE_KEY", host: "https://leads.example.com", flushAt: 6 });
analytics.on("error", (error) => { console.error(error); process.exitCode = 1; });
for (let number = 0; number < 30; number += 1)
  analytics.track({ userId: "user-1", event: "Counted", properties: { number } });
await analytics.closeAndFlush();
"""
_RUDDER_NODE = """
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
const analytics = new RudderAnalytics("WRITE_KEY", {
  dataPlaneUrl: "https://leads.example.com", flushAt: 6,
  errorHandler: (error) => { console.error(error); process.exitCode = 1; },
});
for (let number = 0; number < 30; number += 1)
  analytics.track({ userId: "user-1", event: "Counted", properties: { number } });
await analytics.flush();
"""
_POSTHOG_NODE = """
import { PostHog } from "posthog-node";
const posthog = new PostHog("WRITE_KEY", {
  host: "https://leads.example.com", flushAt: 6, flushInterval: 100, fetchRetryDelay: 500, fetchRetryCount: 20 });
posthog.on("error", (error) => { console.error(error); process.exitCode = 1; });
for (let number = 0; number < 30; number += 1) {
  posthog.capture({ distinctId: "user-1", event: "Counted", properties: { number } });
  if (number % 6 === 5) await posthog.flush();
}
await posthog.shutdown();
"""

PROGRAMS = {
    "segment-python": Program("python", _SEGMENT_PYTHON),
    "rudderstack-python": Program("python", _RUDDER_PYTHON),
    "posthog-python": Program("python", _POSTHOG_PYTHON.replace(", MODE", "")),
    "posthog-python-v1": Program("python", _POSTHOG_PYTHON.replace("MODE", 'capture_mode="v1"')),
    "segment-node": Program("js", _SEGMENT_NODE),
    "rudderstack-node": Program("js", _RUDDER_NODE),
    "posthog-node": Program("js", _POSTHOG_NODE),
}
