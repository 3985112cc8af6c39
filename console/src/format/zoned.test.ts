import { expect, test } from "vitest";
import { dayAfter, instantOf, wallClock, weekdayOf } from "./zoned";

const at = (day: string, time: string, zone: string) => instantOf(day, time, zone).toISOString();

test.each([
  ["2026-11-30", "09:00", "Europe/Berlin", "2026-11-30T08:00:00.000Z"],
  ["2026-07-01", "09:00", "Europe/Berlin", "2026-07-01T07:00:00.000Z"],
  ["2026-07-01", "09:00", "America/Los_Angeles", "2026-07-01T16:00:00.000Z"],
  ["2026-07-01", "09:00", "Asia/Kathmandu", "2026-07-01T03:15:00.000Z"],
  ["2026-07-01", "00:30", "UTC", "2026-07-01T00:30:00.000Z"],
])("%s %s in %s", (day, time, zone, expected) => {
  expect(at(day, time, zone)).toBe(expected);
  expect(wallClock(new Date(expected), zone)).toBe(`${day}T${time}`);
});

test("the morning after a change of clocks is the morning", () => {
  expect(at("2026-10-26", "09:00", "Europe/Berlin")).toBe("2026-10-26T08:00:00.000Z");
  expect(at("2026-03-29", "09:00", "Europe/Berlin")).toBe("2026-03-29T07:00:00.000Z");
  expect(at("2026-03-29", "02:30", "Europe/Berlin")).toBe("2026-03-29T01:30:00.000Z");
});

test("days and weekdays are those of the zone", () => {
  const late = new Date("2026-11-29T23:30:00Z");
  expect(dayAfter(late, 1, "UTC")).toBe("2026-11-30");
  expect(dayAfter(late, 1, "Europe/Berlin")).toBe("2026-12-01");
  expect(weekdayOf(late, "UTC")).toBe(0);
  expect(weekdayOf(late, "Europe/Berlin")).toBe(1);
});
