import { expect, test } from "vitest";
import { keepOrder } from "./order";

const rows = (ids: string, score = 0) => [...ids].map((leadId) => ({ leadId, score }));
const ids = (kept: { leadId: string }[]) => kept.map((one) => one.leadId).join("");

test("values are new, places stay", () => {
  const kept = keepOrder(rows("abc"), rows("cab", 9));
  expect(ids(kept.rows)).toBe("abc");
  expect(kept.rows.every((one) => one.score === 9)).toBe(true);
  expect(kept.moved).toBe(1);
});

test("who comes and goes is counted, and stays until the order is asked for", () => {
  expect(keepOrder(rows("abc"), rows("abcd")).moved).toBe(1);
  const gone = keepOrder(rows("abc"), rows("ac", 9));
  expect(ids(gone.rows)).toBe("abc");
  expect(gone.moved).toBe(1);
});

test("the same order has not moved", () => {
  expect(keepOrder(rows("abc"), rows("abc", 1)).moved).toBe(0);
  expect(keepOrder([], []).moved).toBe(0);
});
