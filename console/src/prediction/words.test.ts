import { describe, expect, it } from "vitest";
import { between, linesOf, percent } from "./words";

describe("percent", () => {
  it("says neither none nor all of what is not", () => {
    expect([0, 0.004, 0.144, 0.995, 1].map(percent)).toEqual([
      "0 %",
      "under 1 %",
      "14 %",
      "over 99 %",
      "100 %",
    ]);
    expect(between([0.09, 0.21])).toBe("9 to 21 %");
  });
});

describe("linesOf", () => {
  it("adds up to the log-odds of the probability, small parts together", () => {
    const values = [0.834, -0.415, 0.05, -0.032, 0.017];
    const found = linesOf({
      probability: 0,
      interval: [0, 1],
      outcome: "won",
      horizonDays: 90,
      model: "win@1",
      base: -2.313,
      parts: values.map((logOdds) => ({ feature: "f", words: "w", logOdds, odds: Math.exp(logOdds) })),
    });
    expect(found.lines.map((one) => one.words)).toEqual([
      "The average lead",
      "w",
      "w",
      "3 smaller reasons together",
    ]);
    expect(found.lines.reduce((sum, one) => sum + one.logOdds, 0)).toBe(found.total);
    expect(found.total).toBe(Math.round((-2.313 + values.reduce((sum, one) => sum + one, 0)) * 100));
  });
});
