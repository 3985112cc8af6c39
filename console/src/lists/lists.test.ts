import { describe, expect, test } from "vitest";
import { type Filter, filterIn, filterOf, type Lead, queryOf } from "./filter";
import { refresh } from "./refresh";

describe("a filter in the address", () => {
  test.each<Filter>([
    {},
    { stage: "hot", risk: "low", owner: "me", minScore: 0, sort: "-lastActivityAt" },
    { outcome: "won", minScore: -1.5 },
    { tag: "fair & square", account: "group:a&b" },
    { owner: "a&b=c d%" },
  ])("%o comes back as it was", (filter) => {
    expect(filterIn(queryOf(filter))).toEqual(filter);
  });

  test("what cannot be is left out, what is not ours is not taken", () => {
    expect(filterOf({ stage: 3, minScore: "x", sort: "name", other: "1", owner: "" })).toEqual({});
    expect(filterOf({ minScore: "" })).toEqual({});
  });

  test("the usual order is not written", () => {
    expect(queryOf({ sort: "-score" } as Filter)).toBe("sort=-score");
    expect(queryOf(filterIn("sort=-score"))).toBe("");
  });
});

const lead = (leadId: string, score: number, position = 1, stage = "hot"): Lead => ({
  leadId,
  score,
  position,
  stage,
  velocity: 0,
  risk: "low",
  nextAction: "",
  outcome: "open",
  status: "new",
  accountId: null,
  ownerId: null,
  scoredAt: "",
  lastActivityAt: null,
  tags: [],
  rulebook: "standard@2",
});
const list = [lead("a", 50), lead("b", 40), lead("c", 30)];
const options = { filter: {} as Filter, me: "ada", complete: false };

describe("newer rows", () => {
  test("take the place of the older ones, in the order that is shown", () => {
    const { leads, moved } = refresh(list, [lead("c", 90, 2)], options);
    expect(leads.map((one) => [one.leadId, one.score])).toEqual([
      ["a", 50],
      ["b", 40],
      ["c", 90],
    ]);
    expect(moved).toEqual(["c"]);
  });

  test("that keep their place have not moved", () => {
    expect(refresh(list, [lead("b", 41, 2)], options).moved).toEqual([]);
  });

  test("that are older change nothing", () => {
    expect(refresh(list, [lead("b", 99, 1)], options).leads).toEqual(list);
    expect(refresh(list, [lead("b", 99, 1)], options).moved).toEqual([]);
  });

  test("that leave the filter are counted and stay", () => {
    const found = refresh(list, [lead("b", 41, 2, "warm")], { ...options, filter: { stage: "hot" } });
    expect(found.moved).toEqual(["b"]);
    expect(found.leads).toHaveLength(3);
  });

  test("of leads that are not shown count where they would be shown", () => {
    expect(refresh(list, [lead("x", 35, 2), lead("y", 5, 2)], options).moved).toEqual(["x"]);
    expect(refresh(list, [lead("y", 5, 2)], { ...options, complete: true }).moved).toEqual(["y"]);
    expect(refresh(list, [lead("x", 35, 2)], { ...options, filter: { owner: "me" } }).moved).toEqual([]);
  });
});
