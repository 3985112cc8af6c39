import { expect, test } from "vitest";
import { ago, cityOf, day, dayKey, moment } from "./time";

const now = new Date("2026-11-30T08:04:00Z");

test("a day is a day of the zone, not of UTC", () => {
  const late = new Date("2026-11-29T23:30:00Z");
  expect(dayKey(late, "UTC")).toBe("2026-11-29");
  expect(dayKey(late, "Europe/Berlin")).toBe("2026-11-30");
  expect(moment(late, "Europe/Berlin", now)).toBe("today 00:30");
  expect(moment(late, "UTC", now)).toBe("Sun 29 Nov 23:30");
});

test("another year is named", () => {
  expect(day(new Date("2025-03-03T12:00:00Z"), "UTC", now)).toBe("3 Mar 2025");
});

test("a span is as short as it can be said", () => {
  const before = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
  expect([0, 5, 60, 41 * 60, 72 * 60].map((one) => ago(before(one), now))).toEqual([
    "now",
    "5 min",
    "1 h",
    "41 h",
    "3 d",
  ]);
});

test("a zone is called by its city", () => {
  expect(cityOf("America/Argentina/Buenos_Aires")).toBe("Buenos Aires");
});
