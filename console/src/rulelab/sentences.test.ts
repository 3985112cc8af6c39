import { expect, test } from "vitest";
import type { Challenger, Figures, Preview } from "./queries";
import { behindInWords, besides, endings, headline, percent, progress } from "./sentences";

const side = (count: number) => [count === 5 ? "now" : "then", { count }];
const figures = (more: object = {}) =>
  ({
    leads: 200,
    of: 1000,
    moved: { leads: 12, up: 10, down: 2, share: 0.06, interval: [0.034, 0.104] },
    allAlerts: Object.fromEntries([side(5), side(8)]),
    ...more,
  }) as unknown as Figures;
const preview = (more: object = {}) =>
  ({
    status: "running",
    compared: 250,
    sampleComplete: true,
    figures: figures(),
    ...more,
  }) as unknown as Preview;

test("who moves and what fires is one sentence", () => {
  expect(headline(figures())).toBe("Of 200 leads looked at, 10 move up and 2 down. 3 more alerts fire.");
  expect(headline(figures({ leads: 1000 }))).toContain("Of all 1,000 leads");
  expect(headline(figures({ moved: { leads: 0 } }))).toBe(
    "Of 200 leads looked at, none comes into another stage.",
  );
});

test("how those ended that are alerted to on one side only", () => {
  const alerts = (newEnded: object, lostEnded: object = {}) =>
    figures({ allAlerts: { newEnded, lostEnded } });
  expect(endings(alerts({ won: 3, open: 2 }))).toBe(
    "Of 5 leads with an alert that only these rules raise, 3 were won.",
  );
  expect(endings(alerts({}, { lost: 1, won: 1 }))).toBe(
    "Of 2 leads with an alert that only the active rules raise, 1 was won.",
  );
  expect(endings(alerts({}))).toBe("");
});

test("an estimate says how sure it is, and a count of all does not", () => {
  expect(progress(preview())).toContain("between 3.4 % and 10 %");
  expect(progress(preview({ figures: figures({ leads: 1000 }) }))).not.toContain("between");
  expect(progress(preview({ figures: null }))).toBe("The first leads are compared.");
});

test("the leads behind a number are named", () => {
  expect(behindInWords({})).toBe("Leads whose score moves most");
  expect(behindInWords({ before: "warm", after: "hot", ended: "won" })).toBe(
    "Leads that go from warm to hot and ended won",
  );
  expect(behindInWords({ moved: "up" })).toBe("Leads that move up");
});

test("shares below ten have a decimal", () => {
  expect([0, 0.034, 0.1, 1].map(percent)).toEqual(["0 %", "3.4 %", "10 %", "100 %"]);
});

test("a challenger says who would be elsewhere, and what is still to come", () => {
  const challenger = (more: object = {}) =>
    ({
      shadow: { status: "running" },
      leads: 40,
      moved: 3,
      ended: [
        { moved: "up", leads: 2 },
        { moved: "down", leads: 1 },
      ],
      filled: true,
      behind: 0,
      meanDifference: 0,
      ...more,
    }) as unknown as Challenger;
  expect(besides(challenger())).toBe("Of 40 leads, 2 are higher and 1 lower.");
  expect(besides(challenger({ moved: 0, filled: false, behind: 5 }))).toBe(
    "Of 40 leads, none is in another stage. Leads that did nothing since are still to come. 5 events are to be folded.",
  );
  expect(besides(challenger({ meanDifference: 1.24 }))).toContain(" Scores are +1.2 on average.");
  expect(besides(challenger({ leads: 0 }))).toBe("The first leads are folded.");
  expect(besides(challenger({ filled: false, shadow: { status: "ended" } }))).toBe(
    "Of 40 leads, 2 are higher and 1 lower. It follows no more.",
  );
});
