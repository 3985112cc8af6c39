import { expect, test } from "vitest";
import { numbersOf, type RulePoints, withPoints } from "./points";

const text =
  "rules:\n  - {id: a, label: '🎉 30', points: 30} # 30\n  - {id: b, points: 5}, {id: c, points: 7}\n";
const found: RulePoints[] = [
  { ruleId: "a", label: "A", points: 30, line: 2, column: 36, written: "30" },
  { ruleId: "b", label: "B", points: 5, line: 3, column: 21, written: "5" },
  { ruleId: "c", label: "C", points: 7, line: 3, column: 41, written: "7" },
];

test("points change where they are written, and nothing else does", () => {
  expect(withPoints(text, found, new Map([["a", 40]]))).toBe(text.replace("points: 30", "points: 40"));
  const both = new Map([
    ["b", -12.5],
    ["c", 100],
  ]);
  expect(withPoints(text, found, both)).toBe(
    text.replace("points: 5", "points: -12.5").replace(": 7", ": 100"),
  );
  expect(withPoints(text, found, new Map([["a", 30]]))).toBe(text);
});

test("another text than the one they were found in is left alone", () => {
  expect(withPoints(`# first\n${text}`, found, new Map([["a", 40]]))).toBeNull();
});

test("a field without a number changes nothing", () => {
  const typed = new Map([
    ["a", " "],
    ["b", "many"],
    ["c", "1.5"],
  ]);
  expect(numbersOf(typed)).toEqual(new Map([["c", 1.5]]));
});
