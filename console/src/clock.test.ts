import { afterEach, expect, test, vi } from "vitest";
import { heardAt, nowMs } from "./clock";

afterEach(() => vi.useRealTimers());

test("a clock that is wrong by a day is corrected by the answers, one that is a little off is left alone", () => {
  vi.useFakeTimers({ now: Date.parse("2026-11-29T08:00:00Z") });
  heardAt("Mon, 30 Nov 2026 08:00:00 GMT");
  expect(new Date(nowMs()).toISOString()).toBe("2026-11-30T08:00:00.000Z");
  heardAt("Sun, 29 Nov 2026 08:00:30 GMT");
  expect(new Date(nowMs()).toISOString()).toBe("2026-11-29T08:00:00.000Z");
});

test("an answer without a date changes nothing", () => {
  vi.useFakeTimers({ now: 0 });
  heardAt("Thu, 01 Jan 1970 01:00:00 GMT");
  heardAt(null);
  heardAt("soon");
  expect(nowMs()).toBe(3_600_000);
});
