import { expect, test } from "vitest";
import { oppositeOf, type Result } from "./useBulk";

const result = (leadId: string, status: string, ownerBefore: string | null = null): Result => ({
  leadId,
  status,
  position: 1,
  ownerBefore,
});

test("owners are given back to each as it was, and only where something changed", () => {
  const results = [
    result("a", "accepted", "ben"),
    result("b", "accepted"),
    result("c", "accepted", "ben"),
    result("d", "forbidden", "eve"),
  ];
  expect(oppositeOf({ change: { assign: { ownerId: "ada", why: "" } }, results })).toEqual([
    [["a", "c"], { assign: { ownerId: "ben", why: "undone" } }],
    [["b"], { assign: { ownerId: null, why: "undone" } }],
  ]);
});

test("a tag that was added is removed from those that got it", () => {
  const results = [result("a", "accepted"), result("b", "unchanged")];
  expect(oppositeOf({ change: { addTag: "fair" }, results })).toEqual([[["a"], { removeTag: "fair" }]]);
});
