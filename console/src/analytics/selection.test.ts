import { expect, test } from "vitest";
import { rowOf, searchOf, shareInWords } from "./selection";

test("what cannot be, and what is usual, is not in the address", () => {
  expect(searchOf({ by: "sequence", days: "90", measure: "sales", step: "", other: "x" })).toEqual({});
  expect(searchOf({ by: "step", days: "30", measure: "replied", sequence: "welcome@2" })).toEqual({
    by: "step",
    days: 30,
    measure: "replied",
    sequence: "welcome@2",
  });
});

test("a row is asked for by its names, a sequence with its version", () => {
  const none = { version: null, step: null, variant: null, channel: null, campaign: null };
  expect(rowOf({ ...none, sequence: "welcome", version: 2, step: "1" })).toEqual({
    sequence: "welcome@2",
    step: "1",
  });
  expect(rowOf({ ...none, sequence: null, channel: "email" })).toEqual({ channel: "email" });
});

test("a share has its interval", () => {
  expect(shareInWords({ share: 0.1078, low: 0.0723, high: 0.1579 })).toBe("10.8 % (7 to 16)");
});
