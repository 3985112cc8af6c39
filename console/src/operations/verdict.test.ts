import { expect, test } from "vitest";
import { type Figures, span, verdictOf } from "./verdict";

const FINE: Figures = {
  dispatch: { events: 0, seconds: 0 },
  apply: { events: 0, seconds: 0 },
  loops: [{ name: "reconcile", status: "ok" }],
  deadLetters: { quarantined: 0, retrying: 3 },
  work: [{ kind: "webhook", states: { waiting: 4, dead: 0 } }],
  process: { mongodb: "ok", redis: "ok" },
};

test("where nothing stands still there is no alarm, whatever waits or is retried", () => {
  expect(verdictOf(FINE)).toEqual({ alarms: [], sentence: "Every stored event is in its score." });
});

test("each thing that stands still is one sentence, the worst first", () => {
  const { alarms } = verdictOf({
    ...FINE,
    loops: [{ name: "reconcile", status: "late" }],
    deadLetters: { quarantined: 1, retrying: 0 },
    work: [
      { kind: "webhook", states: { dead: 2 } },
      { kind: "import", states: { dead: 1 } },
    ],
    process: { mongodb: "ok", redis: "fail" },
  });
  expect(alarms).toEqual([
    "Redis does not answer: events are stored, scores follow late.",
    "1 background loop is late.",
    "1 lead stands still at an event.",
    "3 units of due work were given up.",
  ]);
});

test("the lag is said in events and time", () => {
  const { sentence } = verdictOf({ ...FINE, apply: { events: 1200, seconds: 200 } });
  expect(sentence).toBe("1,200 events are not in a score yet, the first for 3 min.");
  expect([0, 89, 90, 7200, 200_000].map(span)).toEqual(["0 s", "89 s", "2 min", "2 h", "2 d"]);
});
