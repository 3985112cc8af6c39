import { expect, test } from "vitest";
import { snoozeTimes } from "./times";

const offered = (now: string, zone: string) =>
  snoozeTimes(new Date(now), zone).map((one) => [one.name, one.until.toISOString()]);

test("on a Wednesday: later, tomorrow, Monday, in a week", () => {
  expect(offered("2026-12-02T10:00:00Z", "Europe/Berlin")).toEqual([
    ["In 3 hours", "2026-12-02T13:00:00.000Z"],
    ["Tomorrow", "2026-12-03T08:00:00.000Z"],
    ["Monday", "2026-12-07T08:00:00.000Z"],
    ["In a week", "2026-12-09T08:00:00.000Z"],
  ]);
});

test("no time is offered twice: on a Sunday tomorrow is Monday, on a Monday the next one is in a week", () => {
  for (const now of ["2026-11-29T10:00:00Z", "2026-11-30T10:00:00Z"]) {
    const times = offered(now, "UTC").map(([, until]) => until);
    expect(new Set(times).size).toBe(times.length);
    expect(times.length).toBe(3);
  }
});
