import { describe, expect, test } from "vitest";
import { differingPart, diffLines, folded, pairs } from "./diff";

const signs = (before: string, after: string) =>
  diffLines(before.split(""), after.split("")).map(
    ({ kind, text }) => ({ same: " ", minus: "-", plus: "+" })[kind] + text,
  );

describe("the difference of two texts", () => {
  test.each([
    ["", "", []],
    ["abc", "abc", [" a", " b", " c"]],
    ["abc", "axc", [" a", "-b", "+x", " c"]],
    ["abc", "", ["-a", "-b", "-c"]],
    ["", "ab", ["+a", "+b"]],
    ["aab", "ab", [" a", "-a", " b"]],
  ])("%j to %j", (before, after, steps) => {
    expect(signs(before, after)).toEqual(steps);
  });

  test("applied to the old text it gives the new one, and is as short as can be", () => {
    const alphabet = "ab\n".split("");
    const texts = Array.from({ length: 81 }, (_, n) =>
      [0, 1, 2, 3].map((place) => alphabet[Math.floor(n / 3 ** place) % 3] ?? ""),
    );
    for (const before of texts) {
      for (const after of texts) {
        const lines = diffLines(before, after);
        expect(lines.filter((one) => one.kind !== "plus").map((one) => one.text)).toEqual(before);
        expect(lines.filter((one) => one.kind !== "minus").map((one) => one.text)).toEqual(after);
        expect(lines.filter((one) => one.kind === "same").length).toBe(longestCommon(before, after));
      }
    }
  });

  test("of very long texts everything that differs is one block", () => {
    const old = Array.from({ length: 3000 }, (_, n) => `old ${n}`);
    const now = Array.from({ length: 3000 }, (_, n) => `new ${n}`);
    const kinds = diffLines(["a", ...old], ["a", ...now]).map((one) => one.kind);
    expect(kinds).toEqual(["same", ...old.map(() => "minus"), ...now.map(() => "plus")]);
  });

  test("lines carry their numbers in both texts", () => {
    expect(diffLines(["a", "b"], ["b", "c"]).map((one) => [one.before, one.after])).toEqual([
      [1, null],
      [2, 1],
      [null, 2],
    ]);
  });
});

function longestCommon(a: string[], b: string[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  const [headA, ...restA] = a;
  const [headB, ...restB] = b;
  if (headA === headB) return 1 + longestCommon(restA, restB);
  return Math.max(longestCommon(restA, b), longestCommon(a, restB));
}

test("what is the same is folded, but for some lines around", () => {
  const lines = diffLines([..."abcdefghij"], [..."abcdeFghij"]);
  expect(folded(lines, 1).map((one) => (typeof one === "number" ? one : one.text))).toEqual([
    4,
    "e",
    "f",
    "F",
    "g",
    3,
  ]);
  expect(folded(diffLines(["a"], ["a"]))).toEqual([1]);
});

test("the part of a line that differs", () => {
  expect(differingPart("points: 35, x", "points: 40, x")).toEqual(["points: ", "35", ", x"]);
  expect(differingPart("points: 30, x", "points: 40, x")).toEqual(["points: ", "30", ", x"]);
  expect(differingPart("{a: 1}", "{a: 1, b}")).toEqual(["{a: ", "1", "}"]);
  expect(differingPart("{a: 1, b}", "{a: 1}")).toEqual(["{a: ", "1, b", "}"]);
});

test("lines are paired only in blocks of equal length", () => {
  const replaced = diffLines(["a", "b"], ["x", "y"]);
  expect(pairs(replaced).size).toBe(4);
  expect([...pairs(replaced)].map(([one, other]) => one.text + other.text)).toEqual(["ax", "xa", "by", "yb"]);
  expect(pairs(diffLines(["a", "b"], ["x"])).size).toBe(0);
});
