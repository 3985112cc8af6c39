import { describe, expect, test } from "vitest";
import { EMPTY, extended, type LogEvent, MOST_KEPT, matches } from "./tail";

const event = (position: number, more: Partial<LogEvent> = {}): LogEvent => ({
  position,
  eventId: `e${position}`,
  leadId: "ada",
  type: "page.viewed",
  occurredAt: "2026-11-30T12:00:00Z",
  receivedAt: "2026-11-30T12:00:00Z",
  source: "test",
  ...more,
});
const part = (from: number, to: number, more = false) => ({
  items: Array.from({ length: to - from + 1 }, (_, index) => event(from + index)),
  cursor: `c${to}`,
  more,
});
const positions = (tail: { events: LogEvent[] }) => tail.events.map((one) => one.position);

describe("the tail of a log", () => {
  test("a source is that of the event exactly", () => {
    const event = { type: "page_view", leadId: "ada", source: "website" };
    expect(matches(event, { source: "website" })).toBe(true);
    expect(matches(event, { source: "web" })).toBe(false);
    expect(matches(event, { source: "website", lead: "bob" })).toBe(false);
  });

  test("has the newest first, and goes on behind the last one", () => {
    const tail = extended(extended(EMPTY, part(1, 2, true)), part(3, 4));
    expect(positions(tail)).toEqual([4, 3, 2, 1]);
    expect(tail).toMatchObject({ cursor: "c4", more: false, dropped: 0, read: 4 });
  });

  test("a part that comes twice adds nothing", () => {
    const tail = extended(extended(EMPTY, part(1, 3)), part(2, 4));
    expect(positions(tail)).toEqual([4, 3, 2, 1]);
    expect(tail.read).toBe(4);
  });

  test("keeps so many and says how many it has let go", () => {
    let tail = EMPTY;
    for (let from = 1; from <= MOST_KEPT + 301; from += 100) tail = extended(tail, part(from, from + 99));
    expect(tail.events.length).toBe(MOST_KEPT);
    expect(tail.dropped).toBe(tail.read - MOST_KEPT);
    expect(tail.events[0]?.position).toBe(tail.read);
  });
});

test("a filter is a lead, a type, or the beginning of types", () => {
  expect(matches(event(1), {})).toBe(true);
  expect(matches(event(1), { lead: "bob" })).toBe(false);
  expect(matches(event(1), { type: "page.*", lead: "ada" })).toBe(true);
  expect(matches(event(1), { type: "page" })).toBe(false);
  expect(matches(event(1), { type: "page.viewed" })).toBe(true);
});
