import { expect, test } from "vitest";
import { changes, type Point, pathOf, scaleOf, split, ticks } from "./curve";

const DAY = 86_400_000;
const point = (day: number, score: number, stage = "cold"): Point => ({ at: day * DAY, score, stage });
const points = [point(0, 0), point(1, 20, "warm"), point(3, 10, "cold"), point(4, 8, "cold")];

test("past and future meet in the present", () => {
  const now = point(2, 15, "warm");
  const { past, future } = split(points, now);
  expect(past.at(-1)).toBe(now);
  expect(future[0]).toBe(now);
  expect(past.length + future.length).toBe(points.length + 2);
});

test("a change of stage is where the next stage begins", () => {
  expect(changes(points).map((one) => [one.at / DAY, one.stage])).toEqual([
    [1, "warm"],
    [3, "cold"],
  ]);
});

test("every point and every line of a stage is inside the drawing, negative scores too", () => {
  const all = [...points, point(5, -12)];
  const scale = scaleOf(all, [{ stage: "qualified", score: 55 }], [0, 5 * DAY], { width: 500, height: 100 });
  for (const one of all) {
    expect(scale.y(one.score)).toBeGreaterThanOrEqual(0);
    expect(scale.y(one.score)).toBeLessThanOrEqual(100);
  }
  expect(scale.y(55)).toBeGreaterThan(0);
  expect(scale.y(-12)).toBe(100);
  expect([scale.x(0), scale.x(5 * DAY)]).toEqual([0, 500]);
  expect(pathOf([point(0, -12)], scale)).toBe("M0.0 100.0");
});

test("a drawing of a lead without any score has a height", () => {
  const scale = scaleOf([point(0, 0)], [], [0, 0], { width: 100, height: 50 });
  expect(scale.y(0)).toBe(50);
  expect(Number.isFinite(scale.x(0))).toBe(true);
});

test.each([1, 10, 60, 400, 4000])("an axis of %i days has labels that keep their distance", (days) => {
  const found = ticks([0.3 * DAY, (0.3 + days) * DAY], 6);
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThanOrEqual(8);
  expect(found.every((at) => at % DAY === 0)).toBe(true);
});
