import { expect, test } from "vitest";
import type { Entry } from "../leads/queries";
import { mergeInWords, standingMerges } from "./merges";

const entry = (type: string, properties: Record<string, string>, at = "2026-11-30T10:00:00Z") =>
  ({ at, event: { type, properties } }) as unknown as Entry;

test("a merge stands until it is undone, and again after it was made again", () => {
  const absorbed = entry("lead.absorbed", { from: "web", by: "p1", why: "phone" });
  const separated = entry("lead.separated", { stream: "web" });
  const web = { stream: "web", at: absorbed.at, by: "p1", why: "phone" };
  expect(standingMerges([absorbed])).toEqual([web]);
  expect(standingMerges([separated, absorbed])).toEqual([]);
  expect(standingMerges([absorbed, separated, absorbed])).toEqual([web]);
});

test("only the merge that was undone is gone", () => {
  const entries = [
    entry("lead.separated", { stream: "b" }),
    entry("lead.absorbed", { from: "b" }),
    entry("lead.absorbed", { from: "a" }),
  ];
  expect(standingMerges(entries).map((one) => one.stream)).toEqual(["a"]);
});

test("each event says what it did and why, and no other event says anything", () => {
  const said = (type: string, properties: Record<string, string>) => mergeInWords({ type, properties });
  expect(said("lead.merged", { into: "ada", why: "same" })).toBe("Merged into ada: same");
  expect(said("lead.separated", { stream: "web" })).toBe("web is no longer part of it");
  expect(said("page_view", { from: "ada" })).toBeNull();
});
