import { describe, expect, test } from "vitest";
import { apportion, fixed, ledger, signed } from "./numbers";

describe("numbers", () => {
  test("a negative number has a true minus, a negative zero has none", () => {
    expect(fixed(-3.456, 2)).toBe("\u22123.46");
    expect(fixed(-0.001, 2)).toBe("0.00");
    expect(signed(2, 1)).toBe("+2.0");
    expect(signed(-0.01, 1)).toBe("0.0");
  });

  test("rounded parts add up where rounding each alone does not", () => {
    const thirds = [100 / 3, 100 / 3, 100 / 3];
    expect(thirds.map((one) => Math.round(one)).reduce((a, b) => a + b)).toBe(99);
    expect(apportion(thirds, 0)).toEqual([34, 33, 33]);
    expect(apportion([-1.5, -1.5, 4], 0).reduce((a, b) => a + b)).toBe(1);
    expect(apportion([], 2)).toEqual([]);
  });

  test("rows and columns of a ledger add up, with caps, weights and negative rules", () => {
    const reasons = [
      { rawPoints: 20, faded: -0.0567, points: 19.9433 },
      { rawPoints: 25, faded: -3.7633, points: 15 },
      { rawPoints: -25, faded: 4.111, points: -20.889 },
      { rawPoints: 35, faded: 0, points: 22.75 },
      { rawPoints: 1 / 3, faded: 0, points: 1 / 3 },
    ];
    const { rows, total } = ledger(reasons);
    for (const row of rows) expect(row.given + row.faded + row.limits).toBe(row.points);
    expect(total.given + total.faded + total.limits).toBe(total.points);
    expect(total.points).toBe(Math.round(reasons.reduce((sum, one) => sum + one.points, 0) * 100));
    expect(rows[0]?.limits).toBe(0);
    expect(rows[1]?.limits).toBe(-624);
  });
});
