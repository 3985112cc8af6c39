import { describe, expect, test } from "vitest";
import { beginning, conditionInWords, documentOf, hoursInWords, routingOf } from "./rules";

const document = {
  version: 3,
  stages: ["hot", "qualified"],
  rules: [
    {
      id: "germany",
      where: { country: { in: ["DE", "AT"] }, seats: { range: [10, null] }, vip: true },
      stage: ["hot"],
      pool: "dach",
    },
    { id: "rest", pool: "everyone" },
  ],
  pools: [
    {
      id: "dach",
      members: [
        { rep: "p1", hours: { zone: "Europe/Berlin", holidays: ["2026-12-25"] } },
        { rep: "p2", weight: 2 },
      ],
      fallback: "p3",
      firstTouchMinutes: 30,
      whenMissed: "reassign",
    },
    { id: "everyone", members: [{ rep: "p1", capacity: 40 }] },
  ],
};

describe("routing rules", () => {
  test("nothing is lost on the way through the form", () => {
    const routing = routingOf(document);
    const sent = documentOf(routing);
    expect(routingOf(sent)).toEqual(routing);
    expect(sent).toMatchObject({
      version: 3,
      stages: ["hot", "qualified"],
      rules: document.rules,
      pools: [
        {
          id: "dach",
          fallback: "p3",
          fallbackAfterMinutes: 60,
          firstTouchMinutes: 30,
          whenMissed: "reassign",
        },
        { id: "everyone", members: [{ rep: "p1", weight: 1, capacity: 40 }] },
      ],
    });
  });

  test("what is left out means all: no stage, no condition, no limit", () => {
    const [rule] = documentOf(beginning(["p1"])).rules as Record<string, unknown>[];
    expect(rule).toEqual({ id: "everybody", pool: "everyone" });
    expect(documentOf(beginning(["p1"]))).not.toHaveProperty("stages");
  });

  test("conditions that the form cannot write are kept and shown as they are", () => {
    const [country, seats, vip] = routingOf(document).rules[0]?.conditions ?? [];
    expect(country && conditionInWords(country)).toBe("country is DE or AT");
    expect(seats && conditionInWords(seats)).toBe('seats: {"range":[10,null]}');
    expect(vip).toEqual({ attribute: "vip", other: true });
  });

  test("values with a comma are not taken for two", () => {
    const rules = [{ id: "a", pool: "p", where: { city: { in: ["Frankfurt, Oder"] }, area: "a, b" } }];
    const routing = routingOf({ rules, pools: [] });
    expect(documentOf(routing).rules).toEqual(rules);
  });
});

test("hours in words", () => {
  expect(hoursInWords(null)).toBe("always");
  const [pool] = routingOf(document).pools;
  expect(hoursInWords(pool?.members[0]?.hours ?? null)).toBe(
    "Mon to Fri 09:00 to 17:00, Europe/Berlin, 1 days off",
  );
});
